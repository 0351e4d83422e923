use super::RunId;

/// What somebody tells a run, from any process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Tells kinds of messages apart; the journal doesn't look at it.
    pub kind: u8,
    /// A name, such as a signal's.
    pub name: String,
    /// What is told.
    pub payload: Vec<u8>,
}

/// A message that waits in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Whom it is for.
    pub run: RunId,
    /// Its row, which [`Record::consumes`](super::Record) names. Later messages have higher ones.
    pub row: i64,
    /// What it says.
    pub message: Message,
}
