use std::time::{Duration, SystemTime};

use temporalio_protos::coresdk::activity_result::{
    ActivityExecutionResult, Cancellation, Failure, Success, activity_execution_result::Status,
};
use temporalio_protos::coresdk::activity_task::{ActivityCancelReason, Start};
use temporalio_protos::temporal::api::common::v1::Payload;
use tokio::sync::watch;

use super::call::{Nature, Sheet, Traced};
use super::plans::Plans;
use super::prologue::{self, Prologue};
use super::{fault, lineage, payload, policy};
use crate::driver::secret::Supplies;
use crate::engine::retry::MAX_RETRY_AFTER;
use crate::nodes::{Executors, NodeError};
use crate::value::Value;

/// How often an attempt shows that it lives.
const BEAT: Duration = Duration::from_secs(2);
/// What a server takes of one payload at most, in bytes.
const MOST_BYTES: usize = 2_000_000;

/// What the activities of a worker are made with.
pub(super) struct Crew {
    pub(super) plans: std::sync::Arc<Plans>,
    pub(super) executors: Executors,
    pub(super) supplies: Supplies,
}

/// Tells an attempt that nobody wants it any more, and why.
pub(super) type Stop = watch::Receiver<Option<ActivityCancelReason>>;

impl Crew {
    /// Makes one attempt; `beat` shows the server that it lives.
    pub(super) async fn attempt(
        &self,
        start: Start,
        beat: impl Fn(),
        mut stop: Stop,
    ) -> ActivityExecutionResult {
        if start.activity_type == prologue::ACTIVITY {
            return succeeded(payload::write(&self.prologue(&start)));
        }
        let attempt = self.execute(&start);
        tokio::pin!(attempt);
        // An interval's tick at once takes until the timer's next millisecond, which every node would wait for.
        let mut beats = tokio::time::interval_at(tokio::time::Instant::now() + BEAT, BEAT);
        loop {
            tokio::select! {
                result = &mut attempt => return ended(&start, result),
                reason = stop.wait_for(Option::is_some) => {
                    let reason = reason.ok().and_then(|reason| *reason);
                    return stopped(&start, reason.unwrap_or(ActivityCancelReason::Cancelled));
                }
                _ = beats.tick() => beat(),
            }
        }
    }

    fn prologue(&self, start: &Start) -> Prologue {
        let name =
            start.input.first().and_then(|name| payload::read::<String>(name).ok()).unwrap_or_default();
        Prologue::of(&self.plans, &name)
    }

    async fn execute(&self, start: &Start) -> Result<(Payload, u32), (NodeError, u32)> {
        let read = read(start).map_err(|error| (error, start.attempt))?;
        let (input, sheet, nature) = read;
        let attempt = start.attempt + sheet.attempts_before;
        let context = self.supplies.of(&nature.secrets).context().await;
        let context = context.map_err(|error| (error, attempt))?;
        let whole = Duration::from_millis(sheet.timeout_ms);
        let left = left(start);
        let timeout = left.map_or(whole, |left| left.min(whole));
        let call = nature.call(&start.activity_type, traced(start), input, &sheet, attempt, timeout);
        match self.executors.run(&call, &context).await {
            Ok(output) => written(&output).map(|output| (output, attempt)).map_err(|error| (error, attempt)),
            Err(error) if timeout < whole && error.name == "Timeout" => {
                Err((NodeError::new("TotalTimeout", "all attempts together took too long"), attempt))
            }
            Err(error) => Err((error, attempt)),
        }
    }
}

/// What the server sent.
fn read(start: &Start) -> Result<(Value, Sheet, Nature), NodeError> {
    let refuse = |reason: String| {
        NodeError::new("UnsupportedCall", format!("the worker can't read what it is asked: {reason}"))
            .before_effect()
    };
    let [fields, sheet, ..] = start.input.as_slice() else {
        return Err(refuse("it lacks a payload".to_owned()));
    };
    let fields: serde_json::Value = payload::read(fields).map_err(|error| refuse(error.to_string()))?;
    let input = Value::from_plain(&fields).map_err(|error| refuse(error.to_string()))?;
    let sheet: Sheet = payload::read(sheet).map_err(|error| refuse(error.to_string()))?;
    if sheet.v != Sheet::VERSION {
        return Err(refuse(format!("it is of version {}, which is newer", sheet.v)));
    }
    let nature = serde_json::from_str(sheet.node.get()).map_err(|error| refuse(error.to_string()))?;
    Ok((input, sheet, nature))
}

/// The run that an attempt is of: without a trace that it was started in, its own id stands for one.
fn traced(start: &Start) -> Traced {
    let run = start.workflow_execution.clone().unwrap_or_default();
    let trace = lineage::read(&start.header_fields).unwrap_or(run.run_id);
    Traced { id: run.workflow_id.into(), trace: trace.into() }
}

/// What remains of the time for all attempts.
fn left(start: &Start) -> Option<Duration> {
    let whole: Duration = start.schedule_to_close_timeout?.try_into().ok()?;
    let scheduled: SystemTime = start.scheduled_time?.try_into().ok()?;
    // The server sets a time that nothing reaches where the author sets none.
    (!whole.is_zero()).then(|| (scheduled + whole).duration_since(SystemTime::now()).unwrap_or_default())
}

fn written(output: &Value) -> Result<Payload, NodeError> {
    let json = output.to_json();
    let json = json
        .map_err(|error| NodeError::new("UnexpectedResponse", format!("the output is no JSON: {error}")))?;
    let payload = payload::write(&json);
    if payload.data.len() > MOST_BYTES {
        return Err(NodeError::new("PayloadTooLarge", "the output is larger than 1 MiB"));
    }
    Ok(payload)
}

fn succeeded(result: Payload) -> ActivityExecutionResult {
    ActivityExecutionResult { status: Some(Status::Completed(Success { result: Some(result) })) }
}

fn ended(start: &Start, result: Result<(Payload, u32), (NodeError, u32)>) -> ActivityExecutionResult {
    match result {
        Ok((output, 1)) => succeeded(output),
        Ok((mut output, attempts)) => {
            output.metadata.insert(payload::ATTEMPTS.to_owned(), attempts.to_string().into_bytes());
            succeeded(output)
        }
        Err((error, attempts)) => failed(start, &error, attempts),
    }
}

fn failed(start: &Start, error: &NodeError, attempts: u32) -> ActivityExecutionResult {
    let wish = error.retry_after.map(|wish| wish.min(Duration::from_millis(MAX_RETRY_AFTER)));
    let own = start.retry_policy.as_ref().map(|own| policy::pause(own, start.attempt));
    let pause = wish.map(|wish| own.map_or(wish, |own| own.max(wish)));
    let failure = Some(fault::of_attempt(error, attempts, pause));
    ActivityExecutionResult { status: Some(Status::Failed(Failure { failure, ..Failure::default() })) }
}

/// What becomes of an attempt that is given up: another worker makes it again where this one goes.
fn stopped(start: &Start, reason: ActivityCancelReason) -> ActivityExecutionResult {
    if reason == ActivityCancelReason::WorkerShutdown {
        let error = NodeError::new(fault::LOST, "the worker ended while the attempt ran");
        return failed(start, &error, start.attempt);
    }
    let failure = Some(fault::cancelled());
    ActivityExecutionResult { status: Some(Status::Cancelled(Cancellation { failure })) }
}
