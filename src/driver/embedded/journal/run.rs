use std::fmt;
use std::sync::Arc;

use super::Record;
use crate::engine::machine::Status;

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id; creating a second run of the same id gives back the first.
    pub id: String,
    /// The workflow's name.
    pub workflow: String,
    /// The hash of its plan, by which a plan is stored once.
    pub plan_hash: String,
    /// The plan, for the first run that has it.
    pub plan: Arc<[u8]>,
    /// What the run starts with; given back by every load.
    pub header: Vec<u8>,
    /// The run that started it.
    pub parent: Option<String>,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
    /// Its first records.
    pub records: Vec<Record>,
}

/// What became of a [`NewRun`].
#[derive(Debug, Clone)]
pub enum Created {
    /// It is durable and owned by this process, in this epoch.
    New(u64),
    /// A run of this id is there; nothing was written.
    Exists(Box<RunInfo>),
}

/// What an append changes of the run itself, in the transaction of its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunChange {
    /// Its new status; an end needs one of the closed ones.
    pub status: Option<Status>,
    /// When it next wants to be woken, in milliseconds since 1970: `Some(None)` for never.
    pub wake_at: Option<Option<i64>>,
    /// When it ended, in milliseconds since 1970, and its outcome. Nothing can be appended afterwards.
    pub ended: Option<(i64, Vec<u8>)>,
}

/// A run, without its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// Its id.
    pub id: String,
    /// The workflow's name.
    pub workflow: String,
    /// Where it stands.
    pub status: Status,
    /// The hash of its plan.
    pub plan_hash: String,
    /// The run that started it.
    pub parent: Option<String>,
    /// When it started, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended, in milliseconds since 1970.
    pub ended_at: Option<i64>,
    /// When it next wants to be woken, in milliseconds since 1970.
    pub wake_at: Option<i64>,
    /// The live process that owns it; none when nobody does, or when that process has gone.
    pub owner: Option<Owner>,
    /// How often it was claimed; what isn't of this epoch is refused.
    pub epoch: u64,
    /// What it ended with.
    pub outcome: Option<Vec<u8>>,
}

/// A process that owns runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The name of its lock file, unique for all time.
    pub name: String,
    /// Its process id, on its host.
    pub pid: u32,
    /// The name of its host.
    pub host: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "process {} on {}", self.pid, self.host)
    }
}
