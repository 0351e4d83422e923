use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::value::RawValue;

use super::TemporalError;
use super::call::Nature;
use super::header::{Header, Packed};
use crate::driver::{Environment, unsupported};
use crate::engine::machine::Wired;
use crate::nodes::Executors;
use crate::plan::{NodeId, Plan, Task, WorkflowId};
use crate::value::{EcoString, Value};

/// How long a plan may be, compressed and as text: a server takes 2 MB of one payload.
const MOST_PLAN: usize = 1_500_000;

/// The workflows that a worker serves, and the plans of runs that it has met. Workflows may be served and given up
/// while it works: runs keep the plan that they were started with.
#[derive(Debug, Default)]
pub struct Plans {
    served: RwLock<BTreeMap<String, Served>>,
    known: RwLock<BTreeMap<String, Arc<Known>>>,
}

/// A workflow that new runs may be of.
#[derive(Clone, Debug)]
struct Served {
    known: Arc<Known>,
    packed: Packed,
    settings: BTreeMap<EcoString, Value>,
}

/// A plan with what is worked out of it once, however many runs it has.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) wired: Arc<Wired>,
    /// By workflow and node: what all executions of an activity have in common.
    natures: Vec<Vec<Option<Box<RawValue>>>>,
}

impl Known {
    fn new(plan: Arc<Plan>) -> Self {
        let nature = |workflow, node: &crate::plan::Node| match &node.task {
            Task::Activity(activity) => {
                serde_json::value::to_raw_value(&Nature::new(workflow, node, activity)).ok()
            }
            _ => None,
        };
        let workflows = plan.program().workflows.iter();
        let natures = workflows
            .map(|workflow| workflow.nodes.iter().map(|node| nature(workflow, node)).collect())
            .collect();
        Self { wired: Arc::new(Wired::new(plan)), natures }
    }

    /// What all executions of an activity have in common; none where the node is none.
    pub(super) fn nature(&self, workflow: WorkflowId, node: NodeId) -> Option<Box<RawValue>> {
        self.natures.get(workflow.index())?.get(node.index())?.clone()
    }
}

impl Plans {
    /// The first workflows of these plans, for new runs, in place of all that were served before.
    ///
    /// # Errors
    /// When one wants what no engine does, two have one name, or the environment doesn't give what one needs: then nothing changes.
    pub fn serve(
        &self,
        plans: impl IntoIterator<Item = Arc<Plan>>,
        environment: &Environment,
        executors: &Executors,
    ) -> Result<(), TemporalError> {
        let mut served = BTreeMap::new();
        for plan in plans {
            unsupported::check(&plan, executors)?;
            environment.secrets(&plan)?;
            let packed = Packed::new(&plan.to_json());
            if packed.len() > MOST_PLAN {
                let workflow = plan.program().workflows.first().map(|workflow| workflow.name.clone());
                return Err(TemporalError::PlanTooLarge(workflow.unwrap_or_default()));
            }
            let known = self.learn(plan);
            let settings = environment.settings(&known.wired)?;
            let name = known.wired.workflow(WorkflowId(0)).name.clone();
            let is_other = |before: &Served| before.known.wired.plan().hash() != known.wired.plan().hash();
            if served.get(&name).is_some_and(is_other) {
                return Err(TemporalError::Ambiguous(name));
            }
            served.insert(name, Served { known, packed, settings });
        }
        *self.served.write().unwrap_or_else(PoisonError::into_inner) = served;
        Ok(())
    }

    /// The names of the workflows that are served, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.served.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// What a new run of a workflow starts with; none where it isn't served.
    pub(super) fn header(&self, workflow: &str) -> Option<Header> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner).get(workflow)?.clone();
        let plan = served.known.wired.plan();
        Some(Header::new(plan, served.packed, WorkflowId(0), served.settings))
    }

    /// The hash of the plan that new runs of a workflow get.
    pub(super) fn hash(&self, workflow: &str) -> Option<String> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner);
        Some(served.get(workflow)?.known.wired.plan().hash().to_owned())
    }

    fn learn(&self, plan: Arc<Plan>) -> Arc<Known> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let hash = plan.hash().to_owned();
        Arc::clone(known.entry(hash).or_insert_with(|| Arc::new(Known::new(plan))))
    }

    /// The plan that a run started with.
    ///
    /// # Errors
    /// When this program can't read it, in one sentence.
    pub(super) fn open(&self, header: &Header) -> Result<Arc<Known>, String> {
        if !header.is_known() {
            return Err(format!("the run was started by citadel {}, which is newer", header.engine));
        }
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&header.plan_hash) {
            return Ok(Arc::clone(known));
        }
        drop(known);
        let bytes = header.plan.open().ok_or("the run's plan was not written by citadel")?;
        let plan =
            Plan::from_json(&bytes).map_err(|error| format!("the run's plan can't be read: {error}"))?;
        Ok(self.learn(Arc::new(plan)))
    }
}
