use super::ExprId;
use crate::ast::Id;
use crate::check::program::NodeIx;
use crate::source::Span;

/// A place where something of a node is read, for the analysis of the flow to allow or refuse.
#[derive(Debug, Clone)]
pub struct NodeRead {
    /// The node.
    pub node: NodeIx,
    /// What of it.
    pub form: ReadForm,
    /// The node's name there.
    pub span: Span,
    /// The whole selection, `s.x` or `s.?x`; the name alone where nothing is selected.
    pub selection: Span,
    /// What is known to hold there.
    pub given: Option<AssumptionId>,
}

/// What of a node is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadForm {
    /// `s.x`: it must have succeeded.
    Output,
    /// `s.?x`, `s.hasValue()` and the like.
    MaybeOutput,
    /// `s.error`: it must have failed.
    Error,
    /// `s.?error`
    MaybeError,
}

/// A `.value()` that needs the proof that there is one.
#[derive(Debug, Clone)]
pub struct Proof {
    /// It is enough that one of these has succeeded.
    pub nodes: Vec<NodeIx>,
    /// It is enough that one of these holds: `x.hasValue()` of optionals that don't hang on a node alone.
    pub asks: Vec<ExprId>,
    /// The call.
    pub span: Span,
    /// What is known to hold there.
    pub given: Option<AssumptionId>,
}

/// An assumption, by its place in [`Exprs`](super::Exprs).
pub type AssumptionId = Id<Assumption>;

/// What a branch of `?:` or an operand of `&&` and `||` may rely on.
#[derive(Debug, Clone)]
pub struct Assumption {
    /// A condition.
    pub condition: ExprId,
    /// Whether it is true or false here.
    pub holds: bool,
    /// What else is known: all of the chain holds.
    pub outer: Option<AssumptionId>,
}

/// How many reads and proofs there were at a moment: those of one expression are the ones that come after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    pub(super) reads: usize,
    pub(super) proofs: usize,
}

/// The node that an optional hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeBehind {
    /// The node: it has succeeded if the optional has a value.
    pub index: NodeIx,
    /// The optional has a value if the node has succeeded, too.
    pub is_all: bool,
}
