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

/// All that is needed to go on with a run. Every part was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// The run.
    pub info: RunInfo,
    /// What it started with.
    pub header: Vec<u8>,
    /// Its plan.
    pub plan: Vec<u8>,
    /// The newest snapshot: the number of records that it holds the effect of, and the state. None when there is none
    /// that is whole.
    pub snapshot: Option<(u64, Vec<u8>)>,
    /// The records after the snapshot, or all; what they consumed isn't kept.
    pub records: Vec<Record>,
}
