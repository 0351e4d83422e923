use ecow::EcoString;

use super::{BreakerIx, Config, Effect, GraphIx, Keyed, LimitIx, NodeIx, Retry, TimeLimit};
use crate::check::typed::ExprId;
use crate::source::Span;
use crate::types::Type;

/// A node with all that decides when it runs, what it does and what follows.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name.
    pub name: EcoString,
    /// Where its name is declared.
    pub span: Span,
    /// What it is called for people.
    pub title: Option<EcoString>,
    /// Its kind, as the catalogue names it: `http_request`, `mailer.send`.
    pub kind: EcoString,
    /// The graph that it is in.
    pub graph: GraphIx,
    /// What makes it run.
    pub role: Role,
    /// How many incoming connections it waits for.
    pub join: Join,
    /// The ports besides `error`, in the catalogue's or the author's order.
    pub ports: Vec<EcoString>,
    /// The errors that it may fail with, sorted by name.
    pub errors: Vec<ErrorType>,
    /// What its output is.
    pub output: Type,
    /// What it succeeds with where nothing took its error; the fields that it lacks get their types' defaults.
    pub fallback: Option<ExprId>,
    /// What follows where nothing took its error and there is no fallback; its own, else the workflow's.
    pub on_error: OnError,
    /// The node that undoes it.
    pub compensate: Option<NodeIx>,
    /// How long it may take as a whole; for kinds that are composite or wait.
    pub timeout: Option<TimeLimit>,
    /// What an activity is tried under.
    pub execution: Option<Execution>,
    /// The fields of its kind, those that all kinds have left out.
    pub config: Config,
    /// What a loop repeats.
    pub body: Option<Body>,
    /// How an approval tells people.
    pub message: Option<Message>,
}

/// How an approval tells people: as a node of its own would that isn't connected. Its fields are in `notify`.
#[derive(Debug, Clone)]
pub struct Message {
    /// The errors that it may fail with, sorted by name.
    pub errors: Vec<ErrorType>,
    /// What it gives.
    pub output: Type,
    /// What it is tried under.
    pub execution: Execution,
}

/// What makes a node run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Its connections, or the start where it has none.
    Step,
    /// The run stops, and this node had succeeded.
    Undo(NodeIx),
    /// The run's end, as `on_failure` or `finally`.
    Handler,
}

/// How many incoming connections a node waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// All decided, one taken.
    All,
    /// All taken.
    Every,
    /// So many taken; the others go on.
    AtLeast(u32),
    /// So many taken; what still runs only on the way here is cancelled.
    First(u32),
}

/// What a failure does that nothing takes.
#[derive(Debug, Clone, PartialEq)]
pub enum OnError {
    /// It stops the run, or fails the iteration.
    Stop,
    /// The node stays failed, the rest goes on.
    Continue,
    /// The node runs again under this policy, then it stops the run.
    Retry(Retry),
}

/// An error that a node may fail with.
#[derive(Debug, Clone)]
pub struct ErrorType {
    /// Its name.
    pub name: EcoString,
    /// Whether a retry policy applies to it.
    pub retryable: bool,
    /// What its details are, where they are declared.
    pub details: Option<Type>,
}

/// What an activity is tried under.
#[derive(Debug, Clone)]
pub struct Execution {
    /// When a failed attempt is made again: its own policy, else the workflow's, else the standard one.
    pub retry: Retry,
    /// How long an attempt may take.
    pub timeout: TimeLimit,
    /// How long all attempts may take.
    pub total_timeout: Option<TimeLimit>,
    /// How long an attempt may go without progress.
    pub heartbeat_timeout: Option<TimeLimit>,
    /// The circuit breaker that it goes through.
    pub breaker: Option<Keyed<BreakerIx>>,
    /// The limit that it goes through.
    pub limit: Option<Keyed<LimitIx>>,
    /// What a second execution does; `Idempotent` where the author doesn't say.
    pub effect: Effect,
    /// The task queue that serves it, where it is not the workflow's.
    pub task_queue: Option<EcoString>,
    /// Whether it runs in the worker of the workflow itself.
    pub local: bool,
}

/// What a loop repeats.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its nodes and connections.
    pub graph: GraphIx,
    /// What the loop variable is called.
    pub variable: EcoString,
    /// What the number of the iteration is called.
    pub index: EcoString,
    /// In source order.
    pub state: Vec<StateVariable>,
}

/// A variable of a loop's state.
#[derive(Debug, Clone)]
pub struct StateVariable {
    /// Its name.
    pub name: EcoString,
    /// What it is.
    pub ty: Type,
    /// What it is at first.
    pub initial: ExprId,
    /// What it is after an iteration, where that changes it.
    pub next: Option<ExprId>,
}
