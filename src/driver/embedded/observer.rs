use crate::engine::machine::{Failure, Moment, Notice};

/// Watches the runs of an engine, while they run.
pub trait Observer: Send + Sync {
    /// Something has happened inside a run.
    fn notice(&self, run: &str, at: Moment, notice: &Notice);

    /// An attempt of a node has failed, and there will be another.
    fn attempted(&self, run: &str, path: &str, attempt: u32, failure: &Failure, next: Moment);

    /// A run has nothing to do until a moment.
    fn waits(&self, run: &str, until: Moment);
}
