use std::collections::BTreeMap;
use std::sync::Arc;

use super::gates::{Gates, Pass};
use super::queue::Queue;
use super::{Attempt, Reply, Report, Script};
use crate::driver::gates::Route;
use crate::driver::{NodeReport, Trace};
use crate::engine::machine::{
    ChildStart, Command, Event, Execution, Failure, Machine, Moment, Notice, Outcome, Signal, Start, Ticket,
    Wired,
};
use crate::engine::retry::{self, Certainty, Next, Once};
use crate::plan::{Effect, NodeId, Task, WorkflowId};
use crate::value::{EcoString, Value, eco_format};

/// Where a simulation gives up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many things may happen.
    pub happenings: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { happenings: 10_000_000 }
    }
}

/// Runs the first workflow of a plan to its end, or until nothing more would happen.
pub fn simulate(wired: &Arc<Wired>, start: Start, script: &mut dyn Script) -> Report {
    let mut simulation = Simulation::new(Arc::clone(wired), start, script);
    while simulation.step() {}
    simulation.report()
}

/// A run in virtual time, with its children.
pub struct Simulation<'s> {
    wired: Arc<Wired>,
    script: &'s mut dyn Script,
    pub(super) runs: Vec<Run>,
    pub(super) queue: Queue<Happening>,
    pub(super) now: Moment,
    started_at: Moment,
    pub(super) nodes: BTreeMap<EcoString, NodeReport>,
    order: Vec<EcoString>,
    rejected: Vec<(EcoString, EcoString)>,
    trace: Trace,
    pub(super) gates: Gates,
    left: u64,
}

/// One machine of the simulation.
pub(super) struct Run {
    pub(super) machine: Machine,
    /// The run that waits for it, and with which ticket; none for the outermost and for detached ones.
    parent: Option<(usize, Ticket)>,
    /// The workflows of the runs around it, the outermost first, and its own.
    lineage: Vec<WorkflowId>,
    /// What the paths of its nodes begin with.
    pub(super) prefix: EcoString,
    /// Executions that are under way.
    pub(super) executions: BTreeMap<Ticket, Underway>,
    /// Children by ticket.
    children: BTreeMap<Ticket, usize>,
    /// When its end was noticed.
    closed_at: Option<Moment>,
}

pub(super) struct Underway {
    pub(super) execution: Execution,
    pub(super) attempts: u32,
    /// Whether the last of them has begun and not ended.
    pub(super) is_trying: bool,
    /// What its attempts pass before they begin.
    pub(super) route: Option<Route>,
    /// What let the last through.
    pub(super) pass: Option<Pass>,
    /// Which plan for its next attempt counts.
    pub(super) planned: u32,
}

/// What will happen.
#[derive(Debug)]
pub(super) enum Happening {
    Event(usize, Event),
    /// An attempt begins, if this is still the plan.
    Attempt(usize, Ticket, u32),
    /// An attempt of that number ends.
    AttemptOver(usize, Ticket, u32, Reply),
}

impl<'s> Simulation<'s> {
    /// The simulation of a run of the first workflow of a plan, which starts at 2000-01-01T00:00:00Z.
    pub fn new(wired: Arc<Wired>, start: Start, script: &'s mut dyn Script) -> Self {
        let started_at = Moment(946_684_800_000);
        let mut simulation = Self {
            wired,
            script,
            runs: Vec::new(),
            queue: Queue::new(),
            now: started_at,
            started_at,
            nodes: BTreeMap::new(),
            order: Vec::new(),
            rejected: Vec::new(),
            trace: Trace::default(),
            gates: Gates::default(),
            left: Limits::default().happenings,
        };
        simulation.begin(vec![WorkflowId(0)], None, EcoString::new(), start);
        simulation
    }

    /// Gives up elsewhere.
    #[must_use]
    pub fn limited(mut self, limits: Limits) -> Self {
        self.left = limits.happenings;
        self
    }

    fn begin(
        &mut self,
        lineage: Vec<WorkflowId>,
        parent: Option<(usize, Ticket)>,
        prefix: EcoString,
        start: Start,
    ) -> usize {
        let workflow = lineage.last().copied().unwrap_or(WorkflowId(0));
        let machine = Machine::new(Arc::clone(&self.wired), workflow).observed();
        let (executions, children) = (BTreeMap::new(), BTreeMap::new());
        self.runs.push(Run { machine, parent, lineage, prefix, executions, children, closed_at: None });
        let run = self.runs.len() - 1;
        self.queue.plan(self.now, Happening::Event(run, Event::Started(Box::new(start))));
        run
    }

    /// Plans that something happens to the outermost run so many milliseconds after its start.
    pub fn plan(&mut self, after: u64, event: Event) {
        self.queue.plan(self.started_at.after(after), Happening::Event(0, event));
    }

    /// Ends an attempt that is under way now, whatever the script said would come of it; false where there is none of
    /// that path and number.
    pub fn end(&mut self, path: &str, number: u32, reply: Reply) -> bool {
        let found = self.runs.iter().enumerate().find_map(|(run, Run { prefix, executions, .. })| {
            let local = path.strip_prefix(prefix.as_str())?;
            let is_meant = |underway: &Underway| {
                underway.is_trying && underway.attempts == number && underway.execution.path.as_str() == local
            };
            let (ticket, _) = executions.iter().find(|(_, underway)| is_meant(underway))?;
            Some((run, *ticket))
        });
        let Some((run, ticket)) = found else { return false };
        self.queue.plan(self.now, Happening::AttemptOver(run, ticket, number, reply));
        true
    }

    /// Lets the next thing happen; false when there is none.
    pub fn step(&mut self) -> bool {
        let is_over = self.runs.iter().all(|run| run.machine.outcome().is_some());
        if is_over && !self.runs.is_empty() {
            return false;
        }
        let Some((at, happening)) = self.queue.next() else { return false };
        let Some(left) = self.left.checked_sub(1) else { return false };
        (self.left, self.now) = (left, self.now.max(at));
        match happening {
            Happening::Event(run, event) => self.handle(run, event),
            Happening::Attempt(run, ticket, planned) => self.begin_attempt(run, ticket, planned),
            Happening::AttemptOver(run, ticket, number, reply) => {
                self.attempt_over(run, ticket, number, reply);
            }
        }
        true
    }

    pub(super) fn handle(&mut self, run: usize, event: Event) {
        self.runs[run].machine.handle(self.now, event);
        let batch = self.runs[run].machine.poll();
        for notice in &batch.notices {
            self.note(run, notice);
        }
        for command in batch.commands {
            self.perform(run, command);
        }
        self.tell_parent(run);
    }

    fn note(&mut self, run: usize, notice: &Notice) {
        let Run { machine, prefix, .. } = &self.runs[run];
        self.trace.note(prefix, machine.workflow(), notice);
        match notice {
            Notice::Started { path, node, .. } => {
                let path = eco_format!("{prefix}{path}");
                let attempts = u32::from(!is_counted(&machine.workflow().nodes[node.index()].task));
                let report = NodeReport { attempts, ..NodeReport::started(self.now) };
                self.nodes.insert(path.clone(), report);
                self.order.push(path);
            }
            Notice::Ended { path, end, .. } => {
                let path = eco_format!("{prefix}{path}");
                self.nodes.entry(path).or_insert_with(NodeReport::unstarted).end(self.now, end);
            }
            Notice::Waits { path, node, name, correlation } => {
                let path = eco_format!("{prefix}{path}");
                self.answer(run, *node, &path, name, correlation.as_ref());
            }
            Notice::Asks { path, question } => {
                let path = eco_format!("{prefix}{path}");
                if let Some(report) = self.nodes.get_mut(&path) {
                    report.input = Some(Value::from_json(&serde_json::json!(question)));
                }
            }
            Notice::Consumed { .. } => {}
            Notice::Rejected { name, reason } => self.rejected.push((name.clone(), reason.clone())),
        }
    }

    /// Has the script say what is sent to a node that waits.
    fn answer(
        &mut self,
        run: usize,
        node: NodeId,
        path: &EcoString,
        name: &EcoString,
        correlation: Option<&EcoString>,
    ) {
        let number = self.nodes.get_mut(path).map_or(1, |report| {
            report.attempts += 1;
            report.attempts
        });
        let Run { machine, lineage, .. } = &self.runs[run];
        let workflow = machine.workflow();
        let node = &workflow.nodes[node.index()];
        let question = self.nodes.get(path).and_then(|report| report.input.clone());
        let input = &question.unwrap_or(Value::Null);
        let (now, timeout) = (self.now, None);
        let wait = Attempt { workflow, node, path, input, lineage, number, timeout, now };
        if let Some(payload) = self.script.signal(&wait) {
            let (name, correlation) = (name.clone(), correlation.cloned());
            let signal = Event::Signalled(Signal { name, payload, correlation });
            self.queue.plan(self.now, Happening::Event(run, signal));
        }
    }

    fn tell_parent(&mut self, run: usize) {
        let Some(outcome) = self.runs[run].machine.outcome().cloned() else { return };
        if self.runs[run].closed_at.is_some() {
            return;
        }
        self.runs[run].closed_at = Some(self.now);
        if let Some((parent, ticket)) = self.runs[run].parent {
            let event = Event::ChildEnded { ticket, outcome: Box::new(outcome) };
            self.queue.plan(self.now, Happening::Event(parent, event));
        }
    }

    fn perform(&mut self, run: usize, command: Command) {
        match command {
            Command::Run(execution) => self.execute(run, *execution),
            Command::StartChild(child) => self.start_child(run, *child),
            Command::SetTimer { ticket, at } => {
                self.queue.plan(at, Happening::Event(run, Event::Fired { ticket }));
            }
            // A timer that is not needed any more answers no open ticket.
            Command::Unset { .. } => {}
            Command::Cancel { ticket } => self.cancel(run, ticket),
        }
    }

    fn cancel(&mut self, run: usize, ticket: Ticket) {
        match self.runs[run].children.get(&ticket) {
            Some(child) => self.queue.plan(self.now, Happening::Event(*child, Event::Cancelled)),
            None => {
                if let Some(underway) = self.runs[run].executions.remove(&ticket) {
                    self.leave(run, ticket, &underway);
                }
                self.queue.plan(self.now, Happening::Event(run, Event::Released { ticket }));
            }
        }
    }

    pub(super) fn attempt(&mut self, run: usize, ticket: Ticket) {
        let Run { machine, lineage, prefix, executions, .. } = &mut self.runs[run];
        let Some(underway) = executions.get_mut(&ticket) else { return };
        underway.attempts += 1;
        underway.is_trying = true;
        let Underway { execution, attempts, .. } = underway;
        let path = eco_format!("{prefix}{}", execution.path);
        let workflow = machine.workflow();
        let node = &workflow.nodes[execution.node.index()];
        let (input, number, now) = (&execution.input, *attempts, self.now);
        let timeout = Some(execution.timeout);
        let attempt = Attempt { workflow, node, path: &path, input, lineage, number, timeout, now };
        let reply = self.script.attempt(&attempt);
        let (after, result) = match execution.deadline.map(|deadline| deadline.since(now)) {
            Some(left) if left < reply.after.min(execution.timeout) => {
                (left, Err(Failure::new("TotalTimeout", "all attempts together took too long")))
            }
            _ if reply.after >= execution.timeout && !is_timeout(&reply.result) => {
                (execution.timeout, Err(Failure::new("Timeout", "the attempt took too long")))
            }
            _ => (reply.after, reply.result),
        };
        let reply = Reply { result, ..reply };
        if let Some(report) = self.nodes.get_mut(&path) {
            report.attempts += 1;
        }
        self.queue.plan(now.after(after), Happening::AttemptOver(run, ticket, number, reply));
    }

    fn attempt_over(&mut self, run: usize, ticket: Ticket, attempts: u32, reply: Reply) {
        let Some(underway) = self.runs[run].executions.get_mut(&ticket) else { return };
        // What was ended early ends once more when the script's time has come.
        if underway.attempts != attempts || !std::mem::take(&mut underway.is_trying) {
            return;
        }
        self.pass_over(run, ticket, &reply);
        let Run { machine, executions, .. } = &mut self.runs[run];
        let Some(underway) = executions.get_mut(&ticket) else { return };
        let execution = &underway.execution;
        let failure = match reply.result {
            Ok(output) => {
                executions.remove(&ticket);
                return self.handle(run, Event::Completed { ticket, output, attempts });
            }
            Err(failure) => failure,
        };
        let workflow = machine.workflow();
        let node = &workflow.nodes[execution.node.index()];
        let Task::Activity(activity) = &node.task else { return };
        let (policy, errors) =
            (&workflow.retries[activity.retry.index()], &workflow.errors[node.errors.index()]);
        let left = execution.deadline.map(|deadline| deadline.since(self.now));
        let certainty = Certainty { is_before_effect: reply.is_before_effect };
        let (failure, is_final) = judged(failure, activity.effect, certainty);
        match retry::next(policy, errors, &failure.error, attempts, reply.retry_after, left) {
            Next::After(pause) if !is_final => {
                self.plan_attempt(run, ticket, self.now.after(pause));
            }
            _ => {
                executions.remove(&ticket);
                let failure = Box::new(Failure { attempts, ..failure });
                self.handle(run, Event::Failed { ticket, failure });
            }
        }
    }

    fn start_child(&mut self, run: usize, child: ChildStart) {
        let ChildStart { ticket, node, path, workflow, input, detached, round } = child;
        let path = eco_format!("{}{path}", self.runs[run].prefix);
        if let Some(report) = self.nodes.get_mut(&path) {
            report.input = Some(Value::from_json(&input));
            report.attempts += 1;
        }
        if let Some(after) = self.scripted_child(run, node, &path, &input, round) {
            let (after, outcome) = after;
            let event = Event::ChildEnded { ticket, outcome: Box::new(outcome) };
            return self.queue.plan(self.now.after(after), Happening::Event(run, event));
        }
        let id = eco_format!("{}/{path}", self.runs[0].machine.started().run);
        let settings = self.runs[run].machine.started().settings.clone();
        let start = Start { run: id.clone(), input, settings, scheduled_at: None };
        let parent = (!detached).then_some((run, ticket));
        let lineage = self.runs[run].lineage.iter().copied().chain([workflow]).collect();
        let begun = self.begin(lineage, parent, eco_format!("{path}/"), start);
        if detached {
            let output = Value::Map(crate::value::Map::record([("run_id", Value::String(id))]));
            let outcome = Box::new(Outcome::Completed { output, with_failures: false, failures: Vec::new() });
            self.queue.plan(self.now, Happening::Event(run, Event::ChildEnded { ticket, outcome }));
        } else {
            self.runs[run].children.insert(ticket, begun);
        }
    }

    /// What the script says a child comes to, and after how many milliseconds.
    fn scripted_child(
        &mut self,
        run: usize,
        node: NodeId,
        path: &EcoString,
        input: &serde_json::Value,
        round: u32,
    ) -> Option<(u64, Outcome)> {
        let Run { machine, lineage, .. } = &self.runs[run];
        let workflow = machine.workflow();
        let node = &workflow.nodes[node.index()];
        let (input, number, now) = (&Value::from_json(input), round + 1, self.now);
        let child = Attempt { workflow, node, path, input, lineage, number, timeout: None, now };
        let reply = self.script.child(&child)?;
        let outcome = match reply.result {
            Ok(output) => Outcome::Completed { output, with_failures: false, failures: Vec::new() },
            Err(cause) => Outcome::Failed(Box::new(crate::engine::machine::RunFailure {
                cause,
                unknown_effects: Vec::new(),
                failures: Vec::new(),
            })),
        };
        Some((reply.after, outcome))
    }

    /// What has come of it so far.
    #[must_use]
    pub fn report(self) -> Report {
        let outcome = self.runs.first().and_then(|run| run.machine.outcome().cloned());
        let closed_at = self.runs.first().and_then(|run| run.closed_at);
        Report {
            outcome,
            started_at: self.started_at,
            closed_at,
            ended_at: self.now,
            nodes: self.nodes,
            order: self.order,
            rejected: self.rejected,
            trace: self.trace,
        }
    }
}

/// Whether the attempts of a node are counted as they come; what all others do is one.
fn is_counted(task: &Task) -> bool {
    matches!(task, Task::Activity(_) | Task::Child(_) | Task::WaitSignal(_) | Task::Approval(_))
}

/// What a failed attempt means, and whether it is the last whatever the policy says: what must not be repeated is tried
/// again only where nothing can have happened.
fn judged(failure: Failure, effect: Effect, certainty: Certainty) -> (Failure, bool) {
    match (effect, retry::once(&failure.error, certainty)) {
        (Effect::Idempotent, _) | (Effect::Once, Once::Nothing) => (failure, false),
        (Effect::Once, Once::Answered) => (failure, true),
        (Effect::Once, Once::Unknown) => {
            let message = eco_format!("nobody knows what the attempt did: {}", failure.message);
            (Failure { error: "Indeterminate".into(), message, ..failure }, true)
        }
    }
}

fn is_timeout(result: &Result<Value, Failure>) -> bool {
    result.as_ref().is_err_and(|failure| failure.error == "Timeout")
}
