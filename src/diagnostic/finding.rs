use std::fmt;

use crate::source::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file is not accepted.
    Error,
    /// Accepted, but surely not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// A second place that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The place; it may be in another file.
    pub span: Span,
    /// What is there, in a few words.
    pub text: String,
}

/// Text to put in place of a span.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// What to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A change that mends a finding and is safe to apply without a look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fix {
    /// What it does, in the imperative: "write `10s`".
    pub title: String,
    /// Edits that don't overlap.
    pub edits: Vec<Edit>,
}

/// One mistake, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it is.
    pub span: Span,
    /// How bad.
    pub severity: Severity,
    /// Its stable name; `citadel explain` has a page on it.
    pub code: String,
    /// One sentence, lowercase, without a final period.
    pub message: String,
    /// What the primary place is, where the message alone doesn't say.
    pub label: Option<String>,
    /// Other places.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Changes that mend it.
    pub fixes: Vec<Fix>,
    /// What else is found in this place follows from it, and isn't said.
    pub covers: Option<Span>,
}

impl Finding {
    /// What a stage's error says, at a place. Code, severity and help come from the error.
    #[must_use]
    pub fn new(span: Span, error: impl miette::Diagnostic) -> Self {
        Self {
            span,
            severity: match error.severity() {
                Some(miette::Severity::Warning) => Severity::Warning,
                Some(miette::Severity::Advice) => Severity::Note,
                Some(miette::Severity::Error) | None => Severity::Error,
            },
            code: error.code().map(|code| code.to_string()).unwrap_or_default(),
            message: error.to_string(),
            label: None,
            labels: Vec::new(),
            help: error.help().map(|help| help.to_string()),
            fixes: Vec::new(),
            covers: None,
        }
    }

    /// Says what the primary place is.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Says that what else is found in a place follows from this.
    #[must_use]
    pub fn covering(mut self, span: Span) -> Self {
        self.covers = Some(span);
        self
    }

    /// Whether it follows from one at `by` that covers it. Of two that cover each other the first is told.
    pub(super) fn gives_way_to(&self, by: Span) -> bool {
        match self.covers {
            Some(cover) if cover.contains(by) => by < self.span,
            _ => true,
        }
    }

    /// Points at another place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a safe fix of one edit.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits: vec![Edit { span, text: text.into() }] });
        self
    }

    /// What its fix would write in its place.
    #[must_use]
    pub fn replacement(&self) -> Option<&str> {
        let [Fix { edits, .. }] = self.fixes.as_slice() else { return None };
        let [edit] = edits.as_slice() else { return None };
        (edit.span == self.span).then_some(edit.text.as_str())
    }
}
