use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use super::{Store, StoreError};
use crate::driver::embedded::now;
use crate::engine::machine::Moment;

/// How long a store may take for a change.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long nobody asks a store that has failed, in milliseconds.
const REST: u64 = 5_000;

/// What a change leaves.
pub(in crate::driver::gates) struct Kept {
    /// The state.
    pub(in crate::driver::gates) text: String,
    /// From when on it is as good as none.
    pub(in crate::driver::gates) idle_at: Moment,
}

/// What becomes of a state, which is none at first, at the store's time.
pub(in crate::driver::gates) trait Change<R>:
    FnOnce(Option<&str>, Moment) -> (Kept, R) + Send + 'static
{
}

impl<R, F: FnOnce(Option<&str>, Moment) -> (Kept, R) + Send + 'static> Change<R> for F {}

/// A store that may be lost for a while.
pub(in crate::driver::gates) struct Shelf {
    store: Store,
    complain: Box<dyn Fn(&str) + Send + Sync>,
    is_lost: AtomicBool,
    /// Before when it isn't asked again.
    rests_until: AtomicI64,
}

impl Shelf {
    pub(in crate::driver::gates) fn new(store: Store, complain: Box<dyn Fn(&str) + Send + Sync>) -> Self {
        Self { store, complain, is_lost: AtomicBool::new(false), rests_until: AtomicI64::new(i64::MIN) }
    }

    /// Changes a state, and gives what the change gives; none where the store can't be used now.
    pub(in crate::driver::gates) async fn change<R: Send + 'static>(
        &self,
        id: &str,
        change: impl Change<R>,
    ) -> Option<R> {
        if now().0 < self.rests_until.load(Ordering::Relaxed) {
            return None;
        }
        let changed = tokio::time::timeout(PATIENCE, self.store.change(id, change)).await;
        match changed.unwrap_or(Err(StoreError::Silent)) {
            Ok(result) => {
                if self.is_lost.swap(false, Ordering::Relaxed) {
                    (self.complain)("the store of breakers answers again");
                }
                Some(result)
            }
            Err(error) => {
                self.rests_until.store(now().after(REST).0, Ordering::Relaxed);
                if !self.is_lost.swap(true, Ordering::Relaxed) {
                    let how = "breakers and limits hold for this process alone until it answers again";
                    (self.complain)(&format!("{error}; {how}"));
                }
                None
            }
        }
    }
}
