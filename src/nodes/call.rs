use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Progress;
use crate::value::{EcoString, Map, ShapeId, Shapes, Value};

/// One attempt of an activity.
#[derive(Clone, Debug)]
pub struct Call {
    /// The id of the run.
    pub run: EcoString,
    /// The node's path in its run, for messages.
    pub path: EcoString,
    /// What the names of the run's spans are made of: a `traceparent`, or any text that stands for the run.
    pub trace: EcoString,
    /// The node's kind.
    pub kind: EcoString,
    /// The fields of the kind by name, evaluated. Secrets are templates; a form such as `bearer(t)` is
    /// `{ form: "bearer", arguments: [t] }`.
    pub input: Value,
    /// The shapes of the workflow.
    pub shapes: Arc<Shapes>,
    /// The fields that hold a type, such as `response`.
    pub borders: BTreeMap<EcoString, ShapeId>,
    /// What the output is.
    pub output: ShapeId,
    /// The idempotency key, the same on every attempt.
    pub key: EcoString,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// How long it may take.
    pub timeout: Duration,
    /// How long it may go without progress; none where the author doesn't say, or the kind reports none.
    pub heartbeat: Option<Duration>,
    /// Where it tells of its progress, and hears that it is to end.
    pub progress: Progress,
    /// Whether a second execution would do harm.
    pub effect_once: bool,
}

impl Call {
    /// A field of the kind; none where it was not written and has no default.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.input.field(name).and_then(|value| match value {
            Value::Optional(inner) => inner.as_deref(),
            value => Some(value),
        })
    }

    /// A field that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name)? {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// A field that is a whole number, as a size or a count.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<usize> {
        match self.field(name)? {
            Value::Int(count) => usize::try_from(*count).ok(),
            _ => None,
        }
    }
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeError {
    /// The error's name, as the catalogue has it.
    pub name: EcoString,
    /// What happened, in one line.
    pub message: String,
    /// What else is known.
    pub details: Value,
    /// How long the other side asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether it ended before anything can have happened outside.
    pub before_effect: bool,
}

impl NodeError {
    /// An error after which nobody knows what happened outside.
    #[must_use]
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
            details: Value::Null,
            retry_after: None,
            before_effect: false,
        }
    }

    /// The same, before anything can have happened outside.
    #[must_use]
    pub fn before_effect(self) -> Self {
        Self { before_effect: true, ..self }
    }

    /// The same, with details.
    #[must_use]
    pub fn with<const N: usize>(self, details: [(&str, Value); N]) -> Self {
        Self { details: Value::Map(Map::record(details)), ..self }
    }
}
