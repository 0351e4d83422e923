use thiserror::Error;

use crate::driver::{GivenError, Unsupported};

/// Why a worker or a client can't do what it was asked.
#[derive(Debug, Error)]
pub enum TemporalError {
    /// The address is none.
    #[error("`{0}` is no address of a server")]
    Address(String),
    /// There is no server, or none that can be talked to.
    #[error("the Temporal server at {address} can't be reached: {reason}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// Why.
        reason: String,
    },
    /// The server has no such namespace.
    #[error("the server has no namespace `{0}`")]
    UnknownNamespace(String),
    /// There is no such run.
    #[error("there is no run `{0}` on this server")]
    UnknownRun(String),
    /// A run of that id is open, or may not be followed by another.
    #[error("a run `{0}` exists already")]
    Duplicate(String),
    /// The run is over.
    #[error("the run `{0}` is over")]
    Closed(String),
    /// Nobody knows which workflow is meant.
    #[error("several files declare a workflow `{0}`, and they differ")]
    Ambiguous(String),
    /// The input doesn't fit the workflow.
    #[error("the input doesn't fit: {0}")]
    InvalidInput(String),
    /// The run, or its workflow, turned it away.
    #[error("{0}")]
    Refused(String),
    /// No worker took the task in time.
    #[error("no worker answers on the task queue `{0}`")]
    NoWorker(String),
    /// The server refused.
    #[error("the server refuses: {0}")]
    Server(String),
    /// The plan doesn't fit into a history.
    #[error("the plan of `{0}` is too large for a history: move parts of it into workflows of their own")]
    PlanTooLarge(String),
    /// What the history holds is not what this program wrote.
    #[error("the history of the run `{run}` can't be read: {reason}")]
    Unreadable {
        /// The run.
        run: String,
        /// Why.
        reason: String,
    },
    /// The environment doesn't give what the workflows need.
    #[error(transparent)]
    Given(#[from] GivenError),
    /// A plan wants what no engine does yet.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

impl TemporalError {
    /// Whether who asked can mend it by asking otherwise; else the environment is at fault.
    #[must_use]
    pub fn is_of_caller(&self) -> bool {
        matches!(
            self,
            Self::Address(_)
                | Self::Ambiguous(_)
                | Self::InvalidInput(_)
                | Self::Unsupported(_)
                | Self::UnknownRun(_)
                | Self::Duplicate(_)
        )
    }

    /// Whether what was asked was understood and turned down.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Closed(_) | Self::Refused(_) | Self::UnknownRun(_) | Self::Duplicate(_))
    }
}
