use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CodeId, ErrorsId, Join, NodeId, RetryId, Task, TimeLimit};
use crate::value::ShapeId;

/// A node with all that decides when it runs and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name, unlike all others of its graph and of the graphs around it.
    pub name: String,
    /// What it is called for people, where the author says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its kind as the catalogue names it: `http_request`, `mailer.send`.
    pub kind: String,
    /// What makes it run.
    pub role: Role,
    /// How many incoming connections it waits for.
    pub join: Join,
    /// The ports that it may end on besides `error`.
    pub ports: Vec<String>,
    /// The errors that it may fail with.
    pub errors: ErrorsId,
    /// What its output is.
    pub output: ShapeId,
    /// What it succeeds with when it has failed for good and no connection took the error; fields that it lacks get
    /// the defaults of `output`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<CodeId>,
    /// What happens when neither a connection nor the fallback took the error.
    pub on_error: OnError,
    /// The node that undoes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensate: Option<NodeId>,
    /// How long it may take as a whole; activities have time-outs of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeLimit>,
    /// What it does.
    pub task: Task,
}

/// What makes a node run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Its connections, or the start where it has none.
    Step,
    /// The run stops, and this node had succeeded.
    Undo(NodeId),
    /// The run's end, as `on_failure` or `finally`.
    Handler,
    /// This approval is open: it tells people of it, once for each message.
    Message(NodeId),
}

/// What an unhandled failure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// It stops the run, or fails the iteration.
    Stop,
    /// The node stays failed, and the rest goes on.
    Continue,
    /// The node runs again under this policy, then it stops the run.
    Retry(RetryId),
}

/// The errors that a node may fail with, by name.
pub type ErrorTable = BTreeMap<String, ErrorType>;

/// What is known of an error before it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorType {
    /// Whether a retry policy applies to it.
    pub retryable: bool,
    /// What its details are, where they are declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ShapeId>,
}
