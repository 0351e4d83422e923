/// What somebody tells a run, from any process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What is told.
    pub payload: Vec<u8>,
}

/// A message that waits: whom it is for, its row, which [`Record::consumes`](super::Record) names, and what it says.
/// Later messages have higher rows.
pub type Posted = (String, i64, Message);
