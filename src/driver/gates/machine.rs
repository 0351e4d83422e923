use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::breaker::Circuit;
use crate::engine::limit::Lane;
use crate::engine::machine::Moment;
use crate::plan::{Breaker, Limit};

/// What a gate is, as far as it doesn't matter which.
pub(super) trait Machine: Clone + Default + Serialize + DeserializeOwned + Send + 'static {
    /// Its numbers.
    type Rules: Clone + Send + Sync + 'static;

    /// Frees the place of an attempt, whether it has one or not.
    fn release(&mut self, id: u64);

    /// The attempt still runs.
    fn renew(&mut self, now: Moment, id: u64, lease: u64);

    /// From when on it is as good as new.
    fn idle_at(&self, rules: &Self::Rules) -> Moment;
}

impl Machine for Circuit {
    type Rules = Breaker;

    fn release(&mut self, id: u64) {
        Self::release(self, id);
    }

    fn renew(&mut self, now: Moment, id: u64, lease: u64) {
        Self::renew(self, now, id, lease);
    }

    fn idle_at(&self, rules: &Breaker) -> Moment {
        Self::idle_at(self, rules)
    }
}

impl Machine for Lane {
    type Rules = Limit;

    fn release(&mut self, id: u64) {
        self.leave(id);
    }

    fn renew(&mut self, now: Moment, id: u64, lease: u64) {
        Self::renew(self, now, id, lease);
    }

    fn idle_at(&self, rules: &Limit) -> Moment {
        Self::idle_at(self, rules)
    }
}
