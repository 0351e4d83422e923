use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::EngineError;
use super::clock;
use super::entry::Entry;
use super::journal::{Record, RunChange};
use super::loaded::Loaded;
use super::outstanding::Outstanding;
use super::shared::{End, Shared};
use super::work::{Report, Work};
use crate::driver::Observers;
use crate::driver::gates::Route;
use crate::engine::machine::{
    ChildStart, Command, Event, Execution, Machine, Moment, Outcome, Status, Ticket,
};
use crate::nodes::{Call, crash};
use crate::plan::{Argument, Task};
use crate::value::EcoString;

/// How long running attempts may go on after the engine was told to stop.
const GRACE: std::time::Duration = std::time::Duration::from_secs(10);

/// After how many records a snapshot is kept.
const SNAPSHOT_EVERY: u64 = 2_000;

/// What reaches a run, by the one channel that it has: idle runs are many, so it is boxed.
pub(super) enum Mail {
    /// Somebody tells it something.
    Told {
        event: Event,
        /// The message of the inbox that it was.
        consumes: Option<i64>,
    },
    /// One of its activities reports.
    Reported(Report),
    /// One of its children is over.
    ChildEnded(Ticket, Outcome),
}

/// A run that this process drives.
pub(super) struct Live {
    pub(super) id: String,
    pub(super) epoch: u64,
    pub(super) machine: Machine,
    pub(super) loaded: Arc<Loaded>,
    pub(super) shared: Arc<Shared>,
    pub(super) outstanding: Outstanding,
    mail: mpsc::UnboundedReceiver<Box<Mail>>,
    post: mpsc::UnboundedSender<Box<Mail>>,
    pub(super) written: u64,
    timers: BTreeSet<(Moment, Ticket)>,
    works: BTreeMap<Ticket, JoinHandle<()>>,
    children: BTreeMap<Ticket, String>,
    records: Vec<Record>,
    commands: Vec<Command>,
    going: Vec<oneshot::Sender<()>>,
    wake_at: Option<Moment>,
    /// Whether the journal's list has it as running.
    is_listed: bool,
    /// What others see of it.
    pub(super) end: watch::Sender<End>,
    /// Until when it was last said to wait.
    said: Option<Moment>,
    /// Who watches it.
    pub(super) observers: Observers,
    /// The `traceparent` that it was started under.
    pub(super) trace: Option<String>,
    /// Whether its end was told to those.
    pub(super) is_told: bool,
}

/// How driving a run ended.
pub(super) enum Drive {
    /// The run is over.
    Closed(Outcome),
    /// The engine stops; the run goes on when it is resumed.
    Interrupted,
}

impl Live {
    pub(super) fn new(
        id: String,
        epoch: u64,
        machine: Machine,
        loaded: Arc<Loaded>,
        shared: Arc<Shared>,
    ) -> Self {
        let (post, mail) = mpsc::unbounded_channel();
        Self {
            id,
            epoch,
            machine,
            loaded,
            shared,
            outstanding: Outstanding::default(),
            mail,
            post,
            written: 0,
            timers: BTreeSet::new(),
            works: BTreeMap::new(),
            children: BTreeMap::new(),
            records: Vec::new(),
            commands: Vec::new(),
            going: Vec::new(),
            wake_at: None,
            is_listed: false,
            end: watch::channel(End::Open { is_idle: false }).0,
            said: None,
            observers: Observers::default(),
            trace: None,
            is_told: false,
        }
    }

    /// Drives the run until it is over, or the engine stops: what happens is taken in, made durable, and only then
    /// acted upon.
    pub(super) async fn drive(mut self) -> Result<Drive, EngineError> {
        loop {
            self.take_in();
            // What isn't needed while a run waits lies in boxes of its own: idle runs are many.
            Box::pin(self.persist()).await?;
            Box::pin(self.perform()).await?;
            // What was cancelled and is gone at once may be the end: then that has yet to be made durable.
            if let Some(outcome) = self.machine.outcome().filter(|_| self.records.is_empty()) {
                let outcome = outcome.clone();
                self.abort();
                return Ok(Drive::Closed(outcome));
            }
            if self.shared.is_stopping() {
                return Box::pin(self.drain()).await;
            }
            self.wait().await;
        }
    }

    /// Where others reach it.
    pub(super) fn post(&self) -> mpsc::UnboundedSender<Box<Mail>> {
        self.post.clone()
    }

    /// Takes in the event that the run begins with: its first records, to be written with the run itself.
    pub(super) fn first(&mut self, event: Event) -> Vec<Record> {
        self.handle(event, None);
        let records = std::mem::take(&mut self.records);
        self.written = records.len() as u64;
        records
    }

    /// Commands what an earlier process commanded and didn't see answered.
    pub(super) fn recommand(&mut self) {
        self.commands = self.outstanding.commands().cloned().collect();
    }

    /// Takes in all that has happened, without waiting.
    fn take_in(&mut self) {
        self.take_mail();
        while let Some((_, ticket)) = self.timers.first().copied().filter(|(at, _)| *at <= clock::now()) {
            self.timers.pop_first();
            self.handle(Event::Fired { ticket }, None);
        }
    }

    fn take_mail(&mut self) {
        while let Ok(mail) = self.mail.try_recv() {
            self.receive(*mail);
        }
    }

    fn receive(&mut self, mail: Mail) {
        match mail {
            Mail::Told { event, consumes } => self.handle(event, consumes),
            Mail::Reported(report) => self.reported(report),
            Mail::ChildEnded(ticket, outcome) => {
                self.children.remove(&ticket);
                self.handle(Event::ChildEnded { ticket, outcome: Box::new(outcome) }, None);
            }
        }
    }

    fn handle(&mut self, event: Event, consumes: Option<i64>) {
        let what = EcoString::from(event.word());
        self.machine.handle(clock::now(), event);
        let batch = self.machine.poll();
        self.told(&batch.notices);
        let is_ignored = batch.append.is_empty();
        let mut consumes = consumes;
        for (at, event) in batch.append {
            self.write(at, &Entry::Event(event), consumes.take());
        }
        if is_ignored && consumes.is_some() {
            self.write(clock::now(), &Entry::Ignored { what }, consumes);
        }
        for command in batch.commands {
            self.outstanding.command(&command);
            self.commands.push(command);
        }
    }

    fn write(&mut self, at: Moment, entry: &Entry, consumes: Option<i64>) {
        self.outstanding.entry(entry);
        self.records.push(entry.record(at, consumes));
    }

    fn reported(&mut self, report: Report) {
        let at = clock::now();
        match report {
            Report::Over(event) => {
                if let Event::Completed { ticket, .. } | Event::Failed { ticket, .. } = &event {
                    self.works.remove(ticket);
                }
                self.handle(event, None);
            }
            Report::Attempted { ticket, attempt, failure, next } => {
                let (run, path) = (self.watched(false), self.path_of(ticket));
                self.observers.each(|observer| observer.attempted(run, path, attempt, &failure, next));
                self.write(at, &Entry::Attempted { ticket, attempt, failure, next }, None);
            }
            Report::Begins { ticket, attempt, go } => {
                self.write(at, &Entry::Begun { ticket, attempt }, None);
                self.going.push(go);
            }
            Report::Alive { ticket, attempt } => self.write(at, &Entry::Alive { ticket, attempt }, None),
            Report::Waits { ticket, wait } => {
                self.write(at, &Entry::Waits { ticket, gate: wait.gate, until: wait.until }, None);
            }
            Report::Passed { ticket } => self.write(at, &Entry::Passed { ticket }, None),
            Report::Left { ticket } => drop(self.works.remove(&ticket)),
        }
    }

    fn path_of(&self, ticket: Ticket) -> &str {
        let mut commands = self.outstanding.commands();
        let path = commands.find_map(|command| match command {
            Command::Run(execution) if execution.ticket == ticket => Some(execution.path.as_str()),
            _ => None,
        });
        path.unwrap_or_default()
    }

    /// Makes durable what has happened.
    async fn persist(&mut self) -> Result<(), EngineError> {
        let change = self.change();
        if self.records.is_empty() && change.is_none() {
            return Ok(());
        }
        let records = std::mem::take(&mut self.records);
        self.written += records.len() as u64;
        let is_due = self.written / SNAPSHOT_EVERY > (self.written - records.len() as u64) / SNAPSHOT_EVERY;
        crash::point("before_commit");
        self.shared.journal.append(&self.id, self.epoch, records, change.unwrap_or_default()).await?;
        crash::point("after_commit");
        if is_due {
            self.keep_snapshot().await?;
        }
        Ok(())
    }

    async fn keep_snapshot(&self) -> Result<(), EngineError> {
        let bytes = super::recovery::snapshot(&self.machine, &self.outstanding);
        Ok(self.shared.journal.snapshot(&self.id, self.epoch, self.written, bytes).await?)
    }

    /// What the journal's list of runs has to say anew.
    fn change(&mut self) -> Option<RunChange> {
        if let Some(outcome) = self.machine.outcome() {
            let bytes = serde_json::to_vec(outcome).expect("keys are texts, and memory takes any text");
            return Some(RunChange {
                status: Some(outcome.status()),
                wake_at: Some(None),
                ended: Some((self.machine.now().0, bytes)),
            });
        }
        let wake_at = self.outstanding.next_timer();
        let is_first = !self.is_listed;
        if wake_at == self.wake_at && !is_first {
            return None;
        }
        (self.wake_at, self.is_listed) = (wake_at, true);
        let status = is_first.then_some(Status::Running);
        Some(RunChange { status, wake_at: Some(wake_at.map(|at| at.0)), ended: None })
    }

    /// Does what was commanded; all that it rests on is durable.
    async fn perform(&mut self) -> Result<(), EngineError> {
        for go in self.going.drain(..) {
            // An attempt that was cancelled meanwhile doesn't begin.
            let _ = go.send(());
        }
        for command in std::mem::take(&mut self.commands) {
            match command {
                Command::Run(_) | Command::StartChild(_) if self.shared.is_stopping() => {}
                Command::Run(execution) => self.run(*execution),
                Command::StartChild(child) => self.start_child(*child).await?,
                Command::SetTimer { ticket, at } => drop(self.timers.insert((at, ticket))),
                Command::Unset { ticket } => self.timers.retain(|(_, timer)| *timer != ticket),
                Command::Cancel { ticket } => self.cancel(ticket).await,
            }
        }
        Ok(())
    }

    fn run(&mut self, execution: Execution) {
        let workflow = self.machine.workflow();
        let node = &workflow.nodes[execution.node.index()];
        let Task::Activity(activity) = &node.task else { return };
        let borders = activity.config.iter().filter_map(|(name, argument)| match argument {
            Argument::Shape(shape) => Some((EcoString::from(name.as_str()), *shape)),
            _ => None,
        });
        let ticket = execution.ticket;
        let call = Call {
            run: self.id.as_str().into(),
            path: execution.path.clone(),
            trace: self.trace().into(),
            kind: node.kind.as_str().into(),
            input: execution.input.clone(),
            shapes: Arc::new(workflow.shapes.clone()),
            borders: borders.collect(),
            output: node.output,
            key: crate::driver::key::of_execution(&self.id, &execution.path),
            attempt: 1,
            timeout: std::time::Duration::from_millis(execution.timeout),
            heartbeat: execution.heartbeat_timeout.map(std::time::Duration::from_millis),
            progress: crate::nodes::Progress::default(),
            effect_once: activity.effect == crate::plan::Effect::Once,
        };
        let work = Work {
            route: Route::of(workflow, node, activity, &execution),
            gates: self.shared.options.gates.clone(),
            stop: self.shared.stop.subscribe(),
            attempts: self.outstanding.attempts(ticket),
            execution,
            call,
            effect: activity.effect,
            policy: workflow.retries[activity.retry.index()].clone(),
            errors: workflow.errors[node.errors.index()].clone(),
            executors: Arc::clone(&self.shared.executors),
            supply: self.loaded.supplies[self.machine.workflow_id().index()].clone(),
            post: self.post.clone(),
        };
        self.works.insert(ticket, tokio::spawn(work.run()));
    }

    /// Starts a child as a run of its own, or finds the one that an earlier process started.
    async fn start_child(&mut self, child: ChildStart) -> Result<(), EngineError> {
        let ticket = child.ticket;
        let settings = self.machine.started().settings.clone();
        let trace = self.trace.as_deref();
        let started = self.shared.start_child(&self.id, &self.loaded, settings, trace, &child).await;
        let waiting = match started {
            Ok(waiting) => waiting,
            Err(error @ EngineError::Journal(_)) => return Err(error),
            Err(error) => {
                let failure = crate::engine::machine::Failure::new("ChildFailed", error.to_string());
                self.handle(Event::Failed { ticket, failure: Box::new(failure) }, None);
                return Ok(());
            }
        };
        self.children.insert(ticket, waiting.id.clone());
        if child.detached {
            let output = crate::value::Map::record([("run_id", crate::value::Value::from(waiting.id))]);
            let output = crate::value::Value::Map(output);
            let outcome = Outcome::Completed { output, with_failures: false, failures: Vec::new() };
            let _ = self.post.send(Box::new(Mail::ChildEnded(ticket, outcome)));
            return Ok(());
        }
        let post = self.post.clone();
        tokio::spawn(async move {
            if let Some(outcome) = waiting.outcome().await {
                let _ = post.send(Box::new(Mail::ChildEnded(ticket, outcome)));
            }
        });
        Ok(())
    }

    async fn cancel(&mut self, ticket: Ticket) {
        if let Some(child) = self.children.get(&ticket) {
            self.shared.tell(child, Event::Cancelled);
            return;
        }
        if let Some(work) = self.works.remove(&ticket) {
            work.abort();
            // Gone, or over: what it reported in between comes first.
            let _ = work.await;
        }
        self.take_mail();
        self.handle(Event::Released { ticket }, None);
    }

    /// Waits until something happens.
    async fn wait(&mut self) {
        if !self.commands.is_empty() || !self.records.is_empty() || !self.going.is_empty() {
            return;
        }
        let next = self.timers.first().map(|(at, _)| *at);
        let is_idle = self.works.is_empty() && self.children.is_empty();
        self.end.send_replace(End::Open { is_idle });
        if let Some(at) = next.filter(|at| self.works.is_empty() && self.said != Some(*at)) {
            self.said = Some(at);
            let run = self.watched(false);
            self.observers.each(|observer| observer.waits(run, at));
        }
        let timer = async {
            match next {
                Some(at) => clock::doze_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(mail) = self.mail.recv() => self.receive(*mail),
            () = timer => {}
            () = self.shared.stopping() => {}
        }
    }

    /// Lets running attempts come to their end, and begins no others.
    async fn drain(mut self) -> Result<Drive, EngineError> {
        let until = tokio::time::Instant::now() + GRACE;
        while !self.works.is_empty() {
            tokio::select! {
                Some(mail) = self.mail.recv() => self.receive(*mail),
                () = tokio::time::sleep_until(until) => break,
            }
            self.take_in();
            self.persist().await?;
            self.going.clear();
            if let Some(outcome) = self.machine.outcome() {
                return Ok(Drive::Closed(outcome.clone()));
            }
        }
        self.abort();
        self.persist().await?;
        Ok(self.machine.outcome().cloned().map_or(Drive::Interrupted, Drive::Closed))
    }

    fn abort(&mut self) {
        self.works.values().for_each(JoinHandle::abort);
        self.works.clear();
    }
}
