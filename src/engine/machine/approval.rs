use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::interpreter::{Awaited, Machine};
use super::slot::Slot;
use super::start::Step;
use super::state::{Doing, Place};
use super::view::unfit;
use super::work::check_size;
use super::{Command, End, Execution, Failure, Moment, Notice, Ticket, moment};
use crate::plan::{Approval, CodeId, NodeId, Task};
use crate::value::{EcoString, Value, eco_format};

// An approval from its start to its end:
//
// | what happens | what follows |
// |---|---|
// | it starts | a message; timers for the next reminder and the next escalation |
// | a reminder's time | a message; the next reminder's timer |
// | an escalation's time | more people may answer; a message; the next escalation's timer |
// | a message failed for good | it is listed; the question stays open |
// | an answer that counts | it ends on the port of the decision; timers and messages are taken back |
// | any other answer | it is turned away; the question stays open |
// | its time-out, a cancel, a stop | timers and messages are taken back |

/// What a signal's name begins with that answers an approval; behind it stands the node, or its path.
pub const APPROVE: &str = "approve.";

/// The setting that says how a link to a question looks; no author can declare one of that name.
pub const LINK: &str = "approvals.link";

/// What people are asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// In a line.
    #[serde(default, skip_serializing_if = "EcoString::is_empty")]
    pub title: EcoString,
    /// What helps to decide.
    #[serde(default, skip_serializing_if = "Json::is_null")]
    pub details: Json,
    /// Who may answer now; anybody where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<EcoString>,
    /// Since when it is open.
    pub since: Moment,
}

impl Question {
    /// What is asked, and of whom, in a line.
    #[must_use]
    pub fn summary(&self) -> String {
        let asked = if self.approvers.is_empty() { "anybody".to_owned() } else { self.approvers.join(", ") };
        if self.title.is_empty() {
            format!("{asked} may answer")
        } else {
            format!("{} ({asked} may answer)", self.title)
        }
    }
}

/// An approval that waits for its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asking {
    pub(super) question: Question,
    /// After how many milliseconds people are reminded, again and again.
    remind: Option<u64>,
    /// Who may answer too, and from when on.
    steps: VecDeque<(Moment, Vec<EcoString>)>,
    reminder: Option<Ticket>,
    escalation: Option<Ticket>,
    /// The messages that are under way.
    messages: BTreeMap<Ticket, EcoString>,
    /// How many messages there were.
    sent: u32,
}

/// The signal by which the question of a node is answered.
fn signal_of(path: &str) -> EcoString {
    eco_format!("{APPROVE}{path}")
}

impl Machine {
    /// Asks people, and waits.
    pub(super) fn ask(&mut self, place: Place, approval: &Approval) -> Step {
        let asking = self.asking(place, approval)?;
        let path = self.path(place);
        if self.is_observed {
            let (node, name) = (place.node, signal_of(&path));
            self.notice(Notice::Asks { path: path.clone(), question: asking.question.clone() });
            self.notice(Notice::Waits { path, node, name, correlation: None });
        }
        self.run.signals.asks(&self.node(place.node).name.clone(), place);
        self.set_doing(place, Doing::Approval(Box::new(asking)));
        self.set_reminder(place);
        self.set_escalation(place);
        self.send_message(place);
        Ok(None)
    }

    fn asking(&mut self, place: Place, approval: &Approval) -> Result<Asking, Failure> {
        let since = self.run.now;
        let title = match approval.title {
            Some(code) => self.evaluate_text(code, place.into())?,
            None => EcoString::new(),
        };
        let details = match approval.details {
            Some(code) => self.shown(code, place)?,
            None => Json::Null,
        };
        let approvers = match approval.approvers {
            Some(code) => people(code, &self.evaluate(code, place.into())?)?,
            None => Vec::new(),
        };
        let remind = match approval.remind {
            Some(code) => Some(pause(code, &self.evaluate(code, place.into())?)?),
            None => None,
        };
        let steps = match approval.escalate {
            Some(code) => steps(code, &self.evaluate(code, place.into())?, since)?,
            None => VecDeque::new(),
        };
        Ok(Asking {
            question: Question { title, details, approvers, since },
            remind,
            steps,
            reminder: None,
            escalation: None,
            messages: BTreeMap::new(),
            sent: 0,
        })
    }

    /// What helps to decide, as people see it.
    fn shown(&mut self, code: CodeId, place: Place) -> Result<Json, Failure> {
        let details = self.evaluate(code, place.into())?;
        check_size(&details)?;
        details.to_json().map_err(|error| unfit(code, &eco_format!("json can't hold {}", error.reason)))
    }

    fn question_at(&mut self, place: Place) -> Option<&mut Asking> {
        match &mut self.running(place)?.doing {
            Doing::Approval(asking) => Some(asking),
            _ => None,
        }
    }

    fn set_reminder(&mut self, place: Place) {
        let Some(period) = self.question_at(place).and_then(|asking| asking.remind) else { return };
        let reminder = self.timer(place, Awaited::Reminder, self.run.now.after(period));
        if let Some(asking) = self.question_at(place) {
            asking.reminder = Some(reminder);
        }
    }

    fn set_escalation(&mut self, place: Place) {
        let next = self.question_at(place).and_then(|asking| asking.steps.front().map(|(at, _)| *at));
        let Some(at) = next else { return };
        let escalation = self.timer(place, Awaited::Escalation, at);
        if let Some(asking) = self.question_at(place) {
            asking.escalation = Some(escalation);
        }
    }

    /// It is time to remind people.
    pub(super) fn remind(&mut self, place: Place) {
        self.set_reminder(place);
        self.send_message(place);
    }

    /// It is time to ask more people.
    pub(super) fn escalate(&mut self, place: Place) {
        let Some(asking) = self.question_at(place) else { return };
        let Some((_, more)) = asking.steps.pop_front() else { return };
        for person in more {
            // Where anybody may answer, nobody has to be added.
            if !asking.question.approvers.is_empty() && !asking.question.approvers.contains(&person) {
                asking.question.approvers.push(person);
            }
        }
        let question = asking.question.clone();
        if self.is_observed {
            let path = self.path(place);
            self.notice(Notice::Asks { path, question });
        }
        self.set_escalation(place);
        self.send_message(place);
    }

    /// Tells people, where the author says how.
    fn send_message(&mut self, place: Place) {
        let Task::Approval(approval) = &self.node(place.node).task else { return };
        let Some(message) = approval.notify else { return };
        let Some(asking) = self.question_at(place) else { return };
        let number = asking.sent;
        asking.sent += 1;
        let path = self.message_path(Place { node: message, ..place }, number);
        if self.is_observed {
            let by = vec![self.path(place)];
            self.notice(Notice::Started { path: path.clone(), by, node: message });
        }
        match self.message(place, message, path.clone()) {
            Ok(execution) => {
                let ticket = execution.ticket;
                self.command(Command::Run(Box::new(execution)));
                if let Some(asking) = self.question_at(place) {
                    asking.messages.insert(ticket, path);
                }
            }
            Err(failure) => self.message_failed(message, path, failure),
        }
    }

    /// Each message has a path of its own, and with that a key.
    fn message_path(&self, message: Place, number: u32) -> EcoString {
        eco_format!("{}[{number}]", self.path(message))
    }

    /// A message. It takes its slot at once: a question that waits for others to be done is none.
    fn message(&mut self, place: Place, node: NodeId, path: EcoString) -> Result<Execution, Failure> {
        let wired = Arc::clone(&self.wired);
        let input = wired.wiring(self.run.workflow).input(node);
        let input = input.record(&mut |code| self.evaluate(code, place.into()))?;
        check_size(&input)?;
        let Task::Activity(activity) = &wired.workflow(self.run.workflow).nodes[node.index()].task else {
            return Err(Failure::new("ExpressionError", "a message is an activity"));
        };
        let timeout = self.time_limit(activity.timeout, place.into())?;
        let ticket = self.ticket(place, Awaited::Message, Slot::Activity);
        self.run.slots.take(Slot::Activity);
        let since = self.run.now;
        Ok(Execution {
            ticket,
            node,
            path,
            input,
            timeout,
            deadline: None,
            heartbeat_timeout: None,
            since,
            breaker_key: None,
            limit_key: None,
        })
    }

    /// A message was sent, or will never be.
    pub(super) fn message_over(&mut self, place: Place, ticket: Ticket, result: Result<Value, Failure>) {
        self.run.slots.release(Slot::Activity);
        let Task::Approval(approval) = &self.node(place.node).task else { return };
        let Some(node) = approval.notify else { return };
        let Some(path) = self.question_at(place).and_then(|asking| asking.messages.remove(&ticket)) else {
            return;
        };
        match result {
            Ok(output) => self.message_ended(node, path, End::Succeeded { port: "ok".into(), output }),
            Err(failure) => self.message_failed(node, path, failure),
        }
    }

    /// People can be reached otherwise: the question stays open, and what failed is listed.
    fn message_failed(&mut self, node: NodeId, path: EcoString, failure: Failure) {
        let failure = failure.at(&path);
        self.run.with_failures = true;
        self.run.listed.push(failure.listed());
        self.message_ended(node, path, End::Failed(failure));
    }

    fn message_ended(&mut self, node: NodeId, path: EcoString, end: End) {
        if self.is_observed {
            self.notice(Notice::Ended { path, node, end });
        }
    }

    /// Takes back what an approval has under way.
    pub(super) fn stop_asking(&mut self, place: Place, asking: Asking) {
        self.unset(asking.reminder);
        self.unset(asking.escalation);
        let Task::Approval(approval) = &self.node(place.node).task else { return };
        let Some(node) = approval.notify else { return };
        for (ticket, path) in asking.messages {
            if let Some(open) = self.run.open.get_mut(&ticket) {
                open.awaited = Awaited::Lost;
                open.path = path.clone();
            }
            self.command(Command::Cancel { ticket });
            self.message_ended(node, path, End::Cancelled);
        }
    }

    /// Where a person answers the question of a node: as the environment said it when the run started, else what to
    /// type.
    pub(super) fn link(&self, place: Place) -> Value {
        let (run, path) = (&self.run.start.run, self.path(place));
        let link = match self.run.start.settings.get(LINK) {
            Some(Value::String(form)) => {
                form.replace("{run}", &encoded(run)).replace("{node}", &encoded(&path))
            }
            _ => eco_format!("citadel approve {run} {path}"),
        };
        Value::from(link)
    }
}

/// As a segment, or a value, of a URL.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn people(code: CodeId, value: &Value) -> Result<Vec<EcoString>, Failure> {
    let Value::List(list) = value else { return Err(unfit(code, "approvers are a list of texts")) };
    let person = |value: &Value| match value {
        Value::String(text) => Ok(EcoString::from(text.trim())),
        _ => Err(unfit(code, "an approver is a text")),
    };
    list.iter().map(person).collect()
}

fn pause(code: CodeId, value: &Value) -> Result<u64, Failure> {
    match value {
        Value::Duration(duration) if moment::millis(*duration) > 0 => Ok(moment::millis(*duration)),
        Value::Duration(_) => {
            Err(unfit(code, "people can't be reminded all the time: it must be longer than 0"))
        }
        _ => Err(unfit(code, "a reminder takes a duration")),
    }
}

/// The steps in the order of their times.
fn steps(code: CodeId, value: &Value, since: Moment) -> Result<VecDeque<(Moment, Vec<EcoString>)>, Failure> {
    let Value::List(list) = value else { return Err(unfit(code, "an escalation is a list of steps")) };
    let step = |value: &Value| match (value.field("after"), value.field("approvers")) {
        (Some(Value::Duration(after)), Some(approvers)) => {
            Ok((since.after(moment::millis(*after)), people(code, approvers)?))
        }
        _ => Err(unfit(code, "a step says after how long, and who")),
    };
    let mut steps: Vec<_> = list.iter().map(step).collect::<Result<_, Failure>>()?;
    steps.sort_by_key(|(at, _)| *at);
    Ok(steps.into())
}
