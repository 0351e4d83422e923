//! Failures as the server records them, and back.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use temporalio_protos::temporal::api::common::v1::Payloads;
use temporalio_protos::temporal::api::enums::v1::{RetryState, TimeoutType};
use temporalio_protos::temporal::api::failure::v1 as proto;
use temporalio_protos::temporal::api::failure::v1::failure::FailureInfo;

use super::held::Held;
use super::payload;
use crate::engine::machine::{Failure, Listed, Outcome, RunFailure};
use crate::nodes::NodeError;
use crate::plan::{CodeId, Plan, WorkflowId};
use crate::value::{EcoString, Value};

/// The version of what stands in the details of failures.
const VERSION: u32 = 1;

/// The error of an attempt whose worker went away.
pub(super) const LOST: &str = "WorkerLost";

/// What a failed run says in its details.
#[derive(Serialize, Deserialize)]
struct RunDetails {
    v: u32,
    /// The name of the node that failed; empty where the run did.
    node: EcoString,
    /// Its path.
    path: EcoString,
    attempts: u32,
    /// Where it stands: `order.citadel:12`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    span: Option<String>,
    error: Named,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Listed>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unknown_effects: Vec<EcoString>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<CodeId>,
}

#[derive(Serialize, Deserialize)]
struct Named {
    r#type: EcoString,
    message: EcoString,
    #[serde(default)]
    details: Json,
}

/// What a failed attempt says in its details.
#[derive(Default, Serialize, Deserialize)]
struct AttemptDetails {
    v: u32,
    attempts: u32,
    #[serde(default)]
    details: Json,
    #[serde(default)]
    before_effect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    /// What didn't let it begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
}

/// How all attempts of an activity ended that were made.
pub(super) struct Ended {
    pub(super) failure: Failure,
    /// Whether the last ended before anything can have happened outside.
    pub(super) is_before_effect: bool,
    /// How long the other side asks to wait, in milliseconds.
    pub(super) retry_after: Option<u64>,
    /// Whether the worker went away while it ran.
    pub(super) is_lost: bool,
    /// What didn't let the last begin, and how many there were before.
    pub(super) held: Option<(Held, u32)>,
}

fn application(
    name: &str,
    message: &str,
    details: &impl Serialize,
    non_retryable: bool,
    pause: Option<Duration>,
) -> proto::Failure {
    let info = proto::ApplicationFailureInfo {
        r#type: name.to_owned(),
        non_retryable,
        details: Some(Payloads { payloads: vec![payload::write(details)] }),
        next_retry_delay: pause.and_then(|pause| pause.try_into().ok()),
        ..Default::default()
    };
    plain(message, FailureInfo::ApplicationFailureInfo(info))
}

fn plain(message: &str, info: FailureInfo) -> proto::Failure {
    let (message, source) = (message.to_owned(), "citadel".to_owned());
    proto::Failure { message, source, failure_info: Some(info), ..Default::default() }
}

/// The failure of a run. `plan` says where its nodes stand.
pub(super) fn of_run(failure: &RunFailure, workflow: WorkflowId, plan: &Plan) -> proto::Failure {
    let Failure { error, message, node: path, attempts, details, code } = &failure.cause;
    let details = RunDetails {
        v: VERSION,
        node: name_of(path),
        path: path.clone(),
        attempts: *attempts,
        span: plan.line_of(workflow, path),
        error: Named { r#type: error.clone(), message: message.clone(), details: details.to_plain() },
        failures: failure.failures.clone(),
        unknown_effects: failure.unknown_effects.clone(),
        code: *code,
    };
    application(error, message, &details, true, None)
}

/// The last name of a path.
fn name_of(path: &str) -> EcoString {
    path.rsplit(['.', '/']).next().unwrap_or_default().into()
}

/// The failure of a workflow that is none of ours to run.
pub(super) fn of_start(name: &str, message: &str) -> proto::Failure {
    application(name, message, &Json::Null, true, None)
}

/// What becomes of a workflow task that can't be carried out here.
pub(super) fn of_task(message: &str) -> proto::Failure {
    application("Parked", message, &Json::Null, false, None)
}

/// The failure of an attempt; `pause` is what the policy and the other side want before the next.
pub(super) fn of_attempt(error: &NodeError, attempts: u32, pause: Option<Duration>) -> proto::Failure {
    let details = AttemptDetails {
        v: VERSION,
        attempts,
        details: error.details.to_plain(),
        before_effect: error.before_effect,
        retry_after_ms: error.retry_after.map(|wish| u64::try_from(wish.as_millis()).unwrap_or(u64::MAX)),
        held: None,
    };
    application(&error.name, &error.message, &details, false, pause)
}

/// An attempt that was not let through, after so many that were made: the run asks again.
pub(super) fn of_held(held: Held, attempts: u32) -> proto::Failure {
    let (name, message) = (held.name(), held.message());
    let held = Some(held);
    let details = AttemptDetails { v: VERSION, attempts, before_effect: true, held, ..Default::default() };
    application(name, &message, &details, true, None)
}

/// The end of an attempt that was cancelled.
pub(super) fn cancelled() -> proto::Failure {
    plain("the attempt was cancelled", FailureInfo::CanceledFailureInfo(Default::default()))
}

/// How an activity failed, by what the server recorded.
pub(super) fn ended(failure: &proto::Failure) -> Ended {
    let cause = failure.cause.as_deref().unwrap_or(failure);
    match &cause.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => of_application(cause, info),
        Some(FailureInfo::TimeoutFailureInfo(info)) => of_timeout(info),
        _ => unknown(LOST, &cause.message),
    }
}

fn of_application(cause: &proto::Failure, info: &proto::ApplicationFailureInfo) -> Ended {
    let details: AttemptDetails = first(info.details.as_ref()).unwrap_or_default();
    let failure = Failure {
        attempts: details.attempts.max(1),
        details: Value::from_plain(&details.details).unwrap_or(Value::Null),
        ..Failure::new(info.r#type.as_str(), cause.message.as_str())
    };
    Ended {
        failure,
        is_before_effect: details.before_effect,
        retry_after: details.retry_after_ms,
        is_lost: info.r#type == LOST,
        held: details.held.map(|held| (held, details.attempts)),
    }
}

fn of_timeout(info: &proto::TimeoutFailureInfo) -> Ended {
    match info.timeout_type() {
        TimeoutType::Heartbeat => {
            Ended { is_lost: true, ..unknown(LOST, "the worker went away while the attempt ran") }
        }
        TimeoutType::ScheduleToClose => unknown("TotalTimeout", "all attempts together took too long"),
        TimeoutType::ScheduleToStart => {
            let ended = unknown("Timeout", "no worker took the attempt in time");
            Ended { is_before_effect: true, ..ended }
        }
        _ => unknown("Timeout", "the attempt took too long"),
    }
}

fn unknown(name: &str, message: &str) -> Ended {
    let failure = Failure::new(name, message);
    Ended { failure, is_before_effect: false, retry_after: None, is_lost: false, held: None }
}

/// Whether the server gave an activity up because its attempts were used up.
pub(super) fn has_no_attempts_left(failure: &proto::Failure) -> bool {
    matches!(&failure.failure_info, Some(FailureInfo::ActivityFailureInfo(info))
        if info.retry_state() == RetryState::MaximumAttemptsReached)
}

/// What became of a run that didn't complete, by what the server recorded.
pub(super) fn outcome(failure: &proto::Failure) -> Outcome {
    let cause = match (&failure.failure_info, &failure.cause) {
        (Some(FailureInfo::ChildWorkflowExecutionFailureInfo(_)), Some(cause)) => cause.as_ref(),
        _ => failure,
    };
    match &cause.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            Outcome::Failed(Box::new(run_failure(cause, info)))
        }
        Some(FailureInfo::CanceledFailureInfo(_)) => Outcome::Cancelled { failures: Vec::new() },
        Some(FailureInfo::TerminatedFailureInfo(_)) => failed("ChildFailed", "the run was terminated"),
        Some(FailureInfo::TimeoutFailureInfo(_)) => {
            failed("ChildFailed", "the server's time for the run was over")
        }
        _ => failed("ChildFailed", &cause.message),
    }
}

/// The outcome of a run that failed so.
pub(super) fn failed(name: &str, message: &str) -> Outcome {
    let (cause, unknown_effects, failures) = (Failure::new(name, message), Vec::new(), Vec::new());
    Outcome::Failed(Box::new(RunFailure { cause, unknown_effects, failures }))
}

fn run_failure(cause: &proto::Failure, info: &proto::ApplicationFailureInfo) -> RunFailure {
    let bare = Failure::new(info.r#type.as_str(), cause.message.as_str());
    match first::<RunDetails>(info.details.as_ref()) {
        Some(details) => RunFailure {
            cause: Failure {
                node: details.path,
                attempts: details.attempts,
                details: Value::from_plain(&details.error.details).unwrap_or(Value::Null),
                code: details.code,
                ..bare
            },
            unknown_effects: details.unknown_effects,
            failures: details.failures,
        },
        None => RunFailure { cause: bare, unknown_effects: Vec::new(), failures: Vec::new() },
    }
}

fn first<T: serde::de::DeserializeOwned>(payloads: Option<&Payloads>) -> Option<T> {
    payload::read(payloads?.payloads.first()?).ok()
}
