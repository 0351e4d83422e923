use serde::{Deserialize, Serialize};

use crate::engine::machine::{End, Failure, Moment};
use crate::value::{EcoString, Value};

/// What happened to one execution of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeReport {
    /// How it ended.
    pub status: NodeStatus,
    /// How many attempts there were.
    pub attempts: u32,
    /// When it started.
    pub started_at: Option<Moment>,
    /// When it was decided.
    pub ended_at: Option<Moment>,
    /// The fields of its kind, of an activity or a child.
    pub input: Option<Value>,
    /// What it gave.
    pub output: Option<Value>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// What its next attempt waits for.
    pub waits: Option<Waiting>,
}

/// What an attempt waits for before it may begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The breaker or limit, as people read it: `breaker payments(eu)`.
    pub gate: EcoString,
    /// Until when at the earliest, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// How far a node has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NodeStatus {
    /// It has started.
    Running,
    /// It has succeeded.
    Succeeded,
    /// It has failed for good.
    Failed,
    /// Its connections decided against it.
    Skipped,
    /// It was taken back.
    Cancelled,
}

impl NodeStatus {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "completed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl NodeReport {
    pub(in crate::driver) fn started(at: Moment) -> Self {
        Self {
            status: NodeStatus::Running,
            attempts: 0,
            started_at: Some(at),
            ended_at: None,
            input: None,
            output: None,
            error: None,
            waits: None,
        }
    }

    pub(in crate::driver) fn unstarted() -> Self {
        Self { started_at: None, ..Self::started(Moment::default()) }
    }

    pub(in crate::driver) fn end(&mut self, at: Moment, end: &End) {
        self.ended_at = Some(at);
        self.waits = None;
        self.status = match end {
            End::Succeeded { output, .. } => {
                self.output = Some(output.clone());
                NodeStatus::Succeeded
            }
            End::Failed(failure) => {
                self.error = Some(failure.clone());
                NodeStatus::Failed
            }
            End::Skipped => NodeStatus::Skipped,
            End::Cancelled => NodeStatus::Cancelled,
        };
    }
}

impl std::fmt::Display for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "waits for the {}", self.gate)?;
        match self.until {
            Some(until) => write!(f, " until {}", until.timestamp().print()),
            None => Ok(()),
        }
    }
}
