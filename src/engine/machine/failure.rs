use serde::{Deserialize, Serialize};

use crate::engine::EvalError;
use crate::plan::CodeId;
use crate::value::{EcoString, Map, Value, eco_format};

/// Why a node, an iteration or a run failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The error's name.
    #[serde(rename = "type")]
    pub error: EcoString,
    /// What happened, in one line.
    pub message: EcoString,
    /// The path of the node that failed; empty where the run did.
    pub node: EcoString,
    /// How many attempts were made.
    pub attempts: u32,
    /// What else is known.
    #[serde(default = "null", skip_serializing_if = "is_null")]
    pub details: Value,
    /// The expression at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeId>,
}

fn null() -> Value {
    Value::Null
}

fn is_null(value: &Value) -> bool {
    matches!(value, Value::Null)
}

impl Failure {
    /// A failure that isn't a node's yet.
    #[must_use]
    pub fn new(error: impl Into<EcoString>, message: impl Into<EcoString>) -> Self {
        Self {
            error: error.into(),
            message: message.into(),
            node: EcoString::new(),
            attempts: 1,
            details: Value::Null,
            code: None,
        }
    }

    /// The failure of an expression.
    #[must_use]
    pub fn of_expression(error: &EvalError, code: CodeId) -> Self {
        let name = if error.is_budget() { "ExpressionBudget" } else { "ExpressionError" };
        let reason = eco_format!("{error}");
        let details = Value::Map(Map::record([("reason", Value::String(reason.clone()))]));
        Self { details, code: Some(code), ..Self::new(name, reason) }
    }

    /// The same, of the node at `path`, unless it is another's already.
    #[must_use]
    pub fn at(mut self, path: &EcoString) -> Self {
        if self.node.is_empty() {
            self.node = path.clone();
        }
        self
    }

    /// `{ node, type, message, attempts, details }`, as `error` is in expressions.
    #[must_use]
    pub fn value(&self) -> Value {
        Value::Map(Map::record([
            ("node", Value::String(self.node.clone())),
            ("type", Value::String(self.error.clone())),
            ("message", Value::String(self.message.clone())),
            ("attempts", Value::Int(i64::from(self.attempts))),
            ("details", self.details.clone()),
        ]))
    }

    /// A failure from what an expression made of one.
    pub(super) fn from_value(value: &Value) -> Self {
        let text = |name: &str| match value.field(name) {
            Some(Value::String(text)) => text.clone(),
            _ => EcoString::new(),
        };
        let attempts = match value.field("attempts") {
            Some(Value::Int(count)) => u32::try_from(*count).unwrap_or(u32::MAX),
            _ => 1,
        };
        let details = value.field("details").cloned().unwrap_or(Value::Null);
        Self { attempts, details, node: text("node"), ..Self::new(text("type"), text("message")) }
    }

    /// What is told of it in lists.
    #[must_use]
    pub fn listed(&self) -> Listed {
        Listed { node: self.node.clone(), error: self.error.clone(), message: self.message.clone() }
    }
}

/// A failure that didn't decide how the run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The path of the node.
    pub node: EcoString,
    /// The error's name.
    #[serde(rename = "type")]
    pub error: EcoString,
    /// What happened.
    pub message: EcoString,
}

impl Listed {
    /// The same, of a child whose node has this path.
    pub(super) fn of_child(&self, path: &EcoString) -> Self {
        Self { node: eco_format!("{path}/{}", self.node), ..self.clone() }
    }

    fn value(&self) -> Value {
        Value::Map(Map::record([
            ("node", Value::String(self.node.clone())),
            ("type", Value::String(self.error.clone())),
            ("message", Value::String(self.message.clone())),
        ]))
    }
}

/// Why a run failed, and what it leaves behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFailure {
    /// What stopped the run.
    pub cause: Failure,
    /// Paths of nodes of which nobody knows whether they took effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_effects: Vec<EcoString>,
    /// What else failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Listed>,
}

impl RunFailure {
    /// `failure` in expressions: the cause's fields, `unknown_effects` and `failures`.
    #[must_use]
    pub fn value(&self) -> Value {
        let Value::Map(mut record) = self.cause.value() else { return Value::Null };
        let effects = self.unknown_effects.iter().map(|path| Value::String(path.clone())).collect();
        record.insert("unknown_effects".into(), effects);
        record.insert("failures".into(), self.failures.iter().map(Listed::value).collect());
        Value::Map(record)
    }
}
