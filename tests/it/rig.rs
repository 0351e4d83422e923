//! A machine in the hands of a test: what happens to it is told by the paths of its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use citadel::compile::plan_text;
use citadel::engine::machine::{
    Command, End, Event, Failure, Machine, Moment, Notice, Outcome, RunFailure, Signal, Start, Ticket, Wired,
};
use citadel::plan::WorkflowId;
use citadel::value::{Map, Value};
use serde_json::json;

pub(crate) struct Rig {
    pub(crate) machine: Machine,
    pub(crate) now: i64,
    /// Activities and children by ticket.
    pub(crate) work: BTreeMap<Ticket, String>,
    pub(crate) cancelled: BTreeSet<String>,
    pub(crate) timers: BTreeMap<Ticket, i64>,
    /// What was noticed, one line each.
    pub(crate) told: Vec<String>,
}

impl Rig {
    /// A run of the first workflow of a text, started.
    pub(crate) fn new(text: &str) -> Self {
        let plans = plan_text(text)
            .unwrap_or_else(|error| panic!("{error}: {:?}", crate::compiler::check_text(text)));
        let plan = plans.into_iter().next().expect("a workflow");
        let machine = Machine::new(Arc::new(Wired::new(Arc::new(plan))), WorkflowId(0)).observed();
        let mut rig = Self {
            machine,
            now: 0,
            work: BTreeMap::new(),
            cancelled: BTreeSet::new(),
            timers: BTreeMap::new(),
            told: Vec::new(),
        };
        let (input, settings) = (json!({}), BTreeMap::new());
        rig.handle(Event::Started(Box::new(Start { run: "r".into(), input, settings, scheduled_at: None })));
        rig
    }

    pub(crate) fn handle(&mut self, event: Event) {
        self.machine.handle(Moment(self.now), event);
        let batch = self.machine.poll();
        for command in batch.commands {
            self.perform(command);
        }
        for notice in &batch.notices {
            self.told.extend(tell(notice));
        }
    }

    fn perform(&mut self, command: Command) {
        match command {
            Command::Run(execution) => {
                self.work.insert(execution.ticket, execution.path.to_string());
            }
            Command::StartChild(child) => {
                self.work.insert(child.ticket, child.path.to_string());
            }
            Command::SetTimer { ticket, at } => {
                self.timers.insert(ticket, at.0);
            }
            Command::Cancel { ticket } => {
                self.cancelled.insert(self.work[&ticket].clone());
            }
            Command::Unset { ticket } => {
                self.timers.remove(&ticket);
            }
        }
    }

    /// The ticket of the execution that was started last of a path.
    pub(crate) fn take(&mut self, path: &str) -> Ticket {
        let found = self.work.iter().rev().find(|(_, known)| *known == path).map(|(ticket, _)| *ticket);
        let ticket = found.unwrap_or_else(|| panic!("`{path}` isn't under way: {:?}", self.work));
        self.work.remove(&ticket);
        ticket
    }

    /// A request succeeds with a number.
    pub(crate) fn done(&mut self, path: &str, body: i64) {
        self.answer(path, Value::Int(body));
    }

    /// A request succeeds with a body.
    pub(crate) fn answer(&mut self, path: &str, body: Value) {
        let fields = [("status", Value::Int(200)), ("headers", Value::Map(Map::new())), ("body", body)];
        let ticket = self.take(path);
        self.handle(Event::Completed { ticket, output: Value::Map(Map::record(fields)), attempts: 1 });
    }

    pub(crate) fn fail(&mut self, path: &str, error: &str) {
        let ticket = self.take(path);
        self.handle(Event::Failed { ticket, failure: Box::new(Failure::new(error, "it failed")) });
    }

    pub(crate) fn release(&mut self, path: &str) {
        let ticket = self.take(path);
        self.handle(Event::Released { ticket });
    }

    pub(crate) fn child(&mut self, path: &str, outcome: Outcome) {
        let ticket = self.take(path);
        self.handle(Event::ChildEnded { ticket, outcome: Box::new(outcome) });
    }

    /// The next timer fires.
    pub(crate) fn fire(&mut self) {
        let (ticket, at) =
            self.timers.iter().min_by_key(|(_, at)| **at).map(|(t, at)| (*t, *at)).expect("a timer");
        self.timers.remove(&ticket);
        self.now = self.now.max(at);
        self.handle(Event::Fired { ticket });
    }

    pub(crate) fn signal(&mut self, name: &str, payload: serde_json::Value) {
        self.handle(Event::Signalled(Signal { name: name.into(), payload, correlation: None }));
    }

    pub(crate) fn cancel(&mut self) {
        self.handle(Event::Cancelled);
    }

    /// The paths of what is under way.
    pub(crate) fn open(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.work.values().map(String::as_str).collect();
        paths.sort_unstable();
        paths
    }

    pub(crate) fn word(&self) -> &'static str {
        self.machine.outcome().map_or("running", |outcome| outcome.status().word())
    }

    pub(crate) fn failure(&self) -> &RunFailure {
        match self.machine.outcome() {
            Some(Outcome::Failed(failure)) => failure,
            other => panic!("not failed: {other:?}"),
        }
    }

    /// The workflow's output.
    pub(crate) fn output(&self) -> serde_json::Value {
        match self.machine.outcome() {
            Some(Outcome::Completed { output, .. }) => output.to_json().expect("json"),
            other => panic!("not completed: {other:?}"),
        }
    }

    /// Whether a line was told.
    pub(crate) fn says(&self, line: &str) -> bool {
        self.told.iter().any(|told| told == line)
    }

    /// The place of a line among what was told.
    pub(crate) fn when(&self, line: &str) -> usize {
        self.told
            .iter()
            .position(|told| told == line)
            .unwrap_or_else(|| panic!("no `{line}`: {:#?}", self.told))
    }
}

fn tell(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Started { path, .. } => format!("{path} starts"),
        Notice::Ended { path, end, .. } => match end {
            End::Succeeded { .. } => format!("{path} succeeds"),
            End::Failed(failure) => format!("{path} fails with {}", failure.error),
            End::Skipped => format!("{path} is skipped"),
            End::Cancelled => format!("{path} is cancelled"),
        },
        Notice::Rejected { name, .. } => format!("{name} is rejected"),
        _ => return None,
    })
}
