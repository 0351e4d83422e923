use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NodeId;

/// Nodes that are decided together: a workflow's own, or those of a loop's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// Its first node; its nodes stand side by side, in source order, which orders starts.
    pub first: NodeId,
    /// How many there are.
    pub count: u32,
    /// Its connections, ordered by source, then by what they wait for, then by target.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Edge>,
}

impl Graph {
    /// The positions of its nodes in the workflow's table.
    #[must_use]
    pub fn nodes(&self) -> std::ops::Range<usize> {
        let first = self.first.index();
        first..first.saturating_add(self.count as usize)
    }
}

/// A connection. It is taken when its source ends as `on` says, and not taken when the source ends otherwise or is
/// skipped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Where it comes from; absent for `start`, which is taken at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NodeId>,
    /// Which outcome of the source takes it.
    pub on: Outcome,
    /// The node that it leads to.
    pub to: NodeId,
}

/// An outcome that takes a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The run, or the iteration, has started: the only one without a source.
    Start,
    /// The source ended on this of its ports, by position in [`Node::ports`](super::Node::ports).
    Port(u32),
    /// The source failed with one of these errors, in the order of their names.
    Errors(Vec<String>),
    /// The source failed with an error that no other connection of it names.
    OtherErrors,
}

/// How many incoming connections a node waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// All must be decided, and one be taken.
    All,
    /// All must be taken.
    Every,
    /// So many must be taken; the other sources go on.
    AtLeast(u32),
    /// So many must be taken; what still runs only on the way here is cancelled.
    First(u32),
}
