use temporalio_protos::temporal::api::enums::v1::WorkflowExecutionStatus;
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_protos::temporal::api::history::v1::{History, HistoryEvent};
use temporalio_protos::temporal::api::workflow::v1::WorkflowExecutionInfo;

use super::closing::{self, Result as Given};
use super::fault;
use crate::driver::About;
use crate::engine::machine::{Moment, Outcome, Status};

/// How a run ended on the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// As its workflow says.
    Outcome(Outcome),
    /// Somebody ended it, for a reason.
    Terminated(String),
}

/// What the last event of a history says.
pub(super) enum Step {
    Ended(Ending),
    Continued(String),
}

/// What an event says of the end of its history.
pub(super) fn ending(event: &HistoryEvent) -> Option<Step> {
    let outcome = |outcome| Some(Step::Ended(Ending::Outcome(outcome)));
    match event.attributes.as_ref()? {
        Attributes::WorkflowExecutionCompletedEventAttributes(completed) => {
            match completed.new_execution_run_id.as_str() {
                "" => {
                    let first = completed.result.as_ref().and_then(|payloads| payloads.payloads.first());
                    outcome(Given::read(first).outcome())
                }
                next => Some(Step::Continued(next.to_owned())),
            }
        }
        Attributes::WorkflowExecutionFailedEventAttributes(failed) => {
            outcome(fault::outcome(&failed.failure.clone().unwrap_or_default()))
        }
        Attributes::WorkflowExecutionCanceledEventAttributes(_) => {
            outcome(Outcome::Cancelled { failures: Vec::new() })
        }
        Attributes::WorkflowExecutionTimedOutEventAttributes(_) => {
            outcome(fault::failed("WorkflowTimeout", "the server's time for the run was over"))
        }
        Attributes::WorkflowExecutionTerminatedEventAttributes(terminated) => {
            Some(Step::Ended(Ending::Terminated(terminated.reason.clone())))
        }
        Attributes::WorkflowExecutionContinuedAsNewEventAttributes(continued) => {
            Some(Step::Continued(continued.new_execution_run_id.clone()))
        }
        _ => None,
    }
}

/// How a history says its run ended, if it does.
pub(super) fn ending_of(history: &History) -> Option<Ending> {
    match ending(history.events.last()?)? {
        Step::Ended(ending) => Some(ending),
        Step::Continued(_) => None,
    }
}

/// What the server lists of a run.
pub(super) fn about(info: &WorkflowExecutionInfo) -> About {
    let millis = |seconds: i64, nanos: i32| Moment(seconds * 1_000 + i64::from(nanos) / 1_000_000);
    let with_failures = info.memo.as_ref().is_some_and(|memo| memo.fields.contains_key(closing::MEMO));
    About {
        id: info.execution.as_ref().map(|execution| execution.workflow_id.clone()).unwrap_or_default(),
        workflow: info.r#type.as_ref().map(|name| name.name.clone()).unwrap_or_default(),
        status: status(info.status(), with_failures),
        started_at: info.start_time.as_ref().map(|time| millis(time.seconds, time.nanos)).unwrap_or_default(),
        ended_at: info.close_time.as_ref().map(|time| millis(time.seconds, time.nanos)),
        parent: info.parent_execution.as_ref().map(|parent| parent.workflow_id.clone()),
        owner: None,
        wake_at: None,
        problem: None,
    }
}

fn status(status: WorkflowExecutionStatus, with_failures: bool) -> Status {
    match status {
        WorkflowExecutionStatus::Completed if with_failures => Status::CompletedWithFailures,
        WorkflowExecutionStatus::Completed => Status::Completed,
        WorkflowExecutionStatus::Failed | WorkflowExecutionStatus::TimedOut => Status::Failed,
        WorkflowExecutionStatus::Canceled => Status::Cancelled,
        WorkflowExecutionStatus::Terminated => Status::Terminated,
        _ => Status::Running,
    }
}
