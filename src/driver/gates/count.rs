use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What has happened at the gates of a name since the process began.
#[derive(Debug, Default)]
pub(super) struct Counts {
    openings: AtomicU64,
    turned_away: AtomicU64,
    waiting: AtomicUsize,
}

impl Counts {
    /// A circuit has opened.
    pub(super) fn opened(&self) {
        self.openings.fetch_add(1, Ordering::Relaxed);
    }

    /// An attempt was not let through when it came.
    pub(super) fn turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// An attempt waits, as long as the answer lives.
    pub(super) fn waits(counts: &Arc<Self>) -> Waiting {
        counts.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(counts))
    }

    pub(super) fn openings(&self) -> u64 {
        self.openings.load(Ordering::Relaxed)
    }

    pub(super) fn all_turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// An attempt that waits.
pub(super) struct Waiting(Arc<Counts>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
