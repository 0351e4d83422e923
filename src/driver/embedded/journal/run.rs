use std::fmt;
use std::sync::Arc;

/// What a run is called, unique in its journal. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Arc<str>);

impl RunId {
    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RunId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for RunId {
    fn from(id: String) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Accepted; its first record isn't there yet.
    Starting,
    /// Going on, or waiting for something.
    Running,
    /// Open, but no program of this version may drive it.
    Parked,
    /// Ended with its output.
    Completed,
    /// Ended with its output, though nodes of it failed.
    CompletedWithFailures,
    /// Ended with a failure.
    Failed,
    /// Ended because it was asked to.
    Cancelled,
    /// Ended at once, without its own say.
    Terminated,
}

impl Status {
    /// All of them, in the order of a run's life.
    pub const ALL: [Self; 8] = [
        Self::Starting,
        Self::Running,
        Self::Parked,
        Self::Completed,
        Self::CompletedWithFailures,
        Self::Failed,
        Self::Cancelled,
        Self::Terminated,
    ];

    /// Its name, as the journal and the commands have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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

    /// The status of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the run may still go on.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Starting | Self::Running | Self::Parked)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A run that begins.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its id; creating a second run of the same id gives back the first.
    pub id: RunId,
    /// The workflow's name.
    pub workflow: String,
    /// The hash of its plan, by which a plan is stored once.
    pub plan_hash: String,
    /// The plan, for the first run that has it.
    pub plan: Vec<u8>,
    /// What the run starts with; given back by every load.
    pub header: Vec<u8>,
    /// The run that started it.
    pub parent: Option<RunId>,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
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
    pub id: RunId,
    /// The workflow's name.
    pub workflow: String,
    /// Where it stands.
    pub status: Status,
    /// The hash of its plan.
    pub plan_hash: String,
    /// The run that started it.
    pub parent: Option<RunId>,
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

/// Which runs are listed. The default is all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only those with one of these; all when empty.
    pub statuses: Vec<Status>,
    /// Only those of this workflow.
    pub workflow: Option<String>,
    /// Only those that this run started.
    pub parent: Option<RunId>,
    /// At most so many.
    pub limit: Option<u32>,
}
