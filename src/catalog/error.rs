use ecow::EcoString;

use crate::types::Type;

/// An error type that a kind may fail with.
#[derive(Debug, Clone)]
pub struct ErrorInfo {
    /// Its name.
    pub name: EcoString,
    /// Whether a retry policy applies to it.
    pub retryable: bool,
    /// What its details are, where that is known.
    pub details: Option<Type>,
    /// When it happens, in one sentence; empty where nobody has said it.
    pub doc: EcoString,
}

impl ErrorInfo {
    /// One that is worth another attempt.
    #[must_use]
    pub fn retryable(name: &str) -> Self {
        Self { name: name.into(), retryable: true, details: None, doc: EcoString::new() }
    }

    /// One that another attempt wouldn't change.
    #[must_use]
    pub fn permanent(name: &str) -> Self {
        Self { name: name.into(), retryable: false, details: None, doc: EcoString::new() }
    }

    /// The same, with details.
    #[must_use]
    pub fn with(self, details: Type) -> Self {
        Self { details: Some(details), ..self }
    }

    /// When it happens.
    #[must_use]
    pub fn when(self, doc: &str) -> Self {
        Self { doc: doc.into(), ..self }
    }
}
