use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::call::Sheet;
use crate::driver::Waiting;
use crate::driver::gates::{Wait, refused};
use crate::engine::machine::{Failure, Moment};
use crate::value::EcoString;

/// The longest pause before an attempt that is held back asks again, where nobody knows how long it takes.
const LONGEST: u64 = 60_000;
/// The longest that is added so that those who wait don't come at once.
const SPREAD: u64 = 5_000;

/// What a worker says of an attempt that it didn't let begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    /// The breaker or limit, as people read it.
    gate: EcoString,
    /// Whether it is a breaker.
    breaker: bool,
    /// When it lets something through at the earliest, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    /// After how many milliseconds the attempt asks again.
    retry_after_ms: u64,
}

impl Held {
    /// An attempt is held back at `now`. Each time that it is, it comes later, and none comes exactly when others do.
    pub(super) fn new(wait: Wait, sheet: &Sheet, now: Moment) -> Self {
        let known = wait.until.map_or(0, |until| until.since(now)).max(wait.crowd);
        let pause = known.max((1_000 << sheet.refusals.min(6)).min(LONGEST));
        let spread = uuid::Uuid::new_v4().as_u64_pair().0 % (pause / 4).clamp(1, SPREAD);
        let retry_after_ms = pause.saturating_add(spread);
        Self { gate: wait.gate, breaker: wait.is_breaker, until: wait.until, retry_after_ms }
    }

    /// The name of what the server is told.
    pub(super) fn name(&self) -> &'static str {
        if self.breaker { "CircuitOpen" } else { "LimitReached" }
    }

    /// What people are told.
    pub(super) fn message(&self) -> String {
        format!("it waits for the {}", self.gate)
    }

    /// After which pause it asks again; none where its time for all attempts, until `deadline`, isn't enough.
    pub(super) fn pause(&self, now: Moment, deadline: Option<Moment>) -> Option<Duration> {
        let pause = Duration::from_millis(self.retry_after_ms);
        let Some(deadline) = deadline else { return Some(pause) };
        let is_late = now >= deadline || self.until.is_some_and(|until| until >= deadline);
        (!is_late).then(|| pause.min(Duration::from_millis(deadline.since(now))))
    }

    /// What an execution fails with that can't wait for it, after so many attempts.
    pub(super) fn failure(&self, attempts: u32) -> Box<Failure> {
        Box::new(Failure { attempts, ..refused(&self.gate, self.breaker) })
    }

    pub(super) fn waiting(&self) -> Waiting {
        Waiting { gate: self.gate.clone(), until: self.until }
    }
}
