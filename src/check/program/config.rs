use std::collections::BTreeMap;

use ecow::EcoString;

use super::{ActivityIx, Millis, NodeIx, TimeLimit, WorkflowIx};
use crate::check::typed::ExprId;
use crate::source::Span;
use crate::types::Type;

/// The checked fields of a block, by name. What was not written and has a default in the catalogue is there with it;
/// what has none is absent.
#[derive(Debug, Clone, Default)]
pub struct Config {
    fields: BTreeMap<EcoString, Argument>,
    /// Where they were written; also of those whose value is in error.
    spans: BTreeMap<EcoString, Span>,
    /// A field is unknown or did not parse: nothing is to be said of what seems to be missing.
    doubtful: bool,
}

/// What a field holds.
#[derive(Debug, Clone)]
pub enum Argument {
    /// A value, evaluated when the node starts.
    Expr(ExprId),
    /// The same where the text is an address: what is interpolated behind its host is one segment or one value.
    Address(ExprId),
    /// One of the words that the field knows, or a bare name such as a signal's.
    Word(EcoString),
    /// A text that must be literal.
    Text(EcoString),
    /// A span of time that must be known before a run.
    Millis(Millis),
    /// A whole number that must be known before a run.
    Int(i64),
    /// Yes or no, known before a run.
    Bool(bool),
    /// A number that must be known before a run.
    Double(f64),
    /// What crosses a border there.
    Type(Type),
    /// An error value: `OutOfStock { sku: x }`, `HttpServerError("text")`.
    Error {
        /// Its name.
        name: EcoString,
        /// Its details, a record.
        details: Option<ExprId>,
        /// Its message.
        message: Option<ExprId>,
    },
    /// A retry policy, a breaker or a limit, by its index in the program's table.
    Policy {
        /// Which.
        index: usize,
        /// What tells one circuit or count from another.
        key: Option<ExprId>,
    },
    /// A form such as `bearer(t)`.
    Form {
        /// Its name.
        name: EcoString,
        /// Its arguments, in order.
        arguments: Vec<Argument>,
    },
    /// A nested block.
    Fields(Config),
    /// Several, in order.
    List(Vec<Argument>),
    /// Named arguments in source order, where order counts (`cases`).
    Cases(Vec<(EcoString, Argument)>),
    /// Names of errors.
    Errors(Vec<EcoString>),
    /// A node of the same workflow.
    Node(NodeIx),
    /// A workflow.
    Workflow(WorkflowIx),
    /// A remote activity.
    Activity(ActivityIx),
    /// A tool of a plugin, `plugin.tool`.
    Tool(EcoString),
}

impl Config {
    /// Sets a field that was written at `span`.
    pub fn set(&mut self, name: impl Into<EcoString>, argument: Argument, span: Span) {
        let name = name.into();
        self.spans.insert(name.clone(), span);
        self.fields.insert(name, argument);
    }

    /// Sets a field that was not written.
    pub fn set_default(&mut self, name: impl Into<EcoString>, argument: Argument) {
        self.fields.insert(name.into(), argument);
    }

    /// Notes that a field was written whose value is in error.
    pub fn mark(&mut self, name: impl Into<EcoString>, span: Span) {
        self.spans.insert(name.into(), span);
    }

    /// Notes that a field is unknown or did not parse.
    pub fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Whether a field is unknown or did not parse, so that what seems to be missing may be there.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Whether a field that holds nothing may be meant to hold something: it is in error, or another one is unknown.
    #[must_use]
    pub fn is_open(&self, name: &str) -> bool {
        self.get(name).is_none() && (self.doubtful || self.spans.contains_key(name))
    }

    /// Leaves a field out; its place stays known.
    pub fn remove(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// A field, where it is written or has a default.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Argument> {
        self.fields.get(name)
    }

    /// Where a field was written.
    #[must_use]
    pub fn span(&self, name: &str) -> Option<Span> {
        self.spans.get(name).copied()
    }

    /// A field's expression.
    #[must_use]
    pub fn expr(&self, name: &str) -> Option<ExprId> {
        match self.get(name)? {
            Argument::Expr(expr) | Argument::Address(expr) => Some(*expr),
            _ => None,
        }
    }

    /// A field's word or literal text.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&EcoString> {
        match self.get(name)? {
            Argument::Word(text) | Argument::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A field's whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Argument::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// A field's whole number, where it is a count of something.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u32> {
        self.int(name).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// A field's number.
    #[must_use]
    pub fn double(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Argument::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// A field's span of time.
    #[must_use]
    pub fn millis(&self, name: &str) -> Option<Millis> {
        match self.get(name)? {
            Argument::Millis(span) => Some(*span),
            _ => None,
        }
    }

    /// How long something may take.
    #[must_use]
    pub fn time_limit(&self, name: &str) -> Option<TimeLimit> {
        match self.get(name)? {
            Argument::Millis(span) => Some(TimeLimit::Fixed(*span)),
            Argument::Expr(expr) => Some(TimeLimit::Computed(*expr)),
            _ => None,
        }
    }

    /// Whether a field is a literal `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Argument::Bool(true)))
    }

    /// A field's type.
    #[must_use]
    pub fn ty(&self, name: &str) -> Option<&Type> {
        match self.get(name)? {
            Argument::Type(ty) => Some(ty),
            _ => None,
        }
    }

    /// A field's nested block.
    #[must_use]
    pub fn fields(&self, name: &str) -> Option<&Config> {
        match self.get(name)? {
            Argument::Fields(config) => Some(config),
            _ => None,
        }
    }

    /// A field's cases, in order.
    #[must_use]
    pub fn cases(&self, name: &str) -> Option<&[(EcoString, Argument)]> {
        match self.get(name)? {
            Argument::Cases(cases) => Some(cases),
            _ => None,
        }
    }

    /// All fields, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&EcoString, &Argument)> {
        self.fields.iter()
    }

    /// All places, by name.
    pub fn spans(&self) -> impl Iterator<Item = (&EcoString, Span)> {
        self.spans.iter().map(|(name, span)| (name, *span))
    }
}
