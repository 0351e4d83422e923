use std::path::PathBuf;

use thiserror::Error;

use super::journal::JournalError;

/// Why an engine, or a run, can't do what it was asked.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The journal refused.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is no such run.
    #[error("there is no run `{0}` in this journal")]
    UnknownRun(String),
    /// There is no such workflow.
    #[error("no workflow `{0}` is registered")]
    UnknownWorkflow(String),
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
    /// Secrets that are not set.
    #[error("{}", missing(.0))]
    MissingSecrets(Vec<String>),
    /// A secret's file that can't be read.
    #[error("the secret `{name}` can't be read from {}: {reason}", .path.display())]
    UnreadableSecret {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A setting that is not set, or doesn't fit.
    #[error("the setting `{name}` {reason}")]
    Setting {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The plan wants what this engine doesn't have.
    #[error("`{node}` is of the kind `{kind}`, which this engine doesn't run")]
    Unsupported {
        /// The node.
        node: String,
        /// Its kind.
        kind: String,
    },
    /// The plan uses a policy that this engine doesn't carry out.
    #[error("`{workflow}` uses {what}, which this engine doesn't carry out")]
    UnsupportedPolicy {
        /// The workflow.
        workflow: String,
        /// What it uses.
        what: &'static str,
    },
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
    /// Whether who asked can mend it by asking otherwise; else the environment is at fault.
    #[must_use]
    pub fn is_of_caller(&self) -> bool {
        matches!(
            self,
            Self::UnknownRun(_)
                | Self::UnknownWorkflow(_)
                | Self::Duplicate(_)
                | Self::InvalidInput(_)
                | Self::InvalidSignal(_)
                | Self::Unsupported { .. }
                | Self::UnsupportedPolicy { .. }
        )
    }
}

fn missing(names: &[String]) -> String {
    match names {
        [only] => format!("the secret {only} is not set"),
        many => format!("secrets are not set: {}", many.join(", ")),
    }
}
