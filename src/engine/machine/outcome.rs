use serde::{Deserialize, Serialize};

use super::failure::{Listed, RunFailure};
use crate::value::Value;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// It came to its end.
    Completed {
        /// The workflow's output, a record.
        output: Value,
        /// Whether something failed on the way that nobody handled.
        with_failures: bool,
        /// What failed without deciding how the run ended.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failures: Vec<Listed>,
    },
    /// It was stopped by a failure.
    Failed(Box<RunFailure>),
    /// It was stopped from outside.
    Cancelled {
        /// What failed without deciding how the run ended.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failures: Vec<Listed>,
    },
}

impl Outcome {
    /// What the run's status is then.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Completed { with_failures: false, .. } => Status::Completed,
            Self::Completed { with_failures: true, .. } => Status::CompletedWithFailures,
            Self::Failed(_) => Status::Failed,
            Self::Cancelled { .. } => Status::Cancelled,
        }
    }

    /// What failed without deciding how the run ended.
    #[must_use]
    pub fn failures(&self) -> &[Listed] {
        match self {
            Self::Completed { failures, .. } | Self::Cancelled { failures } => failures,
            Self::Failed(failure) => &failure.failures,
        }
    }
}

/// What a run is at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Accepted, and nothing done yet.
    Starting,
    /// On its way.
    Running,
    /// Waiting for a program that knows its plan.
    Parked,
    /// At its end.
    Completed,
    /// At its end, with failures that nobody handled.
    CompletedWithFailures,
    /// Stopped by a failure.
    Failed,
    /// Stopped from outside.
    Cancelled,
    /// Ended from outside, without undoing anything.
    Terminated,
}

impl Status {
    /// Its word, as it is written everywhere.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Completed => "completed",
            Self::CompletedWithFailures => "completed_with_failures",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Terminated => "terminated",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_closed(self) -> bool {
        !matches!(self, Self::Starting | Self::Running | Self::Parked)
    }
}
