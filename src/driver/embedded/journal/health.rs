/// Whether the journal takes what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It does.
    Healthy,
    /// There is no room: what was given waits in memory, unacknowledged, and goes on by itself.
    DiskFull,
}
