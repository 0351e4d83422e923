use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Failure, Moment, Outcome};
use crate::plan::{NodeId, WorkflowId};
use crate::value::{EcoString, Value};

/// What the machine waits for: each command that wants an answer has one, and each is answered once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u64);

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The run was accepted. Always the first, and only the first.
    Started(Box<Start>),
    /// An activity succeeded.
    Completed {
        /// Which.
        ticket: Ticket,
        /// What it gives.
        output: Value,
        /// How many attempts it took.
        attempts: u32,
    },
    /// An activity failed for good.
    Failed {
        /// Which.
        ticket: Ticket,
        /// Why.
        failure: Box<Failure>,
    },
    /// A child run is over, or, where it is detached, was started.
    ChildEnded {
        /// Which.
        ticket: Ticket,
        /// How.
        outcome: Box<Outcome>,
    },
    /// An activity or a child that was cancelled is gone.
    Released {
        /// Which.
        ticket: Ticket,
    },
    /// A timer's time has come.
    Fired {
        /// Which.
        ticket: Ticket,
    },
    /// A signal came from outside.
    Signalled(Signal),
    /// Somebody wants the run to stop.
    Cancelled,
}

impl Event {
    /// What it is, in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Completed { .. } => "completed",
            Self::Failed { .. } => "failed",
            Self::ChildEnded { .. } => "child_ended",
            Self::Released { .. } => "released",
            Self::Fired { .. } => "fired",
            Self::Signalled(_) => "signalled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a run starts with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The run's id.
    pub run: EcoString,
    /// The author's input, as it came.
    pub input: Json,
    /// The settings that the run reads, by name, decoded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<EcoString, Value>,
    /// When a schedule wanted it to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Moment>,
}

/// A message to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The signal's name.
    pub name: EcoString,
    /// What comes with it, as it came.
    pub payload: Json,
    /// Which of several waits for this name is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<EcoString>,
}

/// What the machine wants done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Run an activity, all its attempts, and answer with [`Event::Completed`] or [`Event::Failed`].
    Run(Box<Execution>),
    /// Start a run of another workflow, and answer with [`Event::ChildEnded`].
    StartChild(Box<ChildStart>),
    /// Answer with [`Event::Fired`] as soon as it is `at`.
    SetTimer {
        /// Which.
        ticket: Ticket,
        /// When.
        at: Moment,
    },
    /// Stop an activity or a child, and answer with [`Event::Released`] when it is gone, or with what it came to.
    Cancel {
        /// Which.
        ticket: Ticket,
    },
    /// Forget a timer.
    Unset {
        /// Which.
        ticket: Ticket,
    },
}

/// An activity to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execution {
    /// What to answer with.
    pub ticket: Ticket,
    /// The node, which holds the policies.
    pub node: NodeId,
    /// The node's path in the run, which with the run's id makes the idempotency key.
    pub path: EcoString,
    /// The fields of its kind, evaluated. Secrets are templates.
    pub input: Value,
    /// How long an attempt may take, in milliseconds.
    pub timeout: u64,
    /// When all attempts must be over.
    pub deadline: Option<Moment>,
    /// How long an attempt may go without progress, in milliseconds.
    pub heartbeat_timeout: Option<u64>,
    /// When it was started.
    pub since: Moment,
    /// Which circuit of its breaker it goes through; none where there is one for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker_key: Option<EcoString>,
    /// Which count of its limit it belongs to; none where there is one for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit_key: Option<EcoString>,
}

/// A run of another workflow to start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildStart {
    /// What to answer with.
    pub ticket: Ticket,
    /// The node.
    pub node: NodeId,
    /// The node's path in the run, which with the run's id makes the child's id where its workflow has none.
    pub path: EcoString,
    /// Which workflow of the plan.
    pub workflow: WorkflowId,
    /// What it is started with.
    pub input: Json,
    /// Whether it is started and left alone.
    pub detached: bool,
    /// Which try of the node it is; a child that has ended is not started again under its id.
    pub round: u32,
}
