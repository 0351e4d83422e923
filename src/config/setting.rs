use super::source::Source;

/// A value, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Who gave it.
    pub source: Source,
}

impl<T> Setting<T> {
    /// One that nobody has given.
    pub(super) fn default(value: T) -> Self {
        Self { value, source: Source::Default }
    }

    pub(super) fn set(&mut self, value: T, source: Source) {
        *self = Self { value, source };
    }
}
