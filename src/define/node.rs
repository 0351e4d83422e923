use std::time::Duration;

use super::{Field, expr, word};

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    pub(super) name: String,
    kind: String,
    fields: Vec<(String, String)>,
}

impl Node {
    /// A node of a kind: one of the standard ones, or one that the program adds.
    #[must_use]
    pub fn new(name: &str, kind: &str) -> Self {
        Self { name: name.to_owned(), kind: kind.to_owned(), fields: Vec::new() }
    }

    /// One HTTP request.
    #[must_use]
    pub fn http_request(name: &str, url: impl Into<Field>) -> Self {
        Self::new(name, "http_request").set("url", url)
    }

    /// A choice between the ports `true` and `false`.
    #[must_use]
    pub fn condition(name: &str, when: &str) -> Self {
        Self::new(name, "condition").set("when", expr(when))
    }

    /// A value with a name.
    #[must_use]
    pub fn data_transformer(name: &str, value: &str) -> Self {
        Self::new(name, "data_transformer").set("value", expr(value))
    }

    /// A wait.
    #[must_use]
    pub fn delay(name: &str, time: Duration) -> Self {
        Self::new(name, "delay").set("for", time)
    }

    /// Sets a field of the node's kind.
    #[must_use]
    pub fn set(mut self, field: &str, value: impl Into<Field>) -> Self {
        self.fields.push((field.to_owned(), value.into().0));
        self
    }

    /// How often it is tried.
    #[must_use]
    pub fn retry_attempts(self, attempts: u32) -> Self {
        self.set("retry_attempts", i64::from(attempts))
    }

    /// How long an attempt may take.
    #[must_use]
    pub fn timeout(self, time: Duration) -> Self {
        self.set("timeout", time)
    }

    /// What an answer's body is.
    #[must_use]
    pub fn response(self, ty: &str) -> Self {
        self.set("response", expr(ty))
    }

    /// The node that undoes it.
    #[must_use]
    pub fn compensate(self, undo: &str) -> Self {
        self.set("compensate", word(undo))
    }

    /// As it stands in a file.
    pub(super) fn text(&self) -> String {
        let Self { name, kind, fields } = self;
        let fields: String = fields.iter().map(|(field, value)| format!("    {field}: {value}\n")).collect();
        format!("  node {name}: {kind} {{\n{fields}  }}\n")
    }
}
