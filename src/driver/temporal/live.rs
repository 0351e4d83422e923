use std::collections::BTreeSet;
use std::sync::Arc;

use temporalio_protos::coresdk::activity_result::{ActivityResolution, activity_resolution};
use temporalio_protos::coresdk::child_workflow::{
    ChildWorkflowResult, StartChildWorkflowExecutionFailedCause as StartRefused, child_workflow_result,
};
use temporalio_protos::coresdk::workflow_activation::resolve_child_workflow_execution_start::Status as StartStatus;
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::temporal::api::failure::v1 as proto;

use super::closing::Result as ChildResult;
use super::desk::{At, Desk, Item};
use super::envelope::State;
use super::fault;
use super::header::Header;
use super::held::Held;
use super::order::{ActivityOrder, Orders};
use super::plans::Known;
use super::situation::{Status, Watch};
use super::verdict::{self, Verdict};
use super::{closing, payload};
use crate::driver::story::Seen;
use crate::driver::{Watched, key};
use crate::engine::machine::{
    ChildStart, Command, Event, Execution, Failure, Machine, Moment, Outcome, Signal, Ticket,
};
use crate::plan::{Effect, Task};
use crate::value::{Map, Value};

/// Sees what a run does, for whoever shows it.
pub(super) type Observer = Box<dyn FnMut(Watched<'_>, Moment, Seen<'_>) + Send>;

/// The machine of a run, with what it has commanded.
pub(super) struct Live {
    pub(super) machine: Machine,
    pub(super) header: Header,
    pub(super) known: Arc<Known>,
    desk: Desk,
    watch: Watch,
    orders: Orders,
    /// Stands for the run in the keys of its activities.
    key: String,
    observer: Option<Observer>,
    /// The run's id on the server, which stands for a trace where it was started in none.
    run_id: String,
    /// Whether what happens now is in the history already.
    pub(super) is_replaying: bool,
    /// Whether its end was told.
    is_told: bool,
}

impl Live {
    pub(super) fn new(
        machine: Machine,
        header: Header,
        known: Arc<Known>,
        key: String,
        orders: Orders,
        observer: Option<Observer>,
        run_id: &str,
    ) -> Self {
        Self {
            machine: machine.observed(),
            header,
            known,
            desk: Desk::default(),
            watch: Watch::default(),
            orders,
            key,
            observer,
            run_id: run_id.to_owned(),
            is_replaying: false,
            is_told: false,
        }
    }

    /// Takes up what the run before had commanded and not seen answered.
    pub(super) fn take_over(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.perform(command);
        }
    }

    /// Something has happened.
    pub(super) fn handle(&mut self, now: Moment, event: Event) {
        self.see(now, Seen::Event(&event));
        self.machine.handle(now, event);
        // What is taken back before it began is answered at once.
        loop {
            let batch = self.machine.poll();
            for notice in &batch.notices {
                self.watch.note(notice);
                self.see(now, Seen::Notice(notice));
            }
            let mut answers = Vec::new();
            for command in batch.commands {
                self.see(now, Seen::Command(&command));
                answers.extend(self.perform(command));
            }
            if answers.is_empty() {
                return self.see_end(now);
            }
            answers.into_iter().for_each(|answer| self.machine.handle(now, answer));
        }
    }

    fn see(&mut self, now: Moment, seen: Seen<'_>) {
        let Some(observer) = &mut self.observer else { return };
        let run = Watched {
            run: self.orders.run(),
            workflow: self.machine.workflow(),
            trace: self.orders.trace().unwrap_or(&self.run_id),
            started_at: self.machine.started_at(),
            is_replay: self.is_replaying,
        };
        observer(run, now, seen);
    }

    fn see_end(&mut self, now: Moment) {
        let Some(outcome) = self.machine.outcome().filter(|_| !self.is_told && self.observer.is_some())
        else {
            return;
        };
        let outcome = outcome.clone();
        self.is_told = true;
        self.see(now, Seen::Ended(&outcome));
    }

    /// Passes a command on, or keeps it until there is room; gives what answers it at once.
    fn perform(&mut self, command: Command) -> Option<Event> {
        match command {
            Command::Run(ref execution) => self.desk.wait(execution.ticket, command),
            Command::StartChild(ref child) => self.desk.wait(child.ticket, command),
            Command::SetTimer { ticket, at } => {
                let seq = self.desk.set(ticket, command);
                self.orders.timer(seq, at);
            }
            Command::Unset { ticket } => {
                let item = self.desk.close(ticket)?;
                if let At::Timer(seq) = item.at {
                    self.orders.unset(seq);
                }
            }
            Command::Cancel { ticket } => return self.cancel(ticket),
        }
        None
    }

    fn cancel(&mut self, ticket: Ticket) -> Option<Event> {
        match self.desk.item(ticket)?.at {
            At::Activity(seq) => self.orders.cancel_activity(seq),
            At::Local(seq) => self.orders.cancel_local(seq),
            At::Child(seq) => self.orders.cancel_child(seq),
            At::Pause(seq) => {
                self.orders.unset(seq);
                self.desk.close(ticket);
                return Some(Event::Released { ticket });
            }
            At::Waiting | At::Timer(_) => {
                self.desk.close(ticket);
                return Some(Event::Released { ticket });
            }
        }
        None
    }

    /// Sends what has room, as far as one workflow task can carry it.
    pub(super) fn send(&mut self) {
        while let Some(ticket) = self.desk.next().filter(|_| self.orders.has_room() || self.desk.is_quiet()) {
            let Some(item) = self.desk.item(ticket) else { return };
            match item.command.clone() {
                Command::Run(execution) => self.run_activity(&execution),
                Command::StartChild(child) => self.start_child(&child),
                Command::SetTimer { .. } | Command::Unset { .. } | Command::Cancel { .. } => return,
            }
        }
    }

    fn start_child(&mut self, child: &ChildStart) {
        let ticket = child.ticket;
        let settings = self.machine.started().settings.clone();
        let wired = &self.known.wired;
        match key::of_started_child(self.orders.run(), wired, child, settings) {
            Ok(id) => {
                let seq = self.desk.place(ticket, At::Child);
                self.orders.start_child(seq, child, id, &self.header, wired);
            }
            Err(failure) => {
                let failure = Box::new(failure);
                self.close(self.machine.now(), ticket, Event::Failed { ticket, failure });
            }
        }
    }

    fn run_activity(&mut self, execution: &Execution) {
        let ticket = execution.ticket;
        let workflow = self.known.wired.workflow(self.header.workflow);
        let node = &workflow.nodes[execution.node.index()];
        let Task::Activity(activity) = &node.task else { return };
        let nature = self.known.nature(self.header.workflow, execution.node);
        let tried = |item: &Item| (item.attempts, item.lost, item.refusals);
        let (attempts, lost, refusals) = self.desk.item(ticket).map_or((0, 0, 0), tried);
        let all = workflow.retries[activity.retry.index()].maximum_attempts;
        let most = match activity.effect {
            Effect::Once => Some(1),
            Effect::Idempotent if lost > 0 => Some(1),
            Effect::Idempotent if refusals > 0 && !activity.local => {
                all.map(|all| all.saturating_sub(attempts).max(1))
            }
            Effect::Idempotent => all,
        };
        let key = key::of_execution(&self.key, &execution.path);
        let seq = self.desk.place(ticket, if activity.local { At::Local } else { At::Activity });
        let order = ActivityOrder { seq, execution, node, activity, nature, key, attempts, most, refusals };
        self.orders.run_activity(workflow, order);
    }

    /// A timer has fired.
    pub(super) fn fired(&mut self, now: Moment, seq: u32) {
        let Some(ticket) = self.desk.ticket(seq) else { return };
        match self.desk.item(ticket).map(|item| item.at.clone()) {
            Some(At::Pause(_)) => self.paused(now, ticket),
            Some(_) => {
                self.desk.close(ticket);
                self.handle(now, Event::Fired { ticket });
            }
            None => {}
        }
    }

    /// An activity is over.
    pub(super) fn activity_resolved(&mut self, now: Moment, seq: u32, result: Option<ActivityResolution>) {
        let Some(ticket) = self.desk.ticket(seq) else { return };
        match result.and_then(|result| result.status) {
            Some(activity_resolution::Status::Completed(success)) => {
                let event = self.completed(ticket, success.result);
                self.close(now, ticket, event);
            }
            Some(activity_resolution::Status::Failed(failed)) => {
                self.failed(now, ticket, &failed.failure.unwrap_or_default());
            }
            Some(activity_resolution::Status::Cancelled(_)) | None => {
                self.close(now, ticket, Event::Released { ticket });
            }
            Some(activity_resolution::Status::Backoff(backoff)) => {
                let pause =
                    backoff.backoff_duration.and_then(|pause| pause.try_into().ok()).unwrap_or_default();
                self.pause(ticket, backoff.attempt.saturating_sub(1), pause);
            }
        }
    }

    fn close(&mut self, now: Moment, ticket: Ticket, event: Event) {
        self.desk.close(ticket);
        self.handle(now, event);
    }

    fn completed(
        &self,
        ticket: Ticket,
        result: Option<temporalio_protos::temporal::api::common::v1::Payload>,
    ) -> Event {
        let result = result.unwrap_or_else(|| payload::write(&()));
        let attempts = payload::note(&result, payload::ATTEMPTS).unwrap_or(1);
        let refuse = |reason: String| {
            let message = format!("what the activity gave can't be read: {reason}");
            Event::Failed { ticket, failure: Box::new(Failure::new("UnexpectedResponse", message)) }
        };
        let Some(Command::Run(execution)) = self.desk.item(ticket).map(|item| &item.command) else {
            return refuse("nothing was asked".to_owned());
        };
        let workflow = self.machine.workflow();
        let shape = workflow.nodes[execution.node.index()].output;
        let json = match payload::read(&result) {
            Ok(json) => json,
            Err(error) => return refuse(error.to_string()),
        };
        match workflow.shapes.decode(shape, &json) {
            Ok(output) => Event::Completed { ticket, output, attempts },
            Err(mismatches) => refuse(mismatches.to_string()),
        }
    }

    /// Does what the rules of attempts say where the server can't.
    fn failed(&mut self, now: Moment, ticket: Ticket, proto: &proto::Failure) {
        let Some(item) = self.desk.item_mut(ticket) else { return };
        match verdict::of(self.machine.workflow(), item, proto, now) {
            Verdict::Over(failure) => self.close(now, ticket, Event::Failed { ticket, failure }),
            Verdict::Again => self.desk.again(ticket),
            Verdict::After(pause) => {
                let attempts = item.attempts;
                let waiting = item.held.as_ref().map(Held::waiting);
                if waiting.is_some() {
                    self.see(now, Seen::Waits(ticket, waiting));
                }
                self.pause(ticket, attempts, pause);
            }
        }
    }

    /// The pause before the next attempts is over: the server makes them, unless what held them back has taken all the
    /// time that there was.
    fn paused(&mut self, now: Moment, ticket: Ticket) {
        let Some(item) = self.desk.item_mut(ticket) else { return };
        let attempts = item.attempts;
        let deadline = match &item.command {
            Command::Run(execution) => execution.deadline,
            _ => None,
        };
        match item.held.take() {
            Some(held) if deadline.is_some_and(|deadline| now >= deadline) => {
                let failure = held.failure(attempts);
                return self.close(now, ticket, Event::Failed { ticket, failure });
            }
            Some(_) => self.see(now, Seen::Waits(ticket, None)),
            None => {}
        }
        self.desk.again(ticket);
    }

    fn pause(&mut self, ticket: Ticket, attempts: u32, pause: std::time::Duration) {
        if let Some(item) = self.desk.item_mut(ticket) {
            item.attempts = attempts;
        }
        let seq = self.desk.place(ticket, At::Pause);
        self.orders.pause(seq, pause);
    }

    /// A child has started, or not.
    pub(super) fn child_started(&mut self, now: Moment, seq: u32, status: Option<StartStatus>) {
        let Some(ticket) = self.desk.ticket(seq) else { return };
        let Some(Command::StartChild(child)) = self.desk.item(ticket).map(|item| &item.command) else {
            return;
        };
        match status {
            Some(StartStatus::Succeeded(_)) if !child.detached => {}
            Some(StartStatus::Succeeded(_)) => {
                let id = self.orders.child_id(seq);
                let output = Value::Map(Map::record([("run_id", Value::from(id))]));
                let outcome =
                    Box::new(Outcome::Completed { output, with_failures: false, failures: Vec::new() });
                self.close(now, ticket, Event::ChildEnded { ticket, outcome });
            }
            Some(StartStatus::Failed(failed)) => {
                let message = match failed.cause() {
                    StartRefused::WorkflowAlreadyExists => {
                        format!("a run `{}` exists already", failed.workflow_id)
                    }
                    _ => format!("the run `{}` could not be started", failed.workflow_id),
                };
                let failure = Box::new(Failure::new("ChildFailed", message));
                self.close(now, ticket, Event::Failed { ticket, failure });
            }
            Some(StartStatus::Cancelled(_)) | None => self.close(now, ticket, Event::Released { ticket }),
        }
    }

    /// A child is over.
    pub(super) fn child_resolved(&mut self, now: Moment, seq: u32, result: Option<ChildWorkflowResult>) {
        let Some(ticket) = self.desk.ticket(seq) else { return };
        let outcome = match result.and_then(|result| result.status) {
            Some(child_workflow_result::Status::Completed(success)) => {
                ChildResult::read(success.result.as_ref()).outcome()
            }
            Some(child_workflow_result::Status::Failed(failed)) => {
                fault::outcome(&failed.failure.unwrap_or_default())
            }
            Some(child_workflow_result::Status::Cancelled(_)) | None => {
                Outcome::Cancelled { failures: Vec::new() }
            }
        };
        self.close(now, ticket, Event::ChildEnded { ticket, outcome: Box::new(outcome) });
    }

    /// Why a signal would be refused.
    pub(super) fn check_signal(&self, signal: &Signal) -> Result<(), String> {
        self.machine.check_signal(signal)
    }

    /// What it is at.
    pub(super) fn status(&self) -> Status {
        let failures = self.machine.outcome().map(Outcome::failures).unwrap_or_default();
        let workflow = &self.machine.workflow().name;
        self.watch.status(workflow, self.machine.status().word(), &self.desk, failures)
    }

    /// Whether nothing is under way that a continuation would lose.
    pub(super) fn is_quiet(&self) -> bool {
        self.desk.is_quiet()
    }

    /// Whether something is under way for which a continuation had to wait long.
    pub(super) fn has_long(&self, before: Moment) -> bool {
        self.desk.has_long(before)
    }

    /// Goes on in a history of its own; none where its state is too large for that.
    pub(super) fn continue_as_new(&mut self, scheduled_at: Option<Moment>) -> Option<Variant> {
        let commands: Vec<&Command> = self.desk.commands().collect();
        let state = State::new(&self.machine.snapshot(), &commands, self.key.clone());
        let started = self.machine.started();
        let workflow = &self.machine.workflow().name;
        let trace = self.orders.trace();
        closing::continued(workflow, &started.input, &self.header, state, scheduled_at, trace)
    }

    /// How the run ends on the server, if it is over.
    pub(super) fn closing(&self) -> Option<Vec<Variant>> {
        let plan = self.known.wired.plan();
        Some(closing::of(self.machine.outcome()?, self.header.workflow, plan))
    }

    /// The names of the signals that its workflow waits for.
    pub(super) fn signals(&self) -> BTreeSet<&str> {
        let tasks = self.machine.workflow().nodes.iter().map(|node| &node.task);
        tasks
            .filter_map(
                |task| if let Task::WaitSignal(wait) = task { Some(wait.signal.as_str()) } else { None },
            )
            .collect()
    }

    /// What the server is to do.
    pub(super) fn orders(&mut self) -> &mut Orders {
        &mut self.orders
    }
}
