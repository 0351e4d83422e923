use super::route::refused;
use crate::engine::machine::{Failure, Moment};
use crate::value::EcoString;

/// What an attempt waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::driver) struct Wait {
    /// The gate, as people read it: `breaker payments(eu)`.
    pub(in crate::driver) gate: EcoString,
    /// Whether it is a breaker; a limit where it isn't.
    pub(in crate::driver) is_breaker: bool,
    /// When it is let through at the earliest, where that is known.
    pub(in crate::driver) until: Option<Moment>,
    /// For how long those before it will take, in milliseconds, as far as anybody can tell.
    pub(in crate::driver) crowd: u64,
}

impl Wait {
    /// What an execution fails with that may not wait for it, after so many attempts.
    pub(in crate::driver) fn failure(&self, attempts: u32) -> Failure {
        Failure { attempts, ..refused(&self.gate, self.is_breaker) }
    }

    /// Whether there is no use in waiting any longer.
    pub(super) fn is_over(&self, now: Moment, give_up: Option<Moment>) -> bool {
        give_up.is_some_and(|give_up| now >= give_up || self.until.is_some_and(|until| until >= give_up))
    }
}
