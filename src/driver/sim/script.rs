use serde_json::Value as Json;

use crate::engine::machine::{Failure, Moment};
use crate::plan::{Node, Workflow, WorkflowId};
use crate::value::{EcoString, Value};

/// One attempt of an activity, one start of a child, or one wait for a signal.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The workflow.
    pub workflow: &'a Workflow,
    /// The node.
    pub node: &'a Node,
    /// Its path in the outermost run.
    pub path: &'a EcoString,
    /// The fields of its kind; of a child its input.
    pub input: &'a Value,
    /// The workflows of the runs that the path leads through, the outermost first, its own last.
    pub lineage: &'a [WorkflowId],
    /// Its number, from 1.
    pub number: u32,
    /// How long it may take, in milliseconds, where that is bounded.
    pub timeout: Option<u64>,
    /// When it starts.
    pub now: Moment,
}

/// What an attempt comes to.
#[derive(Clone, Debug)]
pub struct Reply {
    /// After how many milliseconds.
    pub after: u64,
    /// The output, or why there is none.
    pub result: Result<Value, Failure>,
    /// How long the other side asks to wait before another attempt, in milliseconds.
    pub retry_after: Option<u64>,
    /// Whether it ended before anything can have happened outside.
    pub is_before_effect: bool,
}

impl Reply {
    /// An output, at once.
    #[must_use]
    pub fn output(output: Value) -> Self {
        Self { after: 0, result: Ok(output), retry_after: None, is_before_effect: false }
    }

    /// A failure, at once.
    #[must_use]
    pub fn failure(failure: Failure) -> Self {
        Self { after: 0, result: Err(failure), retry_after: None, is_before_effect: false }
    }

    /// The same, so many milliseconds later.
    #[must_use]
    pub fn after(self, millis: u64) -> Self {
        Self { after: millis, ..self }
    }
}

/// Says what happens outside of a simulated run.
pub trait Script {
    /// What an attempt of an activity comes to.
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply;

    /// What a child comes to that isn't run; none where it is.
    fn child(&mut self, attempt: &Attempt<'_>) -> Option<Reply> {
        let _ = attempt;
        None
    }

    /// What comes with the signal that a node has begun to wait for, and that is sent at once; none where nothing is.
    fn signal(&mut self, attempt: &Attempt<'_>) -> Option<Json> {
        let _ = attempt;
        None
    }
}
