use std::fmt;
use std::sync::Arc;

use crate::engine::machine::{Failure, Moment, Notice, Outcome};
use crate::plan::Workflow;

/// A run, for whoever watches it.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    /// Its id.
    pub run: &'a str,
    /// Its workflow.
    pub workflow: &'a Workflow,
    /// What the names of its spans are made of, as [`Lineage::of`](super::Lineage::of) reads it.
    pub trace: &'a str,
    /// When it started.
    pub started_at: Moment,
    /// Whether what is told has been told before, by this process or another.
    pub is_replay: bool,
}

/// Watches runs, while they run.
pub trait Observer: Send + Sync {
    /// A run was accepted.
    fn began(&self, _run: Watched<'_>) {}

    /// Something has happened inside a run.
    fn notice(&self, _run: Watched<'_>, _at: Moment, _notice: &Notice) {}

    /// An attempt of a node has failed, and there will be another. On Temporal the server knows that, and nobody else.
    fn attempted(&self, _run: Watched<'_>, _path: &str, _attempt: u32, _failure: &Failure, _next: Moment) {}

    /// A run has nothing to do until a moment.
    fn waits(&self, _run: Watched<'_>, _until: Moment) {}

    /// A run is over.
    fn ended(&self, _run: Watched<'_>, _at: Moment, _outcome: &Outcome) {}

    /// This process has left a run; another, or a later one, may go on with it.
    fn left(&self, _run: &str) {}
}

/// All who watch the runs of an engine.
#[derive(Clone, Default)]
pub struct Observers(Arc<[Arc<dyn Observer>]>);

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}

impl Observers {
    /// The same, with one more.
    #[must_use]
    pub fn and(&self, observer: Arc<dyn Observer>) -> Self {
        Self(self.0.iter().cloned().chain([observer]).collect())
    }

    /// Whether nobody watches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them.
    pub(super) fn each(&self, tell: impl FnMut(&Arc<dyn Observer>)) {
        self.0.iter().for_each(tell);
    }
}
