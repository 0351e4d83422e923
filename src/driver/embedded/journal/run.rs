use super::Owner;
use crate::engine::machine::Status;

/// A run to begin.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id, unlike all others.
    pub id: String,
    /// The name of its workflow.
    pub workflow: String,
    /// The hash of its plan.
    pub plan_hash: String,
    /// Its plan; kept once for all runs.
    pub plan: Vec<u8>,
    /// What it starts with, for whoever wrote it.
    pub header: Vec<u8>,
    /// The run that started it.
    pub parent: Option<String>,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
    /// Its first records.
    pub records: Vec<Record>,
}

/// What became of a run to begin.
#[derive(Clone, Debug)]
pub enum Created {
    /// It is there, and this process's, under this epoch.
    New(u64),
    /// A run of that id was there before.
    Exists(Box<RunInfo>),
}

/// Something that happened to a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is, for whoever wrote it.
    pub kind: u8,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The rest.
    pub payload: Vec<u8>,
    /// The message that it answers, which is gone with it.
    pub consumes: Option<i64>,
}

/// What changes in the list of runs together with records.
#[derive(Clone, Debug, Default)]
pub struct RunChange {
    /// What the run is at.
    pub status: Option<Status>,
    /// When it has something to do next, in milliseconds since 1970.
    pub wake_at: Option<Option<i64>>,
    /// When it ended, and how.
    pub ended: Option<(i64, Vec<u8>)>,
}

/// A run in the list of runs.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Its id.
    pub id: String,
    /// The name of its workflow.
    pub workflow: String,
    /// What it is at.
    pub status: Status,
    /// The hash of its plan.
    pub plan_hash: String,
    /// The run that started it.
    pub parent: Option<String>,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// When it has something to do next.
    pub wake_at: Option<i64>,
    /// Who drives it.
    pub owner: Option<Owner>,
    /// How often it was claimed.
    pub epoch: u64,
    /// How it ended.
    pub outcome: Option<Vec<u8>>,
}

/// All that is recorded of a run.
#[derive(Clone, Debug)]
pub struct Recovered {
    /// Its place in the list of runs.
    pub info: RunInfo,
    /// What it started with.
    pub header: Vec<u8>,
    /// Its plan.
    pub plan: Vec<u8>,
    /// The newest state that was kept, after how many records.
    pub snapshot: Option<(u64, Vec<u8>)>,
    /// What was recorded since.
    pub records: Vec<Record>,
}

/// A message to a run, from whichever process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is, for whoever wrote it.
    pub payload: Vec<u8>,
}
