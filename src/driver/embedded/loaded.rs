use std::sync::Arc;

use super::EngineError;
use crate::driver::secret::Supply;
use crate::driver::{Environment, unsupported};
use crate::engine::machine::Wired;
use crate::nodes::{Egress, Executors};
use crate::plan::Plan;

/// A plan with what its activities need of this process.
pub(super) struct Loaded {
    pub(super) wired: Arc<Wired>,
    /// The plan as the journal keeps it.
    pub(super) document: Arc<[u8]>,
    /// By workflow.
    pub(super) supplies: Vec<Supply>,
}

impl Loaded {
    /// Looks up what a plan needs before any of it runs.
    pub(super) fn new(
        plan: Arc<Plan>,
        environment: &Environment,
        egress: &Egress,
        executors: &Executors,
    ) -> Result<Self, EngineError> {
        unsupported::check(&plan, executors)?;
        environment.secrets(&plan)?;
        let workflows = plan.program().workflows.iter();
        let supplies =
            workflows.map(|workflow| Supply::new(environment, egress, &workflow.secrets)).collect();
        let document = plan.to_json().into();
        Ok(Self { wired: Arc::new(Wired::new(plan)), document, supplies })
    }
}
