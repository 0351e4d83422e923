use std::time::{Duration, SystemTime};

use super::{Call, NodeError};

/// An attempt that is over.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// What was asked.
    pub call: &'a Call,
    /// When it began.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Why it failed, scrubbed of all secrets; none where it succeeded.
    pub error: Option<&'a NodeError>,
}

/// Watches the attempts that this process makes.
pub trait Watch: Send + Sync {
    /// An attempt is over. One that was taken back is not told.
    fn attempted(&self, attempt: Attempt<'_>);
}
