use std::time::Duration;

use temporalio_protos::temporal::api::failure::v1 as proto;

use super::desk::Item;
use super::fault::{self, Ended};
use crate::engine::machine::{Command, Execution, Failure, Moment};
use crate::engine::retry::{self, Certainty, Next, Once};
use crate::plan::{Activity, Effect, Node, Task, Workflow};

/// How many losses in a row are final.
const MOST_LOST: u32 = 5;

/// What follows attempts that the server has given up.
pub(super) enum Verdict {
    /// Nothing: the activity has failed.
    Over(Box<Failure>),
    /// Another attempt at once: the last was lost with its worker, which doesn't count.
    Again,
    /// Another attempt after a pause.
    After(Duration),
}

/// By the rules of attempts, as far as the server doesn't carry them out itself. Counts the attempt, if it is one.
pub(super) fn of(workflow: &Workflow, item: &mut Item, failure: &proto::Failure, now: Moment) -> Verdict {
    let ended = fault::ended(failure);
    if let (Some((held, attempts)), Command::Run(execution)) = (&ended.held, &item.command) {
        let deadline = execution.deadline;
        (item.attempts, item.held) = (*attempts, Some(held.clone()));
        item.refusals += 1;
        return match held.pause(now, deadline) {
            Some(pause) => Verdict::After(pause),
            None => Verdict::Over(held.failure(*attempts)),
        };
    }
    let (lost, is_lost) = (item.lost + 1, ended.is_lost && fault::has_no_attempts_left(failure));
    item.attempts += 1;
    let Command::Run(execution) = &item.command else { return Verdict::Over(Box::new(ended.failure)) };
    let node = &workflow.nodes[execution.node.index()];
    match &node.task {
        Task::Activity(activity) if activity.effect == Effect::Once => {
            once(workflow, node, activity, execution, item.attempts, ended, now)
        }
        _ if is_lost && lost < MOST_LOST => {
            item.lost = lost;
            Verdict::Again
        }
        _ => Verdict::Over(Box::new(ended.failure)),
    }
}

/// What must not be done twice has one attempt at a time.
fn once(
    workflow: &Workflow,
    node: &Node,
    activity: &Activity,
    execution: &Execution,
    attempts: u32,
    ended: Ended,
    now: Moment,
) -> Verdict {
    let Ended { failure, is_before_effect, retry_after, .. } = ended;
    let failure = Failure { attempts, ..failure };
    let (policy, errors) = (&workflow.retries[activity.retry.index()], &workflow.errors[node.errors.index()]);
    let left = execution.deadline.map(|deadline| deadline.since(now));
    let next = retry::next(policy, errors, &failure.error, attempts, retry_after, left);
    match (retry::once(&failure.error, Certainty { is_before_effect }), next) {
        (Once::Nothing, Next::After(pause)) => Verdict::After(Duration::from_millis(pause)),
        (Once::Unknown, _) => {
            let message = format!("nobody knows what the attempt did: {}", failure.message);
            Verdict::Over(Box::new(Failure {
                error: "Indeterminate".into(),
                message: message.into(),
                ..failure
            }))
        }
        _ => Verdict::Over(Box::new(failure)),
    }
}
