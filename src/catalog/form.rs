use ecow::EcoString;

use super::Block;
use crate::types::Type;

/// What a field takes.
#[derive(Debug, Clone)]
pub enum Form {
    /// A value of a type, evaluated when the block is used.
    Value(Type),
    /// A value of one of several types.
    OneOf(Vec<Type>),
    /// A value of any type that the border it crosses can carry.
    Any,
    /// A map whose values are each of one of these types or an optional of it; of any type where there are none.
    Entries(Vec<Type>),
    /// What the node's output is, of which fields may be missing.
    Fallback,
    /// The input of what another field names.
    InputOf(EcoString),
    /// A value that must be known before a run: a literal, or a constant that is one.
    Known(Known),
    /// How long something may take: a duration, which is checked here where it is known.
    TimeLimit,
    /// A literal text, never interpolated, and why.
    Literal(&'static str),
    /// One of some words.
    Choice(Vec<EcoString>),
    /// A bare name: a signal's.
    Word,
    /// The name of something that is declared.
    Reference(Reference),
    /// A list of error names.
    ErrorNames,
    /// `OutOfStock { order: x }`, `HttpServerError("text")`
    ErrorValue,
    /// `x.error`
    NodeError,
    /// `all`, `every`, `any`, `2`, `first`, `first(2)`
    Join,
    /// A call of one of some forms: `bearer(t)`.
    Call(Vec<Signature>),
    /// HTTP statuses and classes: `[404, "2xx"]`.
    Statuses,
    /// Names of plugin tools and workflows.
    Tools,
    /// A type.
    Type,
    /// `name { … }` with fields of its own.
    Block(Block),
    /// `name { a: …, b: … }` with names that the author chooses.
    Cases(CaseValue),
    /// `name { x: T = d }`
    Params,
    /// `body { … }` of nodes and connections.
    Body,
}

impl Form {
    /// One of these words.
    #[must_use]
    pub fn choice(words: &[&str]) -> Self {
        Self::Choice(words.iter().copied().map(EcoString::from).collect())
    }

    /// Whether it is a choice with this word.
    #[must_use]
    pub fn has_word(&self, word: &str) -> bool {
        matches!(self, Self::Choice(words) if words.iter().any(|known| known == word))
    }
}

/// What a value is that must be known before a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A duration longer than nothing.
    Duration,
    /// A whole number, at least this.
    Int {
        /// The least.
        least: i64,
    },
    /// A number, at least this.
    Double {
        /// The least.
        least: i64,
    },
    /// `true` or `false`.
    Bool,
    /// A text.
    Text,
}

/// What a reference may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A retry policy, or `none`.
    Retry,
    /// A breaker, also `payments(key)`.
    Breaker,
    /// A limit, also `shipping(key)`.
    Limit,
    /// A node of the same graph.
    Node,
    /// A workflow.
    Workflow,
    /// A remote activity.
    Activity,
}

/// What stands behind the names of `cases`.
#[derive(Debug, Clone)]
pub enum CaseValue {
    /// A port and its condition: `urgent: x > 3`.
    Condition,
    /// An error's name and a block.
    Error(Block),
    /// A name and any value (`next { cursor: … }`, `output { … }`).
    Value,
}

/// A form that looks like a call.
#[derive(Debug, Clone)]
pub struct Signature {
    /// Its name.
    pub name: EcoString,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// How many of them must be given.
    pub required: usize,
}

/// A parameter of a [`Signature`].
#[derive(Debug, Clone)]
pub struct Parameter {
    /// What it is called.
    pub name: EcoString,
    /// What it takes.
    pub ty: Type,
    /// Whether a secret may stand there.
    pub secrecy: Secrecy,
}

/// Whether a field or a parameter takes secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// A secret there would be written down.
    Refused,
    /// A secret or a plain text, such as a user's name.
    Allowed,
    /// A secret: a plain literal there is suspicious.
    Expected,
    /// A secret, or an address without a password in it: a literal with one is suspicious.
    ExpectedInAddress,
}

impl Signature {
    /// A form whose parameters are all required; those whose names begin with `*` want a secret, those with `~` take
    /// one.
    #[must_use]
    pub fn new(name: &str, parameters: &[&str]) -> Self {
        let parameters: Vec<_> = parameters.iter().map(|name| Parameter::text(name)).collect();
        Self { name: name.into(), required: parameters.len(), parameters }
    }

    /// The same, with a last parameter that may be left out.
    #[must_use]
    pub fn optional(mut self, name: &str, ty: Type) -> Self {
        self.parameters.push(Parameter { name: name.into(), ty, secrecy: Secrecy::Refused });
        self
    }

    /// As it is written, with the parameters' names.
    #[must_use]
    pub fn pattern(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        format!("{}({})", self.name, names.join(", "))
    }
}

impl Parameter {
    fn text(name: &str) -> Self {
        let (name, secrecy) = match name.split_at(1) {
            ("*", name) => (name, Secrecy::Expected),
            ("~", name) => (name, Secrecy::Allowed),
            _ => (name, Secrecy::Refused),
        };
        Self { name: name.into(), ty: Type::String, secrecy }
    }
}
