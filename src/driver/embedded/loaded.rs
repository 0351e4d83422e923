use std::sync::Arc;

use super::{EngineError, Environment};
use crate::engine::machine::Wired;
use crate::nodes::{Context, Egress, Executors};
use crate::plan::{Plan, Task, Workflow};

/// A plan with what its activities need of this process.
pub(super) struct Loaded {
    pub(super) wired: Arc<Wired>,
    /// The plan as the journal keeps it.
    pub(super) document: Arc<[u8]>,
    /// By workflow.
    pub(super) contexts: Vec<Context>,
}

impl Loaded {
    /// Looks up what a plan needs before any of it runs.
    pub(super) fn new(
        plan: Arc<Plan>,
        environment: &Environment,
        egress: &Egress,
        executors: &Executors,
    ) -> Result<Self, EngineError> {
        plan.program().workflows.iter().try_for_each(|workflow| check(workflow, executors))?;
        let secrets = environment.secrets(&plan)?;
        let contexts = secrets.into_iter().map(|secrets| Context::new(secrets, egress.clone())).collect();
        let document = plan.to_json().into();
        Ok(Self { wired: Arc::new(Wired::new(plan)), document, contexts })
    }
}

/// Refuses what a run would only find out on its way.
fn check(workflow: &Workflow, executors: &Executors) -> Result<(), EngineError> {
    let policy = |what| Err(EngineError::UnsupportedPolicy { workflow: workflow.name.clone(), what });
    if !workflow.breakers.is_empty() {
        return policy("a circuit breaker");
    }
    if !workflow.limits.is_empty() {
        return policy("a limit");
    }
    if workflow.concurrency.is_some() {
        return policy("`concurrency` across runs");
    }
    for node in &workflow.nodes {
        let is_foreign = match &node.task {
            Task::Activity(_) => !executors.knows(&node.kind),
            Task::Approval(_) => true,
            _ => false,
        };
        if is_foreign {
            return Err(EngineError::Unsupported { node: node.name.clone(), kind: node.kind.clone() });
        }
    }
    Ok(())
}
