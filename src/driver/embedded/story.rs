use std::collections::BTreeMap;
use std::sync::Arc;

use super::EngineError;
use super::entry::Entry;
use super::journal::{Journal, RunInfo};
use super::recovery::{self, Header, Seen};
use crate::driver::{NodeReport, Trace, key};
use crate::engine::machine::{Command, Event, Moment, Notice, Outcome, Start, Ticket, Wired};
use crate::plan::{Plan, Workflow, WorkflowId};
use crate::value::{EcoString, Value, eco_format};

/// All that the journal tells of a run.
#[derive(Debug)]
pub struct Story {
    /// Its place in the list of runs.
    pub info: RunInfo,
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
    /// The nodes of the run itself in the order in which they started.
    pub order: Vec<EcoString>,
    /// The canonical trace.
    pub trace: Trace,
    /// Signals that were turned away: name and reason.
    pub rejected: Vec<(EcoString, EcoString)>,
}

impl Story {
    /// Plays what the journal holds of a run.
    ///
    /// # Errors
    /// When there is no such run, or what is recorded can't be read.
    pub async fn of(journal: &Journal, run: &str) -> Result<Self, EngineError> {
        let recovered = journal.load(run, true).await.map_err(|error| match error {
            super::journal::JournalError::UnknownRun(run) => EngineError::UnknownRun(run),
            other => EngineError::Journal(other),
        })?;
        let unreadable = |reason: String| EngineError::Unreadable { run: run.to_owned(), reason };
        let header: Header =
            serde_json::from_slice(&recovered.header).map_err(|error| unreadable(error.to_string()))?;
        let plan = Arc::new(Plan::from_json(&recovered.plan).map_err(|error| unreadable(error.to_string()))?);
        let wired = Arc::new(Wired::new(Arc::clone(&plan)));
        let mut teller = Teller::new(wired.workflow(header.workflow));
        let replayed = recovery::watch(run, &wired, header.workflow, &recovered.records, &mut |at, seen| {
            teller.see(at, &seen);
        })?;
        let Teller { start, nodes, order, trace, rejected, children, .. } = teller;
        let mut story = Self {
            info: recovered.info,
            plan,
            workflow: header.workflow,
            start,
            outcome: replayed.machine.outcome().cloned(),
            nodes,
            order,
            trace,
            rejected,
        };
        for child in children {
            story.add_child(journal, &wired, &child).await?;
        }
        Ok(story)
    }

    /// Adds what happened in a child, behind the path of its node.
    async fn add_child(
        &mut self,
        journal: &Journal,
        wired: &Arc<Wired>,
        child: &crate::engine::machine::ChildStart,
    ) -> Result<(), EngineError> {
        let settings = self.start.as_ref().map(|start| start.settings.clone()).unwrap_or_default();
        let id =
            key::of_started_child(&self.info.id, wired, child, settings).map_err(EngineError::of_child)?;
        // A child that was never started, or was pruned, has no story.
        let Some(_) = journal.info(&id).await? else { return Ok(()) };
        let inner = Box::pin(Self::of(journal, &id)).await?;
        let path = &child.path;
        self.nodes.extend(inner.nodes.into_iter().map(|(inner, node)| (eco_format!("{path}/{inner}"), node)));
        let entries = inner.trace.entries.into_iter();
        self.trace.entries.extend(entries.map(|(inner, entry)| (eco_format!("{path}/{inner}"), entry)));
        self.order.extend(inner.order.into_iter().map(|inner| eco_format!("{path}/{inner}")));
        Ok(())
    }
}

/// Takes in what a replay shows.
struct Teller<'a> {
    workflow: &'a Workflow,
    start: Option<Start>,
    nodes: BTreeMap<EcoString, NodeReport>,
    order: Vec<EcoString>,
    trace: Trace,
    rejected: Vec<(EcoString, EcoString)>,
    children: Vec<crate::engine::machine::ChildStart>,
    paths: BTreeMap<Ticket, EcoString>,
}

impl<'a> Teller<'a> {
    fn new(workflow: &'a Workflow) -> Self {
        Self {
            workflow,
            start: None,
            nodes: BTreeMap::new(),
            order: Vec::new(),
            trace: Trace::default(),
            rejected: Vec::new(),
            children: Vec::new(),
            paths: BTreeMap::new(),
        }
    }

    fn see(&mut self, at: Moment, seen: &Seen<'_>) {
        match seen {
            Seen::Entry(entry) => self.entry(entry),
            Seen::Command(command) => self.command(command),
            Seen::Notice(notice) => self.notice(at, notice),
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let (ticket, attempts) = match entry {
            Entry::Event(Event::Started(start)) => return self.start = Some(start.as_ref().clone()),
            Entry::Event(Event::Completed { ticket, attempts, .. }) => (ticket, *attempts),
            Entry::Event(Event::Failed { ticket, failure }) => (ticket, failure.attempts),
            Entry::Attempted { ticket, attempt, .. } | Entry::Begun { ticket, attempt } => (ticket, *attempt),
            _ => return,
        };
        if let Some(node) = self.paths.get(ticket).and_then(|path| self.nodes.get_mut(path)) {
            node.attempts = attempts;
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
        self.trace.note("", self.workflow, notice);
        match notice {
            Notice::Started { path, .. } => {
                if self.nodes.insert(path.clone(), NodeReport::started(at)).is_none() {
                    self.order.push(path.clone());
                }
            }
            Notice::Ended { path, end, .. } => {
                self.nodes.entry(path.clone()).or_insert_with(NodeReport::unstarted).end(at, end);
            }
            Notice::Rejected { name, reason } => self.rejected.push((name.clone(), reason.clone())),
            Notice::Waits { .. } | Notice::Consumed { .. } => {}
        }
    }
}
