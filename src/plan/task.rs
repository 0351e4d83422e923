use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BreakerUse, CalleeId, CodeId, GraphId, LimitUse, NodeId, RemoteId, RetryId};
use crate::value::ShapeId;

/// What a node does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Work outside of the run's own logic, tried under a policy.
    Activity(Box<Activity>),
    /// Ends on the port of the first case that holds.
    Condition(Condition),
    /// Ends on the port named like the value of the expression.
    Switch(CodeId),
    /// Waits.
    Delay(Delay),
    /// Computes a value.
    Transform(CodeId),
    /// Repeats a graph.
    Loop(Box<Loop>),
    /// Decides what the failures mean whose error connections lead to it.
    ErrorHandler(ErrorHandler),
    /// Ends the run, or the iteration, as failed.
    Fail(Fail),
    /// Ends the run as completed.
    Succeed,
    /// Runs another workflow.
    Child(Child),
    /// Waits for a signal.
    WaitSignal(WaitSignal),
    /// Waits for a person.
    Approval(Box<Approval>),
}

/// What an activity needs, defaults filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The fields of its kind.
    pub config: Config,
    /// What a second execution does.
    pub effect: Effect,
    /// When a failed attempt is made again.
    pub retry: RetryId,
    /// How long an attempt may take.
    pub timeout: TimeLimit,
    /// How long all attempts may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_timeout: Option<TimeLimit>,
    /// How long an attempt may go without progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout: Option<TimeLimit>,
    /// The circuit breaker that it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<BreakerUse>,
    /// The limit that it goes through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitUse>,
    /// The task queue that serves it, where it is not the workflow's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_queue: Option<String>,
    /// Whether it runs in the worker of the workflow itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
}

/// What a second execution of an activity does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The same as one.
    Idempotent,
    /// Harm: there is none, and an unknown outcome is an error.
    Once,
}

/// The fields of a node's kind, by name. Fields that were not written and have no default are absent.
pub type Config = BTreeMap<String, Argument>;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// A value, evaluated when the node starts.
    Expr(CodeId),
    /// One of the words that the field knows.
    Word(String),
    /// A text that must be literal.
    Text(String),
    /// A span of time that is known before a run, in milliseconds.
    Millis(u64),
    /// A whole number that is known before a run.
    Int(i64),
    /// Yes or no, known before a run.
    Bool(bool),
    /// A number that is known before a run.
    Double(f64),
    /// What crosses a border there.
    Shape(ShapeId),
    /// An error.
    Error(ErrorValue),
    /// A form such as `bearer(t)`.
    Form {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Vec<Argument>,
    },
    /// A block, or a record of several arguments.
    Fields(Config),
    /// Several, in order.
    List(Vec<Argument>),
    /// Several with names, whose order counts.
    Cases(Vec<(String, Argument)>),
    /// Names of errors, in order.
    Errors(Vec<String>),
    /// Another node.
    Node(NodeId),
    /// A workflow that the node may run.
    Callee(CalleeId),
    /// An activity that other workers serve.
    Remote(RemoteId),
    /// A tool of a plugin, `plugin.tool`.
    Tool(String),
}

/// Exclusive cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The condition of each of the node's ports but the last, tried in order; the last is the port of none.
    pub cases: Vec<CodeId>,
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    /// A duration.
    For(CodeId),
    /// Until a timestamp.
    Until(CodeId),
}

/// Repetition of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loop {
    /// What is repeated.
    pub body: GraphId,
    /// How often.
    pub repeat: Repeat,
    /// Variables that go from one iteration to the next, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state: BTreeMap<String, StateVariable>,
    /// What each iteration gives to the results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collect: Option<CodeId>,
    /// How many iterations run at once.
    pub parallelism: Count,
    /// How many iterations there may be; absent where only a time-out bounds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_iterations: Option<Count>,
    /// After how many successful iterations the rest is cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enough: Option<Count>,
    /// What a failed iteration does.
    pub on_iteration_error: OnIterationError,
    /// Whether failed iterations leave the run `completed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tolerate: bool,
}

/// How long something may take; longer than no time at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TimeLimit {
    /// Known before a run, in milliseconds.
    Millis(u64),
    /// A duration that is evaluated when the node or the run starts.
    Expr(CodeId),
}

/// A whole number, at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Known before a run.
    Fixed(u64),
    /// Evaluated when the node starts.
    Expr(CodeId),
}

/// How often a body is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Once for each element of a list or entry of a map.
    Over(CodeId),
    /// So many times.
    Times(CodeId),
    /// While a condition holds before an iteration, and until one holds after it.
    While {
        /// Before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<CodeId>,
        /// After.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CodeId>,
    },
}

/// A variable of a loop's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateVariable {
    /// What it is.
    pub shape: ShapeId,
    /// What it is at first.
    pub initial: CodeId,
    /// What it is after an iteration, where that changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<CodeId>,
}

/// What a failed iteration does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnIterationError {
    /// It cancels the others and fails the loop.
    Stop,
    /// It is listed, and the others go on.
    Continue,
}

/// Decisions about the failures of other nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorHandler {
    /// By the error's name.
    pub cases: BTreeMap<String, Case>,
    /// For all other errors.
    pub otherwise: Case,
}

/// What is done about a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What happens.
    pub action: Action,
    /// What the handler's output holds then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<CodeId>,
}

/// What an error handler does about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The connection to the handler is taken.
    Continue,
    /// The run stops.
    Stop,
    /// The node that failed runs again under this policy.
    Retry(RetryId),
}

/// An error that an author makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorValue {
    /// Its name.
    pub name: String,
    /// Its details.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<CodeId>,
    /// Its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<CodeId>,
}

/// How a run is failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fail {
    /// With an error of its own.
    Error(ErrorValue),
    /// With the error of another node.
    With(CodeId),
}

/// Another workflow's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Child {
    /// Which.
    pub callee: CalleeId,
    /// What it is started with; `{}` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<CodeId>,
    /// Whether it is started and left alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
}

/// A decision that is waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// What is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<CodeId>,
    /// What helps to decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<CodeId>,
    /// Who may decide, a list of texts; anybody where it is absent or empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvers: Option<CodeId>,
    /// How often those are reminded, a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind: Option<CodeId>,
    /// Who may decide too, and when: a list of `{ after, approvers }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escalate: Option<CodeId>,
    /// The node that tells them, an activity whose role says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<NodeId>,
}

/// A signal that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitSignal {
    /// Its name.
    pub signal: String,
    /// What comes with it.
    pub payload: ShapeId,
    /// Which of several signals of that name is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlate: Option<CodeId>,
}
