use thiserror::Error;

use super::expr::Defect;
use crate::value::ShapeError;

/// Why a document is no plan that an engine may run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Error {
    /// No JSON, or not the form of a plan.
    #[error("this is not a plan: {reason}")]
    Malformed {
        /// What doesn't fit, with its line and column.
        reason: String,
    },
    /// The document's version is not one that this program reads.
    #[error("the plan has version {found}, and this program reads version {known}")]
    UnknownVersion {
        /// The version that it needs.
        found: u64,
        /// The version that there is.
        known: u32,
    },
    /// The program's semantics are not among those that this program implements.
    #[error("the plan needs version {found} of the semantics, and this program has those up to {known}")]
    UnknownSemantics {
        /// The version that it needs.
        found: u64,
        /// The newest version that there is.
        known: u32,
    },
    /// The program was changed after it was hashed.
    #[error("the plan's hash is `{stated}`, but its program has the hash `{actual}`")]
    HashMismatch {
        /// What the document says.
        stated: String,
        /// What the program gives.
        actual: String,
    },
    /// The program contradicts itself.
    #[error("{place} {fault}")]
    Invalid {
        /// Where.
        place: Box<Location>,
        /// What.
        fault: Fault,
    },
}

/// A part of a program, as an error names it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Location {
    /// The document as a whole.
    #[error("the plan")]
    Plan,
    /// A workflow.
    #[error("workflow `{0}`")]
    Workflow(String),
    /// A node of a workflow.
    #[error("node `{node}` of workflow `{workflow}`")]
    Node {
        /// The workflow's name.
        workflow: String,
        /// The node's name.
        node: String,
    },
    /// An expression of a workflow.
    #[error("expression {expr} of workflow `{workflow}`")]
    Expr {
        /// The workflow's name.
        workflow: String,
        /// Its place in the table.
        expr: usize,
    },
}

/// What contradicts what, said after its [`Location`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// A reference leads nowhere.
    #[error("refers to {table} {index}, and there are {count}")]
    OutOfRange {
        /// What it refers to.
        table: &'static str,
        /// Which.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// Something that must be there once is missing.
    #[error("has no {what}")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// A table that is ordered, and has no entry twice, is not or has.
    #[error("has {table} that are not in order, or twice the same")]
    Unordered {
        /// Which.
        table: &'static str,
    },
    /// A table that must tell its entries apart by name doesn't.
    #[error("has two {table} of one name")]
    Twice {
        /// Which.
        table: &'static str,
    },
    /// A workflow stands in the plan that nothing leads to.
    #[error("is called by none before it")]
    Unreached,
    /// The graphs don't divide the nodes among them.
    #[error("has graphs that don't share out its nodes")]
    Partition,
    /// A body belongs to no loop, to several, or to one that stands in it.
    #[error("has a body that is not of one loop around it")]
    Ownership,
    /// A connection joins nodes of two graphs.
    #[error("has a connection that leaves its graph")]
    LeavesGraph,
    /// A connection closes a cycle.
    #[error("stands in a cycle of connections")]
    Cycle,
    /// A connection has a source and waits for the start, or neither.
    #[error("has a connection whose source and outcome don't fit each other")]
    Source,
    /// An error that the source can't fail with.
    #[error("has a connection for the error `{error}`, which it can't fail with")]
    ForeignError {
        /// Its name.
        error: String,
    },
    /// A join that can never be met, or that waits for nothing.
    #[error("joins {needed} connections, and {count} lead to it")]
    Join {
        /// How many it wants.
        needed: u32,
        /// How many there are.
        count: usize,
    },
    /// A node that runs only when it is asked has connections.
    #[error("has connections, and runs only when the run stops")]
    Connected,
    /// `compensate` and the undo don't name each other, or `on_failure` and `finally` name a step.
    #[error("is named for a part that it doesn't play")]
    Role,
    /// A number is out of its bounds.
    #[error("has {what} out of bounds")]
    Bounds {
        /// Which.
        what: &'static str,
    },
    /// Its shapes don't hold together.
    #[error("has shapes that don't hold together: {0}")]
    Shapes(ShapeError),
    /// An expression that stands in two places.
    #[error("stands in two places")]
    Shared,
    /// An expression that stands nowhere.
    #[error("stands nowhere")]
    Unused,
    /// An expression that reads what isn't there where it stands.
    #[error("reads `{variable}`, which isn't there")]
    Invisible {
        /// What it reads, as the plan has it.
        variable: String,
    },
    /// An expression that was never checked.
    #[error("was never checked: {0}")]
    Defect(Defect),
    /// The debug part doesn't describe this program.
    #[error("has a `debug` part that describes another program")]
    Debug,
}
