use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BreakerId, CodeId, LimitId};

/// When a failed attempt is made again; every default is filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// The delay before the second attempt, in milliseconds.
    pub initial_interval_ms: u64,
    /// What each further delay is multiplied by, at least 1.
    pub backoff_coefficient: f64,
    /// The longest delay, in milliseconds.
    pub maximum_interval_ms: u64,
    /// How many attempts there are in all, at least 1; absent where nothing but a time-out bounds them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_attempts: Option<u32>,
    /// Errors that end the attempts at once, in the order of their names, besides those that are never retried.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub non_retryable_errors: Vec<String>,
}

/// A circuit breaker. Two workflows share it when its name and its numbers are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Breaker {
    /// Its name.
    pub name: String,
    /// How many failures within the window open it.
    pub failure_threshold: u32,
    /// The window, in milliseconds.
    pub window_ms: u64,
    /// How long it stays open, in milliseconds.
    pub cooldown_ms: u64,
    /// How many successes in a row close it again.
    pub half_open_probes: u32,
}

/// A limit of rate or concurrency. Two workflows share it when its name and its numbers are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// How many starts it lets through in a period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// How many may run at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
}

/// So many starts in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// The period, in milliseconds.
    pub per_ms: u64,
}

/// The breaker of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakerUse {
    /// Which.
    pub breaker: BreakerId,
    /// What tells one circuit from another; absent where there is one for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<CodeId>,
}

/// The limit of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitUse {
    /// Which.
    pub limit: LimitId,
    /// What tells one count from another; absent where there is one for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<CodeId>,
}

/// How many runs of a workflow may be open for one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Concurrency {
    /// What they share; absent where all runs of the workflow do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<CodeId>,
    /// How many.
    pub limit: u32,
    /// What happens to the next.
    pub then: Overflow,
}

/// What happens to a run that would be one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// It waits.
    Queue,
    /// It starts, and the oldest is cancelled.
    CancelRunning,
    /// It is refused.
    Reject,
}

/// What happens to a second start with the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnDuplicate {
    /// It is refused.
    Reject,
    /// It gets the run that exists.
    ReturnExisting,
}
