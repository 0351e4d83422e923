use serde::{Deserialize, Serialize};

use crate::value::{Duration, Timestamp};

const NANOS: i128 = 1_000_000;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// So many milliseconds later; at the end of time at the latest.
    #[must_use]
    pub fn after(self, millis: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    /// The milliseconds from `earlier` until here; none where it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The moment as expressions see it.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_nanos(i128::from(self.0) * NANOS).unwrap_or(Timestamp::EPOCH)
    }

    /// The first whole millisecond that is not before `time`.
    #[must_use]
    pub fn not_before(time: Timestamp) -> Self {
        let nanos = time.as_nanos();
        let millis = nanos.div_euclid(NANOS) + i128::from(nanos.rem_euclid(NANOS) > 0);
        Self(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

/// A duration in whole milliseconds, rounded up; nothing for less than none.
pub(super) fn millis(duration: Duration) -> u64 {
    let nanos = duration.as_nanos().max(0);
    u64::try_from(nanos.div_euclid(NANOS) + i128::from(nanos.rem_euclid(NANOS) > 0)).unwrap_or(u64::MAX)
}

/// So many milliseconds as a duration.
pub(super) fn duration(millis: u64) -> Duration {
    Duration::from_nanos(i128::from(millis) * NANOS).unwrap_or(Duration::ZERO)
}
