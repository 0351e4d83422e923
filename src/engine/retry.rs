//! When a failed attempt is made again: the policy of section 6 of the language, for engines whose server doesn't
//! carry it out.

use crate::plan::{ErrorTable, Retry};

/// The longest time that another program may ask to wait, in milliseconds.
pub const MAX_RETRY_AFTER: u64 = 3_600_000;

/// Whether an error is worth another attempt, how many there were apart.
#[must_use]
pub fn is_retryable(policy: &Retry, errors: &ErrorTable, error: &str) -> bool {
    let is_excluded = policy.non_retryable_errors.binary_search_by(|name| name.as_str().cmp(error)).is_ok();
    !is_excluded && errors.get(error).is_none_or(|known| known.retryable)
}

/// The pause after so many attempts, in milliseconds; none where there is no further attempt.
#[must_use]
pub fn pause(policy: &Retry, attempts: u32) -> Option<u64> {
    if policy.maximum_attempts.is_some_and(|most| attempts >= most) {
        return None;
    }
    let growth =
        policy.backoff_coefficient.powi(i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX));
    let pause = policy.initial_interval_ms as f64 * growth;
    let longest = policy.maximum_interval_ms;
    Some(if pause >= longest as f64 { longest } else { pause.round() as u64 })
}

/// What follows a failed attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Another attempt, so many milliseconds later.
    After(u64),
    /// Nothing: it has failed for good.
    Never,
}

/// What follows attempt number `attempts`, which failed with `error`. `retry_after` is what another program asked for;
/// `left` is what remains of the time for all attempts. Both in milliseconds.
#[must_use]
pub fn next(
    policy: &Retry,
    errors: &ErrorTable,
    error: &str,
    attempts: u32,
    retry_after: Option<u64>,
    left: Option<u64>,
) -> Next {
    let Some(pause) = pause(policy, attempts).filter(|_| is_retryable(policy, errors, error)) else {
        return Next::Never;
    };
    let pause = pause.max(retry_after.unwrap_or(0).min(MAX_RETRY_AFTER));
    if left.is_some_and(|left| pause >= left) { Next::Never } else { Next::After(pause) }
}

/// What is known of a failed attempt.
#[derive(Clone, Copy, Debug)]
pub struct Certainty {
    /// Whether it ended before anything can have happened outside.
    pub is_before_effect: bool,
}

/// What a failed attempt of an `effect: once` may have done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Once {
    /// Nothing: it may be tried again.
    Nothing,
    /// What its answer says: it is not tried again.
    Answered,
    /// Nobody knows: that is `Indeterminate`.
    Unknown,
}

/// What an attempt did that must not be repeated and failed with `error`.
#[must_use]
pub fn once(error: &str, certainty: Certainty) -> Once {
    match error {
        _ if certainty.is_before_effect => Once::Nothing,
        "RateLimited" => Once::Nothing,
        "Timeout" | "ConnectionFailed" | "NodePanicked" | "WorkerLost" => Once::Unknown,
        _ => Once::Answered,
    }
}

#[cfg(test)]
mod tests {
    use super::{Next, next, pause};
    use crate::plan::{ErrorTable, ErrorType, Retry};

    fn policy() -> Retry {
        Retry {
            initial_interval_ms: 1_000,
            backoff_coefficient: 2.0,
            maximum_interval_ms: 5_000,
            maximum_attempts: Some(5),
            non_retryable_errors: vec!["ConnectionFailed".into()],
        }
    }

    fn errors() -> ErrorTable {
        let error = |retryable| ErrorType { retryable, details: None };
        [("HttpServerError".into(), error(true)), ("HttpClientError".into(), error(false))].into()
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_end_with_the_attempts() {
        let pauses: Vec<_> = (1..=5).map(|attempts| pause(&policy(), attempts)).collect();
        assert_eq!(pauses, [Some(1_000), Some(2_000), Some(4_000), Some(5_000), None]);
        let endless = Retry { maximum_attempts: None, ..policy() };
        assert_eq!(pause(&endless, 1_000_000), Some(5_000));
    }

    #[test]
    fn what_another_attempt_would_not_change_is_final() {
        let after = |error| next(&policy(), &errors(), error, 1, None, None);
        assert_eq!(after("HttpServerError"), Next::After(1_000));
        assert_eq!(after("HttpClientError"), Next::Never);
        assert_eq!(after("ConnectionFailed"), Next::Never);
    }

    #[test]
    fn a_wish_to_wait_counts_within_limits() {
        let after = |wish, left| next(&policy(), &errors(), "HttpServerError", 1, Some(wish), left);
        assert_eq!(after(500, None), Next::After(1_000));
        assert_eq!(after(30_000, None), Next::After(30_000));
        assert_eq!(after(u64::MAX, None), Next::After(3_600_000));
        assert_eq!(after(30_000, Some(20_000)), Next::Never);
    }
}
