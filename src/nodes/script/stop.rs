use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};

/// Tells a script's thread that it is no longer wanted. A clone is the same.
#[derive(Debug, Clone)]
pub(super) struct Stop(Arc<OwnedFd>);

impl Stop {
    pub(super) fn new() -> std::io::Result<Self> {
        let told = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self(Arc::new(told)))
    }

    /// It is to end.
    pub(super) fn tell(&self) {
        // A counter that is full has been told often enough.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

impl AsFd for Stop {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Tells it when it is dropped.
#[derive(Debug)]
pub(super) struct StopWithMe(pub(super) Stop);

impl Drop for StopWithMe {
    fn drop(&mut self) {
        self.0.tell();
    }
}
