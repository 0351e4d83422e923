//! One run of the machine, with the reference beside it where there is one.

use std::collections::BTreeMap;
use std::sync::Arc;

use citadel::engine::machine::{
    Batch, Command as Order, End as Ending, Event, Failure, Listed, Machine, Moment, Notice, Outcome,
    RunFailure, Signal, Start, Ticket, Wired,
};
use citadel::plan::{Plan, WorkflowId};
use citadel::value::{Map, Value};
use serde_json::{Value as Json, json};

use super::happening::{ChildEnd, Command, Ended, Happening};

/// What somebody still has to answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Awaited {
    Activity { path: String, is_cancelled: bool },
    Child { path: String, is_cancelled: bool },
    Timer(i64),
}

pub(super) struct Session {
    pub(super) wired: Arc<Wired>,
    pub(super) machine: Machine,
    /// By ticket.
    pub(super) open: BTreeMap<usize, Awaited>,
    pub(super) now: i64,
    pub(super) log: Vec<(Moment, Event)>,
    /// Of the machine, in the same order.
    pub(super) batches: Vec<Batch>,
    pub(super) ends: BTreeMap<String, String>,
}

/// The machine of a run that has not started.
pub(super) fn fresh(wired: &Arc<Wired>) -> Machine {
    Machine::new(Arc::clone(wired), WorkflowId(0)).observed()
}

impl Session {
    pub(super) fn new(plan: Plan) -> Self {
        let wired = Arc::new(Wired::new(Arc::new(plan)));
        let machine = fresh(&wired);
        Self {
            wired,
            machine,
            open: BTreeMap::new(),
            now: 1_000_000,
            log: Vec::new(),
            batches: Vec::new(),
            ends: BTreeMap::new(),
        }
    }

    /// Lets something happen; gives the commands and the notices that follow.
    pub(super) fn handle(&mut self, happening: &Happening) -> (Vec<Command>, Vec<String>) {
        let event = self.event(happening);
        self.log.push((Moment(self.now), event.clone()));
        self.machine.handle(Moment(self.now), event);
        let batch = self.machine.poll();
        let commands: Vec<Command> = batch.commands.iter().map(command).collect();
        let notices = batch.notices.iter().filter_map(notice).collect();
        self.batches.push(batch);
        self.answered(happening);
        commands.iter().for_each(|command| self.perform(command));
        (commands, notices)
    }

    fn answered(&mut self, happening: &Happening) {
        if let Happening::Done(ticket, _)
        | Happening::Failed(ticket, _)
        | Happening::Child(ticket, _)
        | Happening::Released(ticket)
        | Happening::Fired(ticket) = happening
        {
            self.open.remove(ticket);
        }
        for notice in &self.batches[self.batches.len() - 1].notices {
            if let Notice::Ended { path, .. } = notice {
                self.ends.insert(path.to_string(), super::session::notice(notice).unwrap_or_default());
            }
        }
    }

    fn perform(&mut self, command: &Command) {
        match command {
            Command::Run { ticket, path, .. } => {
                self.open.insert(*ticket, Awaited::Activity { path: path.clone(), is_cancelled: false });
            }
            Command::Child { ticket, path, .. } => {
                self.open.insert(*ticket, Awaited::Child { path: path.clone(), is_cancelled: false });
            }
            Command::Timer { ticket, at } => {
                self.open.insert(*ticket, Awaited::Timer(*at));
            }
            Command::Cancel(ticket) => match self.open.get_mut(ticket) {
                Some(Awaited::Activity { is_cancelled, .. } | Awaited::Child { is_cancelled, .. }) => {
                    assert!(!*is_cancelled, "{ticket} was cancelled twice");
                    *is_cancelled = true;
                }
                other => panic!("{ticket} was cancelled, and is {other:?}"),
            },
            Command::Unset(ticket) => {
                let unset = self.open.remove(ticket);
                assert!(matches!(unset, Some(Awaited::Timer(_))), "{ticket} was unset, and is {unset:?}");
            }
        }
    }

    fn event(&self, happening: &Happening) -> Event {
        let ticket = |ticket: &usize| Ticket(*ticket as u64);
        match happening {
            Happening::Start => Event::Started(Box::new(Start {
                run: "r".into(),
                input: json!({}),
                settings: BTreeMap::new(),
                scheduled_at: None,
            })),
            Happening::Done(at, value) => {
                let fields = [
                    ("status", Value::Int(200)),
                    ("headers", Value::Map(Map::new())),
                    ("body", Value::Int(*value)),
                ];
                Event::Completed { ticket: ticket(at), output: Value::Map(Map::record(fields)), attempts: 1 }
            }
            Happening::Failed(at, error) => {
                Event::Failed { ticket: ticket(at), failure: Box::new(Failure::new(*error, "it failed")) }
            }
            Happening::Child(at, end) => {
                Event::ChildEnded { ticket: ticket(at), outcome: Box::new(child(*end)) }
            }
            Happening::Released(at) => Event::Released { ticket: ticket(at) },
            Happening::Fired(at) => Event::Fired { ticket: ticket(at) },
            Happening::Signal(name, payload) => {
                let payload = payload.map_or(json!("no number"), Json::from);
                Event::Signalled(Signal { name: (*name).into(), payload, correlation: None })
            }
            Happening::Cancel => Event::Cancelled,
        }
    }
}

fn child(end: ChildEnd) -> Outcome {
    match end {
        ChildEnd::Completed { value, with_failures } => {
            let output = Value::Map(Map::record([("v", Value::Int(value))]));
            Outcome::Completed { output, with_failures, failures: Vec::new() }
        }
        ChildEnd::Failed(error) => {
            let cause = Failure::new(error, "it failed").at(&"c".into());
            Outcome::Failed(Box::new(RunFailure { cause, unknown_effects: Vec::new(), failures: Vec::new() }))
        }
        ChildEnd::Cancelled => Outcome::Cancelled { failures: Vec::new() },
    }
}

fn command(order: &Order) -> Command {
    let number = |ticket: &Ticket| usize::try_from(ticket.0).unwrap_or(usize::MAX);
    match order {
        Order::Run(execution) => {
            let url = execution.input.field("url").cloned();
            let Some(Value::String(url)) = url else { panic!("no address: {:?}", execution.input) };
            let deadline = execution.deadline.map(|deadline| deadline.0);
            Command::Run {
                ticket: number(&execution.ticket),
                path: execution.path.to_string(),
                url: url.to_string(),
                deadline,
            }
        }
        Order::StartChild(child) => Command::Child {
            ticket: number(&child.ticket),
            path: child.path.to_string(),
            x: child.input["x"].as_i64().unwrap_or(i64::MIN),
            round: child.round,
        },
        Order::SetTimer { ticket, at } => Command::Timer { ticket: number(ticket), at: at.0 },
        Order::Cancel { ticket } => Command::Cancel(number(ticket)),
        Order::Unset { ticket } => Command::Unset(number(ticket)),
    }
}

pub(super) fn notice(notice: &Notice) -> Option<String> {
    Some(match notice {
        Notice::Started { path, by, .. } => format!("{path} starts by {}", by.join(",")),
        Notice::Ended { path, end, .. } => match end {
            Ending::Succeeded { port, output } => {
                format!("{path} ends on {port} with {}", plain(output.to_json().expect("json")))
            }
            Ending::Failed(failure) => format!("{path} fails with {} of {}", failure.error, failure.node),
            Ending::Skipped => format!("{path} is skipped"),
            Ending::Cancelled => format!("{path} is cancelled"),
        },
        _ => return None,
    })
}

/// An output, of whose errors type and node are left.
fn plain(output: Json) -> Json {
    match output {
        Json::Object(fields) if fields.contains_key("attempts") && fields.contains_key("message") => {
            json!({"type": fields["type"], "node": fields["node"]})
        }
        Json::Object(fields) => fields.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Json::Array(items) => items.into_iter().map(plain).collect(),
        other => other,
    }
}

/// How the machine's run has ended.
pub(super) fn ended(outcome: &Outcome) -> Ended {
    let listed = |listed: &[Listed]| {
        listed.iter().map(|failure| (failure.error.to_string(), failure.node.to_string())).collect()
    };
    let failures = listed(outcome.failures());
    let (output, cause, unknown) = match outcome {
        Outcome::Completed { output, .. } => (Some(output.to_json().expect("json")), None, Vec::new()),
        Outcome::Failed(failure) => {
            let cause = (failure.cause.error.to_string(), failure.cause.node.to_string());
            (None, Some(cause), failure.unknown_effects.iter().map(|path| path.to_string()).collect())
        }
        Outcome::Cancelled { .. } => (None, None, Vec::new()),
    };
    Ended { status: outcome.status().word(), output, cause, failures, unknown }
}
