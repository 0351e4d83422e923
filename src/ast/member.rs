use ecow::EcoString;

use super::{ExprId, Name, Param, TypeId};
use crate::source::Span;

/// `{ … }` of fields.
#[derive(Debug, Clone)]
pub struct Block {
    /// What stands in it, in order, repetitions included.
    pub fields: Vec<Field>,
    /// From `{` to `}`.
    pub span: Span,
    /// A member of it did not parse (reported): nothing is to be said of what seems to be missing.
    pub incomplete: bool,
}

impl Block {
    /// The first field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name.text == name)
    }
}

/// `name: value` or `name { … }`.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: Name,
    /// What it is set to.
    pub value: FieldValue,
    /// The whole.
    pub span: Span,
}

/// The forms of a field. The grammar chooses by the field's name and by colon or brace; whether the form fits the
/// field is for `check` to say.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// `name: expression`. Choices and references are expressions too (a lone name, a call, a record).
    Expr(ExprId),
    /// `response: T`, `rows: T`, `payload: T`, `returns: T`; `input: T` of an activity, `body: T` of a trigger.
    Type(TypeId),
    /// `name { field: …, … }`
    Block(Block),
    /// `input { x: T = d }`, `state { … }`
    Params {
        /// Its parameters.
        params: Vec<Param>,
        /// From `{` to `}`.
        span: Span,
        /// A member did not parse (reported).
        incomplete: bool,
    },
    /// `body { … }` of a loop.
    Body(Body),
    /// The value did not parse; it has been reported.
    Bad,
}

/// `{ … }` of nodes and chains: a workflow's, or a loop's body.
#[derive(Debug, Clone)]
pub struct Body {
    /// In source order.
    pub members: Vec<Member>,
    /// From `{` to `}`.
    pub span: Span,
    /// A member of it did not parse (reported).
    pub incomplete: bool,
}

/// What stands in a workflow or in a loop's body.
#[derive(Debug, Clone)]
pub enum Member {
    /// `timeout: 30m`, `input { … }`
    Field(Field),
    /// `node x: kind { … }`
    Node(Node),
    /// `a -> b.error(Timeout) -> c`
    Chain(Chain),
}

/// `node name: kind { … }`
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name.
    pub name: Name,
    /// `http_request`, or `plugin.tool` as two names.
    pub kind: Vec<Name>,
    /// Its configuration.
    pub block: Block,
    /// The whole.
    pub span: Span,
    /// The `///` lines above it.
    pub doc: Option<EcoString>,
}

/// `stop -> stop -> …`, two stops at least.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Its stops.
    pub stops: Vec<Stop>,
    /// The whole.
    pub span: Span,
}

/// One stop of a chain: an end, or a group of them in brackets.
#[derive(Debug, Clone)]
pub struct Stop {
    /// One, or several for a group.
    pub ends: Vec<End>,
    /// The whole, brackets included.
    pub span: Span,
}

/// `node`, `node.port`, or `start`.
#[derive(Debug, Clone)]
pub struct End {
    /// The node.
    pub node: Name,
    /// The port, where one is written.
    pub port: Option<Port>,
    /// The whole.
    pub span: Span,
}

/// A port as written after a node in a chain.
#[derive(Debug, Clone)]
pub enum Port {
    /// `ok`, `true`, `approved`, a case
    Named(Name),
    /// `error` (no types: all that no other names), `error(Timeout, RateLimited)`
    Error {
        /// The errors that it takes; empty for `error` alone.
        types: Vec<Name>,
        /// From `error` to the closing parenthesis.
        span: Span,
    },
}
