use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::machine::Moment;
use crate::value::EcoString;

/// Since when the nodes run that have started and aren't decided, by their runs.
#[derive(Default)]
pub(super) struct Book(Mutex<BTreeMap<String, BTreeMap<EcoString, Moment>>>);

impl Book {
    /// Notes that a node has started.
    pub(super) fn open(&self, run: &str, path: &EcoString, at: Moment) {
        let mut runs = self.runs();
        match runs.get_mut(run) {
            Some(nodes) => drop(nodes.insert(path.clone(), at)),
            None => drop(runs.insert(run.to_owned(), BTreeMap::from([(path.clone(), at)]))),
        }
    }

    /// Since when a node has run that is decided now; none where it didn't start, or nobody here saw it.
    pub(super) fn close(&self, run: &str, path: &EcoString) -> Option<Moment> {
        self.runs().get_mut(run)?.remove(path)
    }

    /// Forgets a run.
    pub(super) fn forget(&self, run: &str) {
        self.runs().remove(run);
    }

    fn runs(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<EcoString, Moment>>> {
        // The book is whole between two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
