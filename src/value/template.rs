use ecow::{EcoString, EcoVec};

/// A piece of a [`Template`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Text as it is.
    Text(EcoString),
    /// The value of the secret of this name.
    Secret(EcoString),
}

/// Text that holds references to secrets. It is filled on the worker that executes the node, never before.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Template {
    parts: EcoVec<Part>,
}

impl Template {
    /// The text of one secret alone.
    #[must_use]
    pub fn secret(name: impl Into<EcoString>) -> Self {
        Self { parts: EcoVec::from([Part::Secret(name.into())]) }
    }

    /// Its pieces, in order. No two texts stand side by side.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Puts `text` at the end.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.make_mut().last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.into())),
        }
    }

    /// Puts the pieces of `other` at the end.
    pub fn append(&mut self, other: &Self) {
        for part in &other.parts {
            match part {
                Part::Text(text) => self.push_text(text),
                Part::Secret(_) => self.parts.push(part.clone()),
            }
        }
    }

    /// The bytes that its pieces hold, secrets counted by their names.
    #[must_use]
    pub fn size(&self) -> usize {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Secret(text) => text.len(),
            })
            .sum()
    }
}
