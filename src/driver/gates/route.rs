use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::breaker::{Health, health};
use crate::engine::machine::{Execution, Failure};
use crate::plan::{Activity, Breaker, Limit, Node, Workflow};
use crate::value::{EcoString, eco_format};

/// The gates that the attempts of an execution pass. Two executions share a gate when its name, its numbers and its key
/// are the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::driver) struct Route {
    /// Its circuit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::driver) breaker: Option<Keyed<Breaker>>,
    /// Its count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::driver) limit: Option<Keyed<Limit>>,
    /// The errors that another attempt wouldn't mend.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    permanent: BTreeSet<EcoString>,
}

/// A policy, and what tells one of its gates from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::driver) struct Keyed<P> {
    pub(in crate::driver) policy: P,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<EcoString>,
}

impl Route {
    /// That of an execution; none where nothing stands in its way.
    pub(in crate::driver) fn of(
        workflow: &Workflow,
        node: &Node,
        activity: &Activity,
        execution: &Execution,
    ) -> Option<Self> {
        let breaker = activity.breaker.as_ref().map(|used| Keyed {
            policy: workflow.breakers[used.breaker.index()].clone(),
            key: execution.breaker_key.clone(),
        });
        let limit = activity.limit.as_ref().map(|used| Keyed {
            policy: workflow.limits[used.limit.index()].clone(),
            key: execution.limit_key.clone(),
        });
        if breaker.is_none() && limit.is_none() {
            return None;
        }
        let errors = workflow.errors[node.errors.index()].iter().filter(|(_, error)| !error.retryable);
        let permanent = if breaker.is_some() {
            errors.map(|(name, _)| name.as_str().into()).collect()
        } else {
            BTreeSet::new()
        };
        Some(Self { breaker, limit, permanent })
    }

    /// What an attempt that failed with `error` says about what it reached.
    pub(in crate::driver) fn health(&self, error: &str, is_before_effect: bool) -> Health {
        health(error, !self.permanent.contains(error), is_before_effect)
    }
}

impl Keyed<Breaker> {
    /// What all who share it call it.
    pub(in crate::driver) fn id(&self) -> String {
        let Breaker { name, failure_threshold, window_ms, cooldown_ms, half_open_probes } = &self.policy;
        let numbers = format!("{failure_threshold}/{window_ms}/{cooldown_ms}/{half_open_probes}");
        format!("breaker {name} {numbers}{}", keyed(self.key.as_ref()))
    }

    /// As people read it.
    pub(in crate::driver) fn words(&self) -> EcoString {
        eco_format!("breaker {}{}", self.policy.name, keyed(self.key.as_ref()))
    }
}

impl Keyed<Limit> {
    /// What all who share it call it.
    pub(in crate::driver) fn id(&self) -> String {
        let Limit { name, rate, concurrency } = &self.policy;
        let rate = rate.map_or_else(String::new, |rate| format!("{}/{}", rate.count, rate.per_ms));
        let most = concurrency.map_or_else(String::new, |most| most.to_string());
        format!("limit {name} {rate};{most}{}", keyed(self.key.as_ref()))
    }

    /// As people read it.
    pub(in crate::driver) fn words(&self) -> EcoString {
        eco_format!("limit {}{}", self.policy.name, keyed(self.key.as_ref()))
    }
}

fn keyed(key: Option<&EcoString>) -> EcoString {
    key.map_or_else(EcoString::new, |key| eco_format!("({key})"))
}

/// What an execution fails with whose time for all attempts would be over before this lets it through.
pub(in crate::driver) fn refused(gate: &str, is_breaker: bool) -> Failure {
    if is_breaker {
        Failure::new("CircuitOpen", eco_format!("the {gate} lets nothing through within its total timeout"))
    } else {
        Failure::new("TotalTimeout", "all attempts together took too long")
    }
}
