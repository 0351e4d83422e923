use std::time::Duration;

use temporalio_protos::temporal::api::common::v1::RetryPolicy;

use super::fault;
use crate::plan::{ErrorTable, Retry};

/// What the server calls the time-out of an attempt.
const TIMEOUT: &str = "TemporalTimeout:StartToClose";

/// A policy as the server carries it out. `most` are the attempts that it may make, as many as it likes where none is
/// given.
pub(super) fn of(policy: &Retry, errors: &ErrorTable, most: Option<u32>) -> RetryPolicy {
    // The server takes no pause for a wish for its own.
    let millis = |ms: u64| Duration::from_millis(ms.max(1)).try_into().ok();
    // What a worker hands on when it ends is made again, whatever the kind says of its own errors.
    let is_fixed = |name: &str, is_retryable: bool| !is_retryable && name != fault::LOST;
    let fixed = errors.iter().filter(|(name, error)| is_fixed(name, error.retryable));
    let fixed = fixed.map(|(name, _)| name.to_string());
    let mut names: Vec<String> =
        policy.non_retryable_errors.iter().map(ToString::to_string).chain(fixed).collect();
    if names.iter().any(|name| name == "Timeout") {
        names.push(TIMEOUT.to_owned());
    }
    names.sort();
    names.dedup();
    RetryPolicy {
        initial_interval: millis(policy.initial_interval_ms),
        backoff_coefficient: policy.backoff_coefficient,
        maximum_interval: millis(policy.maximum_interval_ms),
        maximum_attempts: most.map_or(0, |most| i32::try_from(most).unwrap_or(i32::MAX)),
        non_retryable_error_types: names,
    }
}

/// How long the server would wait after attempt number `attempts`.
pub(super) fn pause(policy: &RetryPolicy, attempts: u32) -> Duration {
    let duration = |of: Option<_>| of.and_then(|of| Duration::try_from(of).ok());
    let first = duration(policy.initial_interval).unwrap_or(Duration::from_secs(1));
    let growth = policy.backoff_coefficient.max(1.0).powi(i32::try_from(attempts).unwrap_or(i32::MAX) - 1);
    let longest = duration(policy.maximum_interval).unwrap_or(first * 100);
    Duration::try_from_secs_f64(first.as_secs_f64() * growth).map_or(longest, |pause| pause.min(longest))
}
