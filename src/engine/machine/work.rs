use std::sync::Arc;

use super::ending::Cause;
use super::interpreter::{Awaited, Machine, Undo};
use super::slot::Slot;
use super::start::Step;
use super::state::{Doing, Place};
use super::{ChildStart, Command, Execution, Failure, Outcome, Ticket};
use crate::plan::{Activity, Child, CodeId, Task};
use crate::value::{EcoString, Map, Value, eco_format};

/// The largest output, input or signal, encoded, in bytes.
pub const MAX_PAYLOAD: usize = 1 << 20;

/// The longest key of a breaker or limit, in bytes: each is kept as long as its circuit is.
const MAX_KEY: usize = 256;

impl Machine {
    /// Hands an activity out. What it reads is read once, however often it is run.
    pub(super) fn run_activity(&mut self, place: Place, activity: &Activity) -> Step {
        let known = self.running(place).and_then(|running| running.input.clone());
        let input = match known {
            Some(input) => input,
            None => {
                let wired = Arc::clone(&self.wired);
                let input = wired.wiring(self.run.workflow).input(place.node);
                input.record(&mut |code| self.evaluate(code, place.into()))?
            }
        };
        check_size(&input)?;
        let timeout = self.time_limit(activity.timeout, place.into())?;
        let heartbeat_timeout = match activity.heartbeat_timeout {
            Some(limit) => Some(self.time_limit(limit, place.into())?),
            None => None,
        };
        let deadline =
            match (self.running(place).and_then(|running| running.deadline), activity.total_timeout) {
                (None, Some(limit)) => Some(self.run.now.after(self.time_limit(limit, place.into())?)),
                (known, _) => known,
            };
        let breaker_key = self.gate_key(activity.breaker.as_ref().and_then(|used| used.key), place)?;
        let limit_key = self.gate_key(activity.limit.as_ref().and_then(|used| used.key), place)?;
        let (path, since) = (self.path(place), self.run.now);
        let ticket = self.ticket(place, Awaited::Work, Slot::Activity);
        if let Some(running) = self.running(place) {
            running.input = Some(input.clone());
            running.deadline = deadline;
            running.doing = Doing::Work(ticket);
        }
        let node = place.node;
        let execution = Execution {
            ticket,
            node,
            path,
            input,
            timeout,
            deadline,
            heartbeat_timeout,
            since,
            breaker_key,
            limit_key,
        };
        self.command(Command::Run(Box::new(execution)));
        Ok(None)
    }

    /// What tells one circuit of a breaker, or one count of a limit, from another.
    fn gate_key(&mut self, code: Option<CodeId>, place: Place) -> Result<Option<EcoString>, Failure> {
        let Some(code) = code else { return Ok(None) };
        let value = self.evaluate(code, place.into())?;
        let key = value.print().unwrap_or_else(|| eco_format!("{}", value.to_plain()));
        if key.len() > MAX_KEY {
            let message = "the key of its breaker or limit is longer than 256 bytes";
            return Err(Failure::new("PayloadTooLarge", message));
        }
        Ok(Some(key))
    }

    /// Starts a child. Its input must be something that can cross to another run.
    pub(super) fn start_child(&mut self, place: Place, child: &Child) -> Step {
        let known = self.running(place).and_then(|running| running.input.clone());
        let input = match (known, child.input) {
            (Some(input), _) => input,
            (None, Some(code)) => self.evaluate(code, place.into())?,
            (None, None) => Value::Map(Map::new()),
        };
        check_size(&input)?;
        let json =
            input.to_json().map_err(|error| Failure::new("ExpressionError", eco_format!("{error}")))?;
        let workflow = self.workflow().callees[child.callee.index()];
        let path = self.path(place);
        let ticket = self.ticket(place, Awaited::Work, Slot::Child);
        let mut round = 0;
        if let Some(running) = self.running(place) {
            running.input = Some(input);
            running.doing = Doing::Work(ticket);
            round = running.round;
        }
        let detached = child.detached;
        self.command(Command::StartChild(Box::new(ChildStart {
            ticket,
            node: place.node,
            path,
            workflow,
            input: json,
            detached,
            round,
        })));
        Ok(None)
    }

    /// An activity is over.
    pub(super) fn work_done(&mut self, ticket: Ticket, result: Result<Value, Failure>) {
        let Some(open) = self.run.open.remove(&ticket) else { return };
        match (open.awaited, result) {
            (Awaited::Message, result) => self.message_over(open.place, ticket, result),
            (Awaited::Work, Ok(output)) => self.succeed(open.place, 0, output),
            (Awaited::Work, Err(failure)) => self.fail(open.place, failure),
            (_, Ok(output)) => {
                self.run.slots.release(open.slot);
                self.register_undo(open.place, Some(output));
            }
            (_, Err(failure)) => {
                self.run.slots.release(open.slot);
                if open.slot == Slot::Activity && is_unknown(&failure) {
                    self.run.unknown_effects.push(open.path);
                }
            }
        }
    }

    /// A child run is over.
    pub(super) fn child_ended(&mut self, ticket: Ticket, outcome: Outcome) {
        let awaiting = self.run.open.get(&ticket).filter(|open| open.awaited == Awaited::Work);
        let path = awaiting.map(|open| self.path(open.place));
        if let (Some(path), Outcome::Completed { with_failures, failures, .. }) = (&path, &outcome) {
            self.run.with_failures |= with_failures;
            self.run.listed.extend(failures.iter().map(|listed| listed.of_child(path)));
        }
        let result = match outcome {
            Outcome::Completed { output, .. } => Ok(output),
            Outcome::Failed(failure) => Err(failure_of_child(path.unwrap_or_default(), failure.cause)),
            Outcome::Cancelled { .. } => Err(Failure::new("ChildFailed", "the child was cancelled")),
        };
        self.work_done(ticket, result);
    }

    /// What was cancelled is gone.
    pub(super) fn work_released(&mut self, ticket: Ticket) {
        let Some(open) = self.run.open.remove(&ticket) else { return };
        match open.awaited {
            Awaited::Work => self.fail(open.place, Failure::new("WorkerLost", "the activity was abandoned")),
            awaited => {
                self.run.slots.release(open.slot);
                if awaited == Awaited::Kept {
                    self.run.unknown_effects.push(open.path);
                }
            }
        }
    }

    /// Lists a node that has ended without anybody knowing whether it took effect.
    pub(super) fn note_unknown(&mut self, place: Place, failure: &Failure) {
        let is_activity = matches!(self.node(place.node).task, Task::Activity(_));
        if is_activity && is_unknown(failure) {
            let path = self.path(place);
            self.run.unknown_effects.push(path);
        }
    }

    /// Has a node undone when the run stops.
    pub(super) fn register_undo(&mut self, place: Place, output: Option<Value>) {
        if self.node(place.node).compensate.is_none() {
            return;
        }
        self.hold(place);
        self.run.undos.push(Undo { place, output });
    }

    /// Keeps what an undo reads.
    pub(super) fn hold(&mut self, place: Place) {
        let mut at = Some(place);
        while let Some(scope) = at.and_then(|place| self.run.scopes.get_mut(&place.scope)) {
            scope.held = true;
            at = scope.owner;
        }
    }

    /// A timer's time has come.
    pub(super) fn timer_fired(&mut self, ticket: Ticket) {
        let Some(open) = self.run.open.remove(&ticket) else { return };
        match open.awaited {
            Awaited::Delay => self.delay_over(open.place),
            Awaited::Limit => self.time_out(open.place),
            Awaited::Pause => self.carry_out(open.place),
            Awaited::RunLimit => {
                let message = "the workflow took longer than its timeout";
                self.stop(Cause::Failed(Failure::new("WorkflowTimeout", message)));
            }
            Awaited::Grace => self.abandon(),
            Awaited::Reminder => self.remind(open.place),
            Awaited::Escalation => self.escalate(open.place),
            // These are answered by other events.
            Awaited::Work | Awaited::Lost | Awaited::Kept | Awaited::Message => {}
        }
    }

    fn time_out(&mut self, place: Place) {
        let now = self.run.now;
        let since = self.running(place).map_or(now, |running| running.since);
        let waited = super::moment::duration(now.since(since)).print();
        self.let_go(place);
        self.fail(place, Failure::new("Timeout", eco_format!("it was not done after {waited}")));
    }
}

/// A child's failure keeps its type; its node is behind the path of the child's.
fn failure_of_child(path: EcoString, failure: Failure) -> Failure {
    let node = if failure.node.is_empty() { path } else { eco_format!("{path}/{}", failure.node) };
    Failure { node, code: None, ..failure }
}

/// Whether a failure leaves open what was done.
fn is_unknown(failure: &Failure) -> bool {
    ["Timeout", "TotalTimeout", "Indeterminate", "WorkerLost"].contains(&failure.error.as_str())
}

/// Refuses what is too large to be recorded.
pub(super) fn check_size(value: &Value) -> Result<(), Failure> {
    let mut left = MAX_PAYLOAD;
    if fits(value, &mut left) {
        return Ok(());
    }
    Err(Failure::new("PayloadTooLarge", "the value is larger than 1 MiB"))
}

/// Whether a value's JSON text is about as long as what is left.
fn fits(value: &Value, left: &mut usize) -> bool {
    let own = match value {
        Value::String(text) => text.len() + 2,
        Value::Bytes(bytes) => bytes.len().div_ceil(3) * 4 + 2,
        Value::Template(template) => template.size(),
        Value::Timestamp(_) | Value::Double(_) | Value::Duration(_) => 16,
        _ => 4,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match value {
        Value::List(list) => list.iter().all(|item| fits(item, left)),
        Value::Map(map) => map.iter().all(|(key, item)| {
            let key = match key {
                crate::value::Key::String(text) => text.len() + 3,
                _ => 8,
            };
            let Some(rest) = left.checked_sub(key) else { return false };
            *left = rest;
            fits(item, left)
        }),
        Value::Optional(Some(inner)) => fits(inner, left),
        _ => true,
    }
}
