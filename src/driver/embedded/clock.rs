use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::engine::machine::Moment;

/// How long a timer sleeps at the most before it looks at the wall clock again, which may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// The wall clock's time.
#[must_use]
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Sleeps until a moment, or for as long as one may without looking at the clock.
pub(super) async fn doze_until(at: Moment) {
    let left = Duration::from_millis(at.since(now()));
    tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
}

/// Sleeps until a moment.
pub(super) async fn sleep_until(at: Moment) {
    while now() < at {
        doze_until(at).await;
    }
}
