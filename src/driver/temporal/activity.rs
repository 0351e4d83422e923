use std::time::{Duration, SystemTime};

use temporalio_protos::coresdk::activity_result::{
    ActivityExecutionResult, Cancellation, Failure, Success, activity_execution_result::Status,
};
use temporalio_protos::coresdk::activity_task::{ActivityCancelReason, Start};
use temporalio_protos::temporal::api::common::v1::Payload;
use tokio::sync::watch;

use super::call::{Nature, Sheet, Traced};
use super::held::Held;
use super::order::PATIENCE;
use super::plans::Plans;
use super::prologue::{self, Prologue};
use super::{fault, lineage, payload, policy};
use crate::driver::embedded::now;
use crate::driver::gates::{Gates, Pass, Route};
use crate::driver::secret::Supplies;
use crate::engine::breaker::Health;
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
    pub(super) gates: Gates,
    /// How many attempts may wait at breakers and limits: as many others may be made.
    pub(super) most_waiting: usize,
}

/// An attempt that gives nothing.
enum Ended {
    /// It has failed, as this one.
    Failed(NodeError, u32),
    /// It was not let through, after so many that were made.
    Held(Box<Held>, u32),
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

    async fn execute(&self, start: &Start) -> Result<(Payload, u32), Ended> {
        let read = read(start).map_err(|error| Ended::Failed(error, start.attempt))?;
        let (input, sheet, nature) = read;
        let attempt = start.attempt + sheet.attempts_before;
        let context = self.supplies.of(&nature.secrets).context().await;
        let context = context.map_err(|error| Ended::Failed(error, attempt))?;
        let pass = match &sheet.route {
            Some(route) => Some(self.enter(route, start, &sheet, attempt).await?),
            None => None,
        };
        let whole = Duration::from_millis(sheet.timeout_ms);
        let left = left(start);
        let timeout = left.map_or(whole, |left| left.min(whole));
        let call = nature.call(&start.activity_type, traced(start), input, &sheet, attempt, timeout);
        let made = self.executors.run(&call, &context).await;
        if let (Some(pass), Some(route)) = (pass, &sheet.route) {
            let ill = |error: &NodeError| route.health(&error.name, error.before_effect);
            pass.report(made.as_ref().err().map_or(Health::Well, ill)).await;
        }
        let failed = |error| Ended::Failed(error, attempt);
        match made {
            Ok(output) => written(&output).map(|output| (output, attempt)).map_err(failed),
            Err(error) if timeout < whole && error.name == "Timeout" => {
                Err(failed(NodeError::new("TotalTimeout", "all attempts together took too long")))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Waits until an attempt may begin, if that is soon: other attempts want this worker as well.
    async fn enter(&self, route: &Route, start: &Start, sheet: &Sheet, attempt: u32) -> Result<Pass, Ended> {
        let is_crowded = self.gates.waiting() >= self.most_waiting;
        let patience = if is_crowded { Duration::ZERO } else { PATIENCE };
        let patience = left(start).map_or(patience, |left| left.min(patience));
        let give_up = now().after(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX));
        let entered = self.gates.enter(route, Some(give_up), &|_| {}).await;
        let held = |wait| Ended::Held(Box::new(Held::new(wait, sheet, now())), attempt - 1);
        entered.map_err(held)
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

fn ended(start: &Start, result: Result<(Payload, u32), Ended>) -> ActivityExecutionResult {
    match result {
        Ok((output, 1)) => succeeded(output),
        Ok((mut output, attempts)) => {
            output.metadata.insert(payload::ATTEMPTS.to_owned(), attempts.to_string().into_bytes());
            succeeded(output)
        }
        Err(Ended::Failed(error, attempts)) => failed(start, &error, attempts),
        Err(Ended::Held(held, attempts)) => {
            let failure = Some(fault::of_held(*held, attempts));
            ActivityExecutionResult {
                status: Some(Status::Failed(Failure { failure, ..Failure::default() })),
            }
        }
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
