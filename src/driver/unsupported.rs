use thiserror::Error;

use crate::nodes::Executors;
use crate::plan::{Plan, Task, Workflow};

/// What a plan wants and no engine does yet.
#[derive(Debug, Error)]
pub enum Unsupported {
    /// A kind of node.
    #[error("`{node}` is of the kind `{kind}`, which this engine doesn't run")]
    Kind {
        /// The node.
        node: String,
        /// Its kind.
        kind: String,
    },
    /// A policy.
    #[error("`{workflow}` uses {what}, which this engine doesn't carry out")]
    Policy {
        /// The workflow.
        workflow: String,
        /// What it uses.
        what: &'static str,
    },
}

/// Refuses what a run would only find out on its way.
pub(super) fn check(plan: &Plan, executors: &Executors) -> Result<(), Unsupported> {
    plan.program().workflows.iter().try_for_each(|workflow| {
        check_policies(workflow)?;
        check_kinds(workflow, executors)
    })
}

fn check_policies(workflow: &Workflow) -> Result<(), Unsupported> {
    if workflow.concurrency.is_some() {
        let what = "`concurrency` across runs";
        return Err(Unsupported::Policy { workflow: workflow.name.clone(), what });
    }
    Ok(())
}

fn check_kinds(workflow: &Workflow, executors: &Executors) -> Result<(), Unsupported> {
    let is_foreign = |task: &Task, kind: &str| match task {
        Task::Activity(_) => !executors.knows(kind),
        _ => false,
    };
    match workflow.nodes.iter().find(|node| is_foreign(&node.task, &node.kind)) {
        Some(node) => Err(Unsupported::Kind { node: node.name.clone(), kind: node.kind.clone() }),
        None => Ok(()),
    }
}
