//! Retry policies: their numbers, whether anything bounds them, and what is retried that had better not be.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::program::{Argument, Config, Retry};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;

/// What can be wrong with policies and their use.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`maximum_interval` is shorter than `initial_interval`")]
    #[diagnostic(code(interval_order), help("the longest delay is at least the first one"))]
    IntervalOrder,
    #[error("nothing bounds these retries")]
    #[diagnostic(
        code(unbounded_retry),
        severity(Warning),
        help("give the policy `maximum_attempts`, or the node a `total_timeout`")
    )]
    Unbounded,
    #[error("`on_error: retry` starts retries over that never end")]
    #[diagnostic(code(unbounded_retry_again), help("give the workflow's policy `maximum_attempts`"))]
    UnboundedAgain,
    #[error("`{what}` may take effect twice: it is tried {attempts} times")]
    #[diagnostic(
        code(unclear_effect),
        severity(Warning),
        help("say `effect: idempotent` if a second try does no harm, `effect: once` if there must be none")
    )]
    UnclearEffect { what: EcoString, attempts: String },
}

/// The policy that a `retry` block describes; missing fields have their defaults.
pub(super) fn policy(config: &Config, problems: &mut Problems) -> Retry {
    let standard = Retry::block();
    let initial_interval = config.millis("initial_interval").unwrap_or(standard.initial_interval);
    let maximum_interval = config.millis("maximum_interval").unwrap_or(initial_interval.saturating_mul(100));
    if let Some(span) = config.span("maximum_interval").filter(|_| maximum_interval < initial_interval) {
        let finding = Finding::new(span, Error::IntervalOrder);
        problems.report(match config.span("initial_interval") {
            Some(initial) => finding.label(initial, "the first delay"),
            None => finding,
        });
    }
    let mut non_retryable_errors = match config.get("non_retryable_errors") {
        Some(Argument::Errors(names)) => names.clone(),
        _ => Vec::new(),
    };
    non_retryable_errors.sort();
    non_retryable_errors.dedup();
    Retry {
        initial_interval,
        backoff_coefficient: config.double("backoff_coefficient").unwrap_or(standard.backoff_coefficient),
        maximum_interval,
        maximum_attempts: config.count("maximum_attempts").or_else(|| bad_count(config)),
        non_retryable_errors,
    }
}

/// A bound that is in error, or may be, is a bound.
fn bad_count(config: &Config) -> Option<u32> {
    (config.is_doubtful() || config.span("maximum_attempts").is_some()).then_some(1)
}

/// The policy that a node or a workflow chooses, by name or by a number of attempts.
pub(super) fn chosen(config: &Config, policies: &[Retry]) -> Option<Retry> {
    if let Some(attempts) = config.count("retry_attempts") {
        return Some(Retry { maximum_attempts: Some(attempts), ..Retry::standard() });
    }
    match config.get("retry")? {
        Argument::Policy { index, .. } => policies.get(*index).cloned(),
        _ => Some(Retry::none()),
    }
}

/// Warns of a policy that nothing bounds, where it is chosen.
pub(super) fn report_unbounded(chosen_at: Span, problems: &mut Problems) {
    problems.report(Finding::new(chosen_at, Error::Unbounded));
}

/// Refuses `on_error: retry` under a policy without a number of attempts.
pub(super) fn check_again(policy: &Retry, at: Span, problems: &mut Problems) {
    if policy.maximum_attempts.is_none() {
        problems.report(Finding::new(at, Error::UnboundedAgain));
    }
}

/// Warns that something is tried again of which nobody has said that it may be.
pub(super) fn report_unclear_effect(what: &str, retry: &Retry, at: Span, problems: &mut Problems) {
    let attempts =
        retry.maximum_attempts.map_or_else(|| "any number of".to_owned(), |count| count.to_string());
    problems.report(Finding::new(at, Error::UnclearEffect { what: what.into(), attempts }));
}
