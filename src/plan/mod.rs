//! The execution plan: all that an engine ever sees of a file. Versioned, canonical, hashed, verified on load.
//!
//! *In*: a lowered [`Program`] with its [`Debug`](struct@Debug) part, or the JSON document of a plan. *Out*: [`Plan`], which only
//! [`Plan::new`] and [`Plan::from_json`] make, after they have verified all of it: an engine may rely on every index.
//! [`Tests`] are what a file's tests do with plans; they stand beside them.
//! *Never sees*: types, names that were not resolved, the catalogue.

mod canonical;
mod debug;
mod document;
mod error;
pub mod expr;
mod graph;
mod ids;
mod node;
mod path;
mod policy;
mod program;
mod references;
mod task;
mod test;
mod verify;

pub use canonical::canonical;
pub use debug::{CodeDebug, Debug, NodeDebug, Place, SourceFile, WorkflowDebug};
pub use document::{Plan, SEMANTICS, VERSION, schema};
pub use error::{Error, Fault, Location};
pub use graph::{Edge, Graph, Join, Outcome};
pub use ids::{
    BreakerId, CalleeId, CodeId, ErrorsId, GraphId, LimitId, NodeId, RemoteId, RetryId, WorkflowId,
};
pub use node::{ErrorTable, ErrorType, Node, OnError, Role};
pub use policy::{Breaker, BreakerUse, Concurrency, Limit, LimitUse, OnDuplicate, Overflow, Rate, Retry};
pub use program::{Constant, Plugin, Program, Remote, Secret, SecretSource, Setting, Workflow};
pub use task::{
    Action, Activity, Approval, Argument, Case, Child, Condition, Config, Count, Delay, Effect, ErrorHandler,
    ErrorValue, Fail, Loop, OnIterationError, Repeat, StateVariable, Task, TimeLimit, WaitSignal,
};
pub use test::{Formula, Mock, MockOutcome, MockStep, Test, TestedPlan, Tests};
