use std::collections::BTreeMap;
use std::sync::Arc;

use super::{NodeReport, Trace, Waiting};
use crate::engine::machine::{
    ChildStart, Command, Event, Moment, Notice, Outcome, Question, Start, Status, Ticket,
};
use crate::plan::{Plan, Workflow, WorkflowId};
use crate::value::{EcoString, Value, eco_format};

/// All that is recorded of a run, whichever engine ran it.
#[derive(Debug)]
pub struct Story {
    /// What is known of the run without its plan.
    pub about: About,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// Which workflow of the plan it runs.
    pub workflow: WorkflowId,
    /// What it was started with.
    pub start: Option<Start>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// What happened to each node, by its path; those of children behind the path of their node.
    pub nodes: BTreeMap<EcoString, NodeReport>,
    /// The nodes in the order in which they started, those of children behind their parents'.
    pub order: Vec<EcoString>,
    /// The canonical trace.
    pub trace: Trace,
    /// Signals that were turned away: name and reason.
    pub rejected: Vec<(EcoString, EcoString)>,
    /// The questions of approvals that are open, by the paths of their nodes.
    pub questions: BTreeMap<EcoString, Question>,
}

/// What is known of a run without its plan.
#[derive(Clone, Debug)]
pub struct About {
    /// Its id.
    pub id: String,
    /// The workflow's name.
    pub workflow: String,
    /// Where it stands.
    pub status: Status,
    /// When it started.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// The run that started it.
    pub parent: Option<String>,
    /// Who drives it, in words.
    pub owner: Option<String>,
    /// When it next wants to be woken.
    pub wake_at: Option<Moment>,
    /// Why it goes no further, in one sentence.
    pub problem: Option<String>,
}

/// What a replay shows.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    Event(&'a Event),
    /// So many attempts were made.
    Attempts(Ticket, u32),
    /// The next attempt waits for this, or no longer does.
    Waits(Ticket, Option<Waiting>),
    Command(&'a Command),
    Notice(&'a Notice),
    Ended(&'a Outcome),
}

/// Takes in what a replay shows.
pub(super) struct Teller {
    plan: Arc<Plan>,
    workflow: WorkflowId,
    start: Option<Start>,
    nodes: BTreeMap<EcoString, NodeReport>,
    order: Vec<EcoString>,
    trace: Trace,
    rejected: Vec<(EcoString, EcoString)>,
    questions: BTreeMap<EcoString, Question>,
    children: Vec<ChildStart>,
    paths: BTreeMap<Ticket, EcoString>,
}

impl Teller {
    pub(super) fn new(plan: Arc<Plan>, workflow: WorkflowId) -> Self {
        Self {
            plan,
            workflow,
            start: None,
            nodes: BTreeMap::new(),
            order: Vec::new(),
            trace: Trace::default(),
            rejected: Vec::new(),
            questions: BTreeMap::new(),
            children: Vec::new(),
            paths: BTreeMap::new(),
        }
    }

    /// The story, and the children whose stories belong into it.
    pub(super) fn tell(self, about: About, outcome: Option<Outcome>) -> (Story, Vec<ChildStart>) {
        let Self { plan, workflow, start, nodes, order, trace, rejected, questions, children, .. } = self;
        (Story { about, plan, workflow, start, outcome, nodes, order, trace, rejected, questions }, children)
    }

    pub(super) fn see(&mut self, at: Moment, seen: &Seen<'_>) {
        match seen {
            Seen::Event(event) => self.event(event),
            Seen::Attempts(ticket, attempts) => self.attempts(*ticket, *attempts),
            Seen::Waits(ticket, waiting) => self.waits(*ticket, waiting.as_ref()),
            Seen::Command(command) => self.command(command),
            Seen::Notice(notice) => self.notice(at, notice),
            // How it ended is told with it.
            Seen::Ended(_) => {}
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Started(start) => self.start = Some(start.as_ref().clone()),
            Event::Completed { ticket, attempts, .. } => self.attempts(*ticket, *attempts),
            Event::Failed { ticket, failure } => self.attempts(*ticket, failure.attempts),
            _ => {}
        }
    }

    fn attempts(&mut self, ticket: Ticket, attempts: u32) {
        if let Some(node) = self.paths.get(&ticket).and_then(|path| self.nodes.get_mut(path)) {
            node.attempts = attempts;
        }
    }

    fn waits(&mut self, ticket: Ticket, waiting: Option<&Waiting>) {
        if let Some(node) = self.paths.get(&ticket).and_then(|path| self.nodes.get_mut(path)) {
            node.waits = waiting.cloned();
        }
    }

    fn command(&mut self, command: &Command) {
        let (ticket, path, input) = match command {
            Command::Run(execution) => (execution.ticket, &execution.path, execution.input.clone()),
            Command::StartChild(child) => {
                self.children.push(child.as_ref().clone());
                (child.ticket, &child.path, Value::from_json(&child.input))
            }
            _ => return,
        };
        self.paths.insert(ticket, path.clone());
        if let Some(node) = self.nodes.get_mut(path) {
            node.input = Some(input);
            node.attempts = node.attempts.max(1);
        }
    }

    fn notice(&mut self, at: Moment, notice: &Notice) {
        let plan = Arc::clone(&self.plan);
        let workflow: &Workflow = &plan.program().workflows[self.workflow.index()];
        self.trace.note("", workflow, notice);
        match notice {
            Notice::Started { path, .. } => {
                if self.nodes.insert(path.clone(), NodeReport::started(at)).is_none() {
                    self.order.push(path.clone());
                }
            }
            Notice::Ended { path, end, .. } => {
                self.questions.remove(path);
                self.nodes.entry(path.clone()).or_insert_with(NodeReport::unstarted).end(at, end);
            }
            Notice::Rejected { name, reason } => self.rejected.push((name.clone(), reason.clone())),
            Notice::Asks { path, question } => drop(self.questions.insert(path.clone(), question.clone())),
            Notice::Waits { .. } | Notice::Consumed { .. } => {}
        }
    }
}

impl Story {
    /// Adds what happened in a child, behind the path of its node.
    pub(super) fn add_child(&mut self, path: &EcoString, child: Self) {
        let behind = |inner: EcoString| eco_format!("{path}/{inner}");
        self.nodes.extend(child.nodes.into_iter().map(|(inner, node)| (behind(inner), node)));
        let entries = child.trace.entries.into_iter();
        self.trace.entries.extend(entries.map(|(inner, entry)| (behind(inner), entry)));
        self.order.extend(child.order.into_iter().map(behind));
    }

    /// What the run is at.
    #[must_use]
    pub fn status(&self) -> Status {
        self.outcome.as_ref().map_or(self.about.status, Outcome::status)
    }
}
