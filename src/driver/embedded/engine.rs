use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;
use tokio::sync::{mpsc, watch};

use super::journal::{Access, Created, Journal, JournalError, Message, NewRun, RunInfo};
use super::live::{Drive, Live, Mail};
use super::loaded::Loaded;
use super::message::Note;
use super::observer::Observer;
use super::recovery::{self, Header};
use super::{EngineError, Environment, clock, key};
use crate::engine::machine::{
    ChildStart, Event, Failure, Machine, Moment, Notice, Outcome, Signal, Start, Status, identify,
};
use crate::nodes::{Egress, Executors};
use crate::plan::{OnDuplicate, Plan, WorkflowId};
use crate::value::{EcoString, Value};

/// What an engine is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the journal.
    pub journal: PathBuf,
    /// What runs take from their environment.
    pub environment: Environment,
    /// Which addresses nodes may reach.
    pub egress: Egress,
}

/// Runs plans in this process and keeps what happens in a journal: what was accepted is finished, by this process or
/// by a later one. A clone is the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

/// What the runs of an engine share.
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) executors: Arc<Executors>,
    options: Options,
    loaded: Mutex<BTreeMap<String, Arc<Loaded>>>,
    live: Mutex<BTreeMap<String, Handle>>,
    observer: Mutex<Option<Arc<dyn Observer>>>,
    stop: watch::Sender<bool>,
}

/// A run that this process drives, as others see it.
#[derive(Clone)]
struct Handle {
    mail: mpsc::UnboundedSender<Mail>,
    end: watch::Receiver<End>,
}

/// What a run that this process drives has come to.
#[derive(Clone, Debug)]
enum End {
    Open,
    Closed(Arc<Outcome>),
    /// Given up by this process: interrupted, taken over, or unreadable.
    Left(Arc<str>),
}

/// A run that this process drives.
pub struct Run {
    /// Its id.
    pub id: String,
    end: watch::Receiver<End>,
}

impl Run {
    /// How the run ends; none where this process stops driving it before.
    pub async fn outcome(mut self) -> Option<Outcome> {
        let end = self.end.wait_for(|end| !matches!(end, End::Open)).await.ok()?;
        match &*end {
            End::Closed(outcome) => Some(outcome.as_ref().clone()),
            End::Open | End::Left(_) => None,
        }
    }

    /// Why this process no longer drives the run, where it is so.
    #[must_use]
    pub fn left(&self) -> Option<String> {
        match &*self.end.borrow() {
            End::Left(reason) => Some(reason.to_string()),
            End::Open | End::Closed(_) => None,
        }
    }
}

/// A run as it was accepted.
pub enum Accepted {
    /// This process drives it.
    Driven(Run),
    /// A run of that id is over.
    Over(Box<RunInfo>, Outcome),
}

impl Engine {
    /// Opens the journal, and takes note of who drives what.
    ///
    /// # Errors
    /// When the journal can't be opened.
    pub fn open(options: Options, executors: Executors) -> Result<Self, EngineError> {
        let journal = Journal::open(&options.journal, Access::Write)?;
        let (stop, _) = watch::channel(false);
        let engine = Self(Arc::new(Shared {
            journal,
            executors: Arc::new(executors),
            options,
            loaded: Mutex::default(),
            live: Mutex::default(),
            observer: Mutex::default(),
            stop,
        }));
        tokio::spawn(read_inbox(Arc::downgrade(&engine.0)));
        Ok(engine)
    }

    /// Lets somebody watch.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        *lock(&self.0.observer) = Some(observer);
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.0.journal
    }

    /// Accepts a run of the first workflow of a plan: when this returns, it is durable.
    ///
    /// # Errors
    /// When the input doesn't fit, a secret or a setting is missing, or a run of that id is there.
    pub async fn start(
        &self,
        plan: Arc<Plan>,
        input: Json,
        id: Option<String>,
    ) -> Result<Accepted, EngineError> {
        let loaded = self.0.load(plan)?;
        let settings = self.0.options.environment.settings(&loaded.wired)?;
        let workflow = loaded.wired.workflow(WorkflowId(0));
        workflow
            .shapes
            .decode(workflow.input, &input)
            .map_err(|mismatches| EngineError::InvalidInput(mismatches.to_string()))?;
        let start = Start { run: EcoString::new(), input, settings, scheduled_at: None };
        let id = match id {
            Some(id) => id,
            None => identify(&loaded.wired, WorkflowId(0), &start)
                .map_err(|failure| EngineError::InvalidInput(failure.message.to_string()))?
                .map_or_else(|| unique(&workflow.name), String::from),
        };
        let start = Start { run: id.as_str().into(), ..start };
        match self.0.begin(&id, &loaded, WorkflowId(0), start, None).await? {
            Begun::New(run) => Ok(Accepted::Driven(run)),
            Begun::Known(_) if workflow.on_duplicate == OnDuplicate::Reject => {
                Err(EngineError::Duplicate(id))
            }
            Begun::Known(info) if info.status.is_closed() => over(*info),
            Begun::Known(_) => self.resume(&id, false).await,
        }
    }

    /// Drives a run on that no process drives; with `take_over` also one that another does.
    ///
    /// # Errors
    /// When there is no such run, or another process drives it.
    pub async fn resume(&self, id: &str, take_over: bool) -> Result<Accepted, EngineError> {
        let info = self.0.info(id).await?;
        if info.status.is_closed() {
            return over(info);
        }
        if let Some(run) = self.0.attach(id) {
            return Ok(Accepted::Driven(run));
        }
        Ok(Accepted::Driven(self.0.take_up(id, take_over).await?))
    }

    /// Drives on all open runs that no process drives. Gives those that can't be, with the reason.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn resume_all(&self) -> Result<(Vec<Run>, Vec<(String, EngineError)>), EngineError> {
        let (mut runs, mut left) = (Vec::new(), Vec::new());
        for info in self.0.journal.open_runs().await?.into_iter().rev() {
            if info.owner.is_some() || self.0.attach(&info.id).is_some() {
                continue;
            }
            match self.0.take_up(&info.id, false).await {
                Ok(run) => runs.push(run),
                Err(error) => left.push((info.id, error)),
            }
        }
        Ok((runs, left))
    }

    /// A run in the journal's list.
    ///
    /// # Errors
    /// When there is none of that id.
    pub async fn info(&self, id: &str) -> Result<RunInfo, EngineError> {
        self.0.info(id).await
    }

    /// Sends a signal to a run, whoever drives it. It is durable when this returns; a run that nobody drives takes it
    /// in when it is resumed.
    ///
    /// # Errors
    /// When there is no such run, it is over, or nothing of its workflow takes such a signal.
    pub async fn signal(&self, id: &str, signal: Signal) -> Result<RunInfo, EngineError> {
        let info = self.0.open_info(id).await?;
        let (loaded, header) = self.0.loaded_of(id).await?;
        let machine = Machine::new(Arc::clone(&loaded.wired), header.workflow);
        machine.check_signal(&signal).map_err(EngineError::InvalidSignal)?;
        self.0.journal.post(id, Note::Signal(signal).message()).await?;
        Ok(info)
    }

    /// Has a run cancelled, whoever drives it. It is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn cancel(&self, id: &str) -> Result<RunInfo, EngineError> {
        let info = self.0.open_info(id).await?;
        self.0.journal.post(id, Note::Cancel.message()).await?;
        Ok(info)
    }

    /// Stops taking work, lets attempts that run come to their end, and gives up the runs; they go on when they are
    /// resumed.
    pub async fn shut_down(&self) {
        self.0.stop.send_replace(true);
        let handles: Vec<Handle> = lock(&self.0.live).values().cloned().collect();
        for mut handle in handles {
            // The sender is gone where the run is.
            let _ = handle.end.wait_for(|end| !matches!(end, End::Open)).await;
        }
    }
}

fn over(info: RunInfo) -> Result<Accepted, EngineError> {
    let outcome = info.outcome.as_deref().map(serde_json::from_slice);
    match outcome {
        Some(Ok(outcome)) => Ok(Accepted::Over(Box::new(info), outcome)),
        Some(Err(error)) => Err(EngineError::Unreadable { run: info.id, reason: error.to_string() }),
        None => Err(EngineError::Unreadable { run: info.id, reason: "it has no outcome".to_owned() }),
    }
}

/// An id for a run whose workflow gives it none.
fn unique(workflow: &str) -> String {
    let nanos =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mixed = u64::try_from(nanos & u128::from(u64::MAX)).unwrap_or_default()
        ^ (u64::from(std::process::id()) << 44);
    format!("{workflow}-{mixed:016x}")
}

/// What became of a run to begin.
enum Begun {
    New(Run),
    Known(Box<RunInfo>),
}

impl Shared {
    /// What a plan needs, looked up once.
    fn load(&self, plan: Arc<Plan>) -> Result<Arc<Loaded>, EngineError> {
        if let Some(known) = lock(&self.loaded).get(plan.hash()) {
            return Ok(Arc::clone(known));
        }
        let Options { environment, egress, .. } = &self.options;
        let hash = plan.hash().to_owned();
        let loaded = Arc::new(Loaded::new(plan, environment, egress, &self.executors)?);
        lock(&self.loaded).insert(hash, Arc::clone(&loaded));
        Ok(loaded)
    }

    async fn info(&self, id: &str) -> Result<RunInfo, EngineError> {
        self.journal.info(id).await?.ok_or_else(|| EngineError::UnknownRun(id.to_owned()))
    }

    async fn open_info(&self, id: &str) -> Result<RunInfo, EngineError> {
        let info = self.info(id).await?;
        if info.status.is_closed() { Err(EngineError::Closed(id.to_owned())) } else { Ok(info) }
    }

    async fn loaded_of(&self, id: &str) -> Result<(Arc<Loaded>, Header), EngineError> {
        let recovered = self.journal.load(id, false).await?;
        self.read(id, &recovered)
    }

    fn read(
        &self,
        id: &str,
        recovered: &super::journal::Recovered,
    ) -> Result<(Arc<Loaded>, Header), EngineError> {
        let unreadable = |reason: String| EngineError::Unreadable { run: id.to_owned(), reason };
        let header: Header =
            serde_json::from_slice(&recovered.header).map_err(|error| unreadable(error.to_string()))?;
        if !header.is_known() {
            return Err(unreadable(format!("it was started by citadel {}, which is newer", header.engine)));
        }
        let known = lock(&self.loaded).get(&recovered.info.plan_hash).cloned();
        if let Some(loaded) = known {
            return Ok((loaded, header));
        }
        let plan = Plan::from_json(&recovered.plan).map_err(|error| unreadable(error.to_string()))?;
        Ok((self.load(Arc::new(plan))?, header))
    }

    /// Makes a run durable with its first event, and drives it.
    async fn begin(
        self: &Arc<Self>,
        id: &str,
        loaded: &Arc<Loaded>,
        workflow: WorkflowId,
        start: Start,
        parent: Option<String>,
    ) -> Result<Begun, EngineError> {
        if self.is_stopping() {
            return Err(EngineError::ShuttingDown);
        }
        let mut machine = Machine::new(Arc::clone(&loaded.wired), workflow);
        if lock(&self.observer).is_some() {
            machine = machine.observed();
        }
        let (mail, mails) = mpsc::unbounded_channel();
        let mut live = Live::new(id.to_owned(), 0, machine, Arc::clone(loaded), Arc::clone(self), mails);
        let now = clock::now();
        let records = live.first(Event::Started(Box::new(start)));
        let header = serde_json::to_vec(&Header::new(workflow)).expect("keys are texts");
        let plan = loaded.wired.plan();
        let run = NewRun {
            id: id.to_owned(),
            workflow: loaded.wired.workflow(workflow).name.clone(),
            plan_hash: plan.hash().to_owned(),
            plan: plan.to_json(),
            header,
            parent,
            started_at: now.0,
            records,
        };
        match self.journal.create(run).await? {
            Created::Exists(info) => Ok(Begun::Known(Box::new(info))),
            Created::New(epoch) => {
                live.epoch = epoch;
                Ok(Begun::New(self.drive(live, mail)))
            }
        }
    }

    /// Claims a run, plays what is recorded of it, and drives it on.
    async fn take_up(self: &Arc<Self>, id: &str, take_over: bool) -> Result<Run, EngineError> {
        let epoch = self.journal.claim(id, take_over).await.map_err(|error| match error {
            JournalError::Owned { run, owner } => EngineError::Owned { run, owner },
            JournalError::UnknownRun(run) => EngineError::UnknownRun(run),
            other => EngineError::Journal(other),
        })?;
        match self.replayed(id, epoch).await {
            Ok((live, mail)) => Ok(self.drive(live, mail)),
            Err(error) => {
                self.park(id, epoch, &error).await?;
                Err(error)
            }
        }
    }

    /// Leaves a run that can't be driven here for another program, or another environment, to drive.
    async fn park(&self, id: &str, epoch: u64, error: &EngineError) -> Result<(), EngineError> {
        if matches!(error, EngineError::Unreadable { .. }) {
            let change = super::journal::RunChange { status: Some(Status::Parked), ..Default::default() };
            self.journal.append(id, epoch, Vec::new(), change).await?;
        }
        Ok(self.journal.release(id, epoch).await?)
    }

    async fn replayed(
        self: &Arc<Self>,
        id: &str,
        epoch: u64,
    ) -> Result<(Live, mpsc::UnboundedSender<Mail>), EngineError> {
        let recovered = self.journal.load(id, false).await?;
        let (loaded, header) = self.read(id, &recovered)?;
        let is_observed = lock(&self.observer).is_some();
        let replayed = recovery::replay(id, &loaded.wired, header.workflow, &recovered)?;
        let (mail, mails) = mpsc::unbounded_channel();
        let machine = if is_observed { replayed.machine.observed() } else { replayed.machine };
        let mut live = Live::new(id.to_owned(), epoch, machine, loaded, Arc::clone(self), mails);
        live.outstanding = replayed.outstanding;
        live.written = replayed.written;
        live.recommand();
        Ok((live, mail))
    }

    /// Lets a run go on its own.
    fn drive(self: &Arc<Self>, live: Live, mail: mpsc::UnboundedSender<Mail>) -> Run {
        let (end, ends) = watch::channel(End::Open);
        let (id, epoch) = (live.id.clone(), live.epoch);
        let run = Run { id: id.clone(), end: ends.clone() };
        lock(&self.live).insert(id.clone(), Handle { mail, end: ends });
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            let driven = tokio::spawn(live.drive()).await;
            let reached = shared.left(&id, epoch, driven).await;
            lock(&shared.live).remove(&id);
            end.send_replace(reached);
        });
        run
    }

    /// What became of a run that was driven. One whose machine panicked is left alone, and the others go on.
    async fn left(
        &self,
        id: &str,
        epoch: u64,
        driven: Result<Result<Drive, EngineError>, tokio::task::JoinError>,
    ) -> End {
        let reason = match driven {
            Ok(Ok(Drive::Closed(outcome))) => return End::Closed(Arc::new(outcome)),
            Ok(Ok(Drive::Interrupted)) => "it was interrupted".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(panic) => {
                let reason = format!("this is a mistake of citadel itself: {panic}");
                let error = EngineError::Unreadable { run: id.to_owned(), reason: reason.clone() };
                // The journal may be what failed; the run is open either way.
                let _ = self.park(id, epoch, &error).await;
                return End::Left(reason.into());
            }
        };
        // Whoever claims it next sees that this process has left it.
        let _ = self.journal.release(id, epoch).await;
        End::Left(reason.into())
    }

    /// A run that this process drives.
    fn attach(&self, id: &str) -> Option<Run> {
        let handle = lock(&self.live).get(id)?.clone();
        Some(Run { id: id.to_owned(), end: handle.end })
    }

    /// Tells a run something, if this process drives it.
    pub(super) fn tell(&self, id: &str, event: Event) {
        if let Some(handle) = lock(&self.live).get(id) {
            // A run that has just ended hears nothing more.
            let _ = handle.mail.send(Mail { event, consumes: None });
        }
    }

    /// Starts a child, or finds the one that was started before.
    pub(super) async fn start_child(
        self: &Arc<Self>,
        parent: &str,
        loaded: &Arc<Loaded>,
        settings: BTreeMap<EcoString, Value>,
        child: &ChildStart,
    ) -> Result<Run, EngineError> {
        let mut start =
            Start { run: EcoString::new(), input: child.input.clone(), settings, scheduled_at: None };
        let named = identify(&loaded.wired, child.workflow, &start)
            .map_err(|failure| EngineError::InvalidInput(failure.message.to_string()))?;
        let id = named.map_or_else(|| key::of_child(parent, &child.path, child.round), String::from);
        start.run = id.as_str().into();
        let owner = (!child.detached).then(|| parent.to_owned());
        let begun = Box::pin(self.begin(&id, loaded, child.workflow, start, owner.clone())).await?;
        let info = match begun {
            Begun::New(run) => return Ok(run),
            Begun::Known(info) => info,
        };
        if info.parent != owner {
            return Err(EngineError::Duplicate(id));
        }
        if let Ok(Accepted::Over(_, outcome)) = over(*info) {
            let (_, end) = watch::channel(End::Closed(Arc::new(outcome)));
            return Ok(Run { id, end });
        }
        match self.attach(&id) {
            Some(run) => Ok(run),
            None => Box::pin(self.take_up(&id, true)).await,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until the engine stops.
    pub(super) async fn stopping(&self) {
        let mut stop = self.stop.subscribe();
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn observe(&self, run: &str, at: Moment, notice: &Notice) {
        if let Some(observer) = lock(&self.observer).as_ref() {
            observer.notice(run, at, notice);
        }
    }

    pub(super) fn attempted(&self, run: &str, path: &str, attempt: u32, failure: &Failure, next: Moment) {
        if let Some(observer) = lock(&self.observer).as_ref() {
            observer.attempted(run, path, attempt, failure, next);
        }
    }
}

/// Hands messages from other processes to the runs of this one.
async fn read_inbox(shared: std::sync::Weak<Shared>) {
    const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
    let mut handed: std::collections::BTreeSet<i64> = std::collections::BTreeSet::new();
    loop {
        tokio::time::sleep(PAUSE).await;
        let Some(shared) = shared.upgrade() else { return };
        // A journal that can't be read now is asked again.
        let Ok(messages) = shared.journal.inbox().await else { continue };
        handed.retain(|id| messages.iter().any(|(_, known, _)| known == id));
        for (run, id, message) in messages {
            let Some(handle) = lock(&shared.live).get(&run).cloned() else { continue };
            if let (Some(note), true) = (Note::read(&message), handed.insert(id)) {
                // A run that has just ended leaves its messages unread.
                let _ = handle.mail.send(Mail { event: note.event(), consumes: Some(id) });
            }
        }
    }
}

impl Note {
    fn message(&self) -> Message {
        Message { payload: serde_json::to_vec(self).expect("keys are texts") }
    }

    fn read(message: &Message) -> Option<Self> {
        serde_json::from_slice(&message.payload).ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // What is behind these is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
