use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::supply::Supply;
use crate::driver::Environment;
use crate::nodes::Egress;
use crate::plan::Secret;

/// How many workflows' supplies are kept.
const MOST_KNOWN: usize = 1_000;

/// The supplies of workflows that are known by their secrets alone.
#[derive(Debug)]
pub(in crate::driver) struct Supplies {
    environment: Environment,
    egress: Egress,
    known: Mutex<BTreeMap<Vec<Secret>, Supply>>,
}

impl Supplies {
    pub(in crate::driver) fn new(environment: Environment, egress: Egress) -> Self {
        Self { environment, egress, known: Mutex::default() }
    }

    /// The supply of a workflow with these secrets.
    pub(in crate::driver) fn of(&self, secrets: &[Secret]) -> Supply {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(supply) = known.get(secrets) {
            return supply.clone();
        }
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        let supply = Supply::new(&self.environment, &self.egress, secrets);
        known.insert(secrets.to_vec(), supply.clone());
        supply
    }
}
