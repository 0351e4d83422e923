//! What a checked program is: every name an index, every default filled in, every expression typed.
//!
//! *In*: made by `check` alone. *Out*: read by `lower`. *Never sees*: how it was written, beyond the spans that a
//! run-time failure is drawn with.

mod config;
mod declaration;
mod node;
mod policy;
mod test;
mod workflow;

pub use config::{Argument, Config};
pub use declaration::{
    Activity, ActivityIx, Constant, ConstantIx, ErrorDeclaration, Plugin, PluginIx, Schedule, Secret,
    SecretIx, SecretSource, Setting, SettingIx, Timing, Trigger, TriggerAuth,
};
pub use node::{Body, ErrorType, Execution, Join, Message, Node, OnError, Role, StateVariable};
pub use policy::{Breaker, BreakerIx, Effect, Keyed, Limit, LimitIx, Millis, Retry, TimeLimit};
pub use test::{Mock, MockOutcome, MockStep, Test};
pub use workflow::{Concurrency, Edge, Graph, GraphIx, Input, NodeIx, Outcome, Workflow, WorkflowIx};

use super::typed::Exprs;

/// All files of a compilation, checked together. Whoever holds a [`Checked`](super::Checked) one knows that nothing
/// in it is in error.
#[derive(Debug, Default)]
pub struct Program {
    /// The typed expressions of all files.
    pub exprs: Exprs,
    /// In source order.
    pub workflows: Vec<Workflow>,
    /// In source order.
    pub constants: Vec<Constant>,
    /// In source order.
    pub settings: Vec<Setting>,
    /// In source order.
    pub secrets: Vec<Secret>,
    /// In source order.
    pub errors: Vec<ErrorDeclaration>,
    /// In source order.
    pub breakers: Vec<Breaker>,
    /// In source order.
    pub limits: Vec<Limit>,
    /// In source order.
    pub activities: Vec<Activity>,
    /// In source order.
    pub plugins: Vec<Plugin>,
    /// In source order.
    pub schedules: Vec<Schedule>,
    /// In source order.
    pub triggers: Vec<Trigger>,
    /// In source order.
    pub tests: Vec<Test>,
}
