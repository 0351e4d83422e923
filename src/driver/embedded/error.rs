use thiserror::Error;

use super::journal::JournalError;
use crate::driver::{GivenError, Unsupported};
use crate::engine::machine::Failure;

/// Why an engine, or a run, can't do what it was asked.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The journal refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is no such run.
    #[error("there is no run `{0}` in this journal")]
    UnknownRun(String),
    /// A run of that id exists.
    #[error("a run `{0}` exists already")]
    Duplicate(String),
    /// The input doesn't fit the workflow.
    #[error("the input doesn't fit: {0}")]
    InvalidInput(String),
    /// A signal doesn't fit the workflow.
    #[error("{0}")]
    InvalidSignal(String),
    /// The run is over.
    #[error("the run `{0}` is over")]
    Closed(String),
    /// Another process drives the run.
    #[error("the run `{run}` is driven by {owner}")]
    Owned {
        /// The run.
        run: String,
        /// Who drives it.
        owner: String,
    },
    /// The environment doesn't give what the run needs.
    #[error(transparent)]
    Given(#[from] GivenError),
    /// The plan wants what this engine doesn't have.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// What the journal holds of a run is not what this program wrote.
    #[error("what the journal holds of the run `{run}` can't be read: {reason}")]
    Unreadable {
        /// The run.
        run: String,
        /// Why.
        reason: String,
    },
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    ShuttingDown,
}

impl EngineError {
    /// The id of a child that can't be worked out.
    pub(super) fn of_child(failure: Failure) -> Self {
        Self::InvalidInput(failure.message.into())
    }

    /// Whether who asked can mend it by asking otherwise; else the environment is at fault.
    #[must_use]
    pub fn is_of_caller(&self) -> bool {
        matches!(
            self,
            Self::UnknownRun(_)
                | Self::Duplicate(_)
                | Self::InvalidInput(_)
                | Self::InvalidSignal(_)
                | Self::Unsupported(_)
        )
    }
}
