use ecow::EcoString;

use super::{ErrorType, Node, OnError, Retry, TimeLimit};
use crate::check::typed::ExprId;
use crate::source::Span;
use crate::types::Type;

/// A workflow, by its index in [`Program::workflows`](super::Program::workflows).
pub type WorkflowIx = usize;
/// A node, by its index in [`Workflow::nodes`].
pub type NodeIx = usize;
/// A graph, by its index in [`Workflow::graphs`]; 0 is the workflow's own.
pub type GraphIx = usize;

/// A workflow: tables that refer to each other by index.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Its name as declared.
    pub name: EcoString,
    /// Where its name is declared.
    pub span: Span,
    /// What it is called for people.
    pub title: Option<EcoString>,
    /// What it is for: `description`, else the `///` lines above it.
    pub description: Option<EcoString>,
    /// A run's id, where one is given.
    pub id: Option<ExprId>,
    /// Whether a second start with the same id gets the run that exists; else it is refused.
    pub return_existing: bool,
    /// What a run is started with, in source order.
    pub input: Vec<Input>,
    /// The input as a record.
    pub input_type: Type,
    /// What a run gives, in source order; empty for `{}`.
    pub output: Vec<(EcoString, ExprId)>,
    /// The output as a record.
    pub output_type: Type,
    /// The errors that a run may fail with as a child, `ChildFailed` apart: those of its `fail` nodes and those that
    /// stop it. Sorted by name.
    pub errors: Vec<ErrorType>,
    /// How long a run may take.
    pub timeout: Option<TimeLimit>,
    /// How many activities and children there may be at once; `None` for any number.
    pub parallelism: Option<u32>,
    /// How many activities there may be at once.
    pub max_concurrent: u32,
    /// What holds for nodes that say nothing else.
    pub on_error: OnError,
    /// The policy of activities that have none of their own, where one is given.
    pub retry: Option<Retry>,
    /// Across runs.
    pub concurrency: Option<Concurrency>,
    /// The task queue that serves it.
    pub task_queue: Option<EcoString>,
    /// The node that runs when a run has failed.
    pub on_failure: Option<NodeIx>,
    /// The node that runs when a run has ended.
    pub finally: Option<NodeIx>,
    /// All nodes, those of bodies among them; a graph's stand in source order.
    pub nodes: Vec<Node>,
    /// Its own graph, then the bodies of its loops.
    pub graphs: Vec<Graph>,
}

/// A member of the input.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its name.
    pub name: EcoString,
    /// What it is.
    pub ty: Type,
    /// What it is where nothing is given.
    pub default: Option<ExprId>,
    /// The `///` lines above it.
    pub doc: Option<EcoString>,
}

/// Nodes that are decided together.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// The loop that it is the body of.
    pub owner: Option<NodeIx>,
    /// In source order.
    pub nodes: Vec<NodeIx>,
    /// In source order.
    pub edges: Vec<Edge>,
}

/// A connection.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Where it comes from; `None` for `start`.
    pub from: Option<NodeIx>,
    /// Which outcome of the source takes it.
    pub on: Outcome,
    /// The node that it leads to.
    pub to: NodeIx,
    /// Where it is written: its source and target.
    pub span: Span,
}

/// An outcome that takes a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The start of the run or iteration.
    Start,
    /// A port, by its index in [`Node::ports`]; `ok` is the only one of most kinds.
    Port(usize),
    /// One of these errors.
    Errors(Vec<EcoString>),
    /// An error that no other connection of the source names.
    OtherErrors,
}

/// How many runs there may be for one key.
#[derive(Debug, Clone)]
pub struct Concurrency {
    /// What they share; `None` where all runs do.
    pub key: Option<ExprId>,
    /// How many.
    pub limit: u32,
    /// `queue`, `cancel_running` or `reject`.
    pub then: EcoString,
}
