use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// What an attempt and those who wait for it tell each other while it runs. A clone is the same.
#[derive(Clone, Debug)]
pub struct Progress(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// When it came further the last time.
    last: Mutex<Instant>,
    stop: watch::Sender<bool>,
}

impl Default for Progress {
    fn default() -> Self {
        Self(Arc::new(Inner { last: Mutex::new(Instant::now()), stop: watch::Sender::new(false) }))
    }
}

impl Progress {
    /// The attempt has come further.
    pub fn made(&self) {
        *self.0.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Instant::now();
    }

    /// Waits until it has not come further for so long.
    pub async fn stalled(&self, limit: Duration) {
        loop {
            let last = *self.0.last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let left = limit.saturating_sub(last.elapsed());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }

    /// Asks the attempt to take down what it has begun and to end.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Waits until that is asked.
    pub async fn stopped(&self) {
        let mut stop = self.0.stop.subscribe();
        // The sender is as old as this.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}
