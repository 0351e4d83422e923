use super::RunInfo;

/// What is to be kept of one event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Tells kinds of records apart; the journal doesn't look at it.
    pub kind: u8,
    /// When it happened, in milliseconds since 1970.
    pub at: i64,
    /// What happened.
    pub payload: Vec<u8>,
    /// The row of the message that it came from, which goes in the same transaction.
    pub consumes: Option<i64>,
}

/// A record as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place: 1, 2, 3 … in its run.
    pub seq: u64,
    /// As it was appended.
    pub kind: u8,
    /// As it was appended.
    pub at: i64,
    /// As it was appended.
    pub payload: Vec<u8>,
}

/// A state that saves reading the records before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last record that it holds the effect of.
    pub seq: u64,
    /// The state.
    pub bytes: Vec<u8>,
}

/// All that is needed to go on with a run. Every part was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The run.
    pub info: RunInfo,
    /// What it started with.
    pub header: Vec<u8>,
    /// Its plan.
    pub plan: Vec<u8>,
    /// The newest snapshot; none when there is none that is whole.
    pub snapshot: Option<Snapshot>,
    /// The records after the snapshot, or all.
    pub records: Vec<StoredRecord>,
}
