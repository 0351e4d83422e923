use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ending::Ending;
use super::signal::Signals;
use super::slot::{Slot, Slots};
use super::state::{Cell, Place, Scope, ScopeId, State};
use super::wiring::Wiring;
use super::{
    Command, Event, Failure, Listed, Moment, Notice, Outcome, RunFailure, Start, Status, Ticket, Wired,
};
use crate::engine::Evaluator;
use crate::plan::{Node, NodeId, Workflow, WorkflowId};
use crate::value::{EcoString, Value};

/// The pure interpreter of one run.
///
/// [`handle`](Self::handle) takes what happened, one event at a time, each with the time at which it was recorded;
/// [`poll`](Self::poll) gives what is to be recorded and what is to be done. Nothing else changes it. Time comes in as
/// a value and never goes back. The same events give the same commands, however they are grouped. The work for an event
/// is proportional to what it changes, not to the size of the plan. Its state serialises between events.
///
/// Whoever drives it makes what `poll` says durable before performing its commands, answers each ticket once, and
/// decides nothing.
#[derive(Debug)]
pub struct Machine {
    pub(super) wired: Arc<Wired>,
    pub(super) run: Run,
    pub(super) evaluator: Evaluator,
    pub(super) agenda: Agenda,
    batch: Batch,
    pub(super) is_observed: bool,
}

/// What has come of the events since the last poll.
#[derive(Debug, Default, PartialEq)]
pub struct Batch {
    /// The events that counted, in order: what must be durable before anything else happens.
    pub append: Vec<(Moment, Event)>,
    /// What to do then, in order.
    pub commands: Vec<Command>,
    /// What an observer may like to know.
    pub notices: Vec<Notice>,
}

/// All that a run is, between two events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) workflow: WorkflowId,
    pub(super) start: Start,
    pub(super) input: Value,
    pub(super) started_at: Moment,
    pub(super) now: Moment,
    pub(super) phase: Phase,
    pub(super) scopes: BTreeMap<ScopeId, Scope>,
    next_scope: u64,
    /// What an answer is awaited for.
    pub(super) open: BTreeMap<Ticket, Open>,
    next_ticket: u64,
    pub(super) slots: Slots,
    pub(super) signals: Signals,
    /// What has to be undone if the run stops, in the order in which it was completed.
    pub(super) undos: Vec<Undo>,
    /// Failures that didn't decide how the run ends.
    pub(super) listed: Vec<Listed>,
    pub(super) unknown_effects: Vec<EcoString>,
    pub(super) with_failures: bool,
    pub(super) limit: Option<Ticket>,
}

impl Run {
    /// Why the run failed, once it has.
    pub(super) fn failure(&self) -> Option<RunFailure> {
        let cause = match &self.phase {
            Phase::Ending(ending) => ending.cause.failure()?.clone(),
            _ => return None,
        };
        let (unknown_effects, failures) = (self.unknown_effects.clone(), self.listed.clone());
        Some(RunFailure { cause, unknown_effects, failures })
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Phase {
    Starting,
    Running,
    Ending(Box<Ending>),
    Closed(Box<Outcome>),
}

/// What a ticket is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) awaited: Awaited,
    pub(super) slot: Slot,
    /// The path of what nobody waits for any more: its scope may be gone before it is.
    #[serde(default, skip_serializing_if = "EcoString::is_empty")]
    pub(super) path: EcoString,
}

impl Open {
    /// Whether it is a timer; all else takes up a slot.
    pub(super) fn is_timer(&self) -> bool {
        self.slot == Slot::None
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Awaited {
    /// The activity or child that a running node is.
    Work,
    /// The end of one that was cancelled.
    Lost,
    /// The end of an activity that nobody waits for any more but the undo that its success would need.
    Kept,
    /// The time of a delay.
    Delay,
    /// The time-out of a node.
    Limit,
    /// The time of the next round.
    Pause,
    /// The time-out of the run.
    RunLimit,
    /// The time after which what was cancelled is given up.
    Grace,
    /// The end of a message of an approval.
    Message,
    /// The time at which people are reminded of an approval.
    Reminder,
    /// The time at which more people are asked.
    Escalation,
}

/// What undoes a node that has succeeded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Undo {
    pub(super) place: Place,
    /// What the node gave, where its cell doesn't hold it.
    pub(super) output: Option<Value>,
}

/// What one event sets off; empty between events.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// Nodes that were decided and whose connections are not.
    pub(super) decided: VecDeque<Place>,
    /// Nodes whose join has what it wants.
    pub(super) ready: BTreeSet<Place>,
    /// Scopes in which all is decided.
    pub(super) idle: VecDeque<ScopeId>,
    /// Loops that may start an iteration.
    pub(super) loops: VecDeque<Place>,
}

impl Machine {
    /// The machine of a run that has not started: its first event is [`Event::Started`].
    #[must_use]
    pub fn new(wired: Arc<Wired>, workflow: WorkflowId) -> Self {
        let start = Start {
            run: EcoString::new(),
            input: serde_json::Value::Null,
            settings: BTreeMap::new(),
            scheduled_at: None,
        };
        let run = Run {
            workflow,
            start,
            input: Value::Null,
            started_at: Moment::default(),
            now: Moment(i64::MIN),
            phase: Phase::Starting,
            scopes: BTreeMap::new(),
            next_scope: 0,
            open: BTreeMap::new(),
            next_ticket: 0,
            slots: Slots::default(),
            signals: Signals::default(),
            undos: Vec::new(),
            listed: Vec::new(),
            unknown_effects: Vec::new(),
            with_failures: false,
            limit: None,
        };
        Self::with(wired, run)
    }

    fn with(wired: Arc<Wired>, run: Run) -> Self {
        let (agenda, batch) = (Agenda::default(), Batch::default());
        Self { wired, run, evaluator: Evaluator::new(), agenda, batch, is_observed: false }
    }

    /// The same, which also gives notices.
    #[must_use]
    pub fn observed(mut self) -> Self {
        self.is_observed = true;
        self
    }

    /// The state, between two events, for [`Self::restore`].
    ///
    /// # Panics
    /// Never: keys are texts, and memory takes any text.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        serde_json::to_vec(&self.run).expect("keys are texts, and memory takes any text")
    }

    /// The machine whose state was `snapshot`, of the same plan.
    ///
    /// # Errors
    /// When it is no such state.
    pub fn restore(wired: Arc<Wired>, snapshot: &[u8]) -> Result<Self, serde_json::Error> {
        let run = serde_json::from_slice(snapshot)?;
        Ok(Self::with(wired, run))
    }

    /// Takes in what happened. What answers no open ticket, comes twice or comes too late changes nothing.
    pub fn handle(&mut self, now: Moment, event: Event) {
        if self.counts(&event) {
            self.run.now = self.run.now.max(now);
            self.batch.append.push((self.run.now, event.clone()));
            self.take(event);
            self.settle();
        }
    }

    /// What has come of the events since the last time.
    pub fn poll(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    fn counts(&self, event: &Event) -> bool {
        match event {
            Event::Started(_) => matches!(self.run.phase, Phase::Starting),
            Event::Completed { ticket, .. }
            | Event::Failed { ticket, .. }
            | Event::ChildEnded { ticket, .. }
            | Event::Released { ticket } => self.run.open.get(ticket).is_some_and(|open| !open.is_timer()),
            Event::Fired { ticket } => self.run.open.get(ticket).is_some_and(Open::is_timer),
            Event::Signalled(_) => matches!(self.run.phase, Phase::Running | Phase::Ending(_)),
            Event::Cancelled => matches!(self.run.phase, Phase::Running),
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Started(start) => self.begin_run(*start),
            Event::Completed { ticket, output, attempts: _ } => self.work_done(ticket, Ok(output)),
            Event::Failed { ticket, failure } => self.work_done(ticket, Err(*failure)),
            Event::ChildEnded { ticket, outcome } => self.child_ended(ticket, *outcome),
            Event::Released { ticket } => self.work_released(ticket),
            Event::Fired { ticket } => self.timer_fired(ticket),
            Event::Signalled(signal) => self.signalled(signal),
            Event::Cancelled => self.stop(super::ending::Cause::Cancelled),
        }
    }

    /// Carries on until nothing is left to do without another event. What was decided at one time is known before
    /// anything starts because of it.
    fn settle(&mut self) {
        loop {
            if let Some(place) = self.agenda.decided.pop_front() {
                self.fire(place);
            } else if !self.agenda.ready.is_empty() {
                std::mem::take(&mut self.agenda.ready).into_iter().for_each(|place| self.start(place));
            } else if let Some((place, slot)) = self.next_slot() {
                self.launch(place, slot);
            } else if let Some(place) = self.agenda.loops.pop_front() {
                self.next_iterations(place);
            } else if let Some(scope) = self.agenda.idle.pop_front() {
                self.scope_is_over(scope);
            } else if !self.wind_up() {
                break;
            }
        }
    }

    fn next_slot(&mut self) -> Option<(Place, Slot)> {
        let wired = Arc::clone(&self.wired);
        let workflow = wired.workflow(self.run.workflow);
        self.run.slots.next(workflow)
    }

    /// How the run ended, once it has.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.run.phase {
            Phase::Closed(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// What the run is at.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.run.phase {
            Phase::Starting => Status::Starting,
            Phase::Running | Phase::Ending(_) => Status::Running,
            Phase::Closed(outcome) => outcome.status(),
        }
    }

    /// The time of the last event.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.run.now
    }

    /// When the run was started.
    #[must_use]
    pub fn started_at(&self) -> Moment {
        self.run.started_at
    }

    /// The nodes that have started and aren't decided, each with the moment at which it started.
    #[must_use]
    pub fn running_nodes(&self) -> Vec<(EcoString, NodeId, Moment)> {
        let mut nodes = Vec::new();
        for (&scope, inside) in &self.run.scopes {
            for (offset, cell) in inside.cells.iter().enumerate() {
                if let State::Running(running) = &cell.state {
                    let node = NodeId::from(inside.first.index() + offset);
                    nodes.push((self.path(Place { scope, node }), node, running.since));
                }
            }
        }
        nodes
    }

    /// What the run was started with.
    #[must_use]
    pub fn started(&self) -> &Start {
        &self.run.start
    }

    /// The workflow that it runs.
    #[must_use]
    pub fn workflow(&self) -> &Workflow {
        self.wired.workflow(self.run.workflow)
    }

    /// Which workflow of the plan that is.
    #[must_use]
    pub fn workflow_id(&self) -> WorkflowId {
        self.run.workflow
    }

    pub(super) fn wiring(&self) -> &Wiring {
        self.wired.wiring(self.run.workflow)
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.workflow().nodes[id.index()]
    }

    pub(super) fn command(&mut self, command: Command) {
        self.batch.commands.push(command);
    }

    pub(super) fn notice(&mut self, notice: Notice) {
        self.batch.notices.push(notice);
    }

    /// A new ticket for an answer.
    pub(super) fn ticket(&mut self, place: Place, awaited: Awaited, slot: Slot) -> Ticket {
        let ticket = Ticket(self.run.next_ticket);
        self.run.next_ticket += 1;
        self.run.open.insert(ticket, Open { place, awaited, slot, path: EcoString::new() });
        ticket
    }

    /// A timer that fires at a moment.
    pub(super) fn timer(&mut self, place: Place, awaited: Awaited, at: Moment) -> Ticket {
        let ticket = self.ticket(place, awaited, Slot::None);
        self.command(Command::SetTimer { ticket, at });
        ticket
    }

    /// Forgets a timer.
    pub(super) fn unset(&mut self, timer: Option<Ticket>) {
        let Some(ticket) = timer else { return };
        if self.run.open.remove(&ticket).is_some() {
            self.command(Command::Unset { ticket });
        }
    }

    /// A new scope of a graph, in which nothing has happened.
    pub(super) fn open_scope(&mut self, scope: Scope) -> ScopeId {
        let id = ScopeId(self.run.next_scope);
        self.run.next_scope += 1;
        self.run.scopes.insert(id, scope);
        id
    }

    pub(super) fn cell(&self, place: Place) -> Option<&Cell> {
        Some(self.run.scopes.get(&place.scope)?.cell(place.node))
    }

    pub(super) fn cell_mut(&mut self, place: Place) -> Option<&mut Cell> {
        Some(self.run.scopes.get_mut(&place.scope)?.cell_mut(place.node))
    }

    /// A node's path: its name behind those of the loops around it, each with the index of its iteration.
    pub(super) fn path(&self, place: Place) -> EcoString {
        let name = &self.node(place.node).name;
        match self.run.scopes.get(&place.scope).and_then(|scope| Some((scope.owner?, scope.index))) {
            None => name.into(),
            Some((owner, index)) => crate::value::eco_format!("{}[{index}].{name}", self.path(owner)),
        }
    }

    /// Puts a failure where it came from.
    pub(super) fn located(&self, failure: Failure, place: Place) -> Failure {
        failure.at(&self.path(place))
    }
}
