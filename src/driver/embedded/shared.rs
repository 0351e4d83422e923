use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use super::engine::{Accepted, Options, Run};
use super::journal::{Created, Journal, JournalError, NewRun, Recovered, RunChange, RunInfo};
use super::live::{Drive, Live, Mail};
use super::loaded::Loaded;
use super::recovery::{self, Header, Replayed};
use super::{EngineError, clock};
use crate::driver::{Lineage, Observers, key};
use crate::engine::machine::{ChildStart, Event, Machine, Outcome, Start, Status, Wired};
use crate::nodes::{Executors, catch_panics, crash};
use crate::plan::{Plan, WorkflowId};
use crate::value::{EcoString, Value};

/// What the runs of an engine share.
pub(super) struct Shared {
    pub(super) journal: Journal,
    pub(super) executors: Arc<Executors>,
    pub(super) options: Options,
    pub(super) loaded: Mutex<BTreeMap<String, Arc<Loaded>>>,
    pub(super) live: Mutex<BTreeMap<String, Handle>>,
    pub(super) observers: Mutex<Observers>,
    pub(super) stop: watch::Sender<bool>,
}

/// A run that this process drives, as others see it.
#[derive(Clone)]
pub(super) struct Handle {
    pub(super) mail: mpsc::UnboundedSender<Box<Mail>>,
    pub(super) end: watch::Receiver<End>,
}

/// What a run that this process drives has come to.
#[derive(Clone, Debug)]
pub(super) enum End {
    Open {
        /// Whether it only waits for a time or a signal.
        is_idle: bool,
    },
    Closed(Arc<Outcome>),
    /// Given up by this process: interrupted, taken over, or unreadable.
    Left(Arc<str>),
}

pub(super) fn over(info: RunInfo) -> Result<Accepted, EngineError> {
    let outcome = info.outcome.as_deref().map(serde_json::from_slice);
    match outcome {
        Some(Ok(outcome)) => Ok(Accepted::Over(Box::new(info), outcome)),
        Some(Err(error)) => Err(EngineError::Unreadable { run: info.id, reason: error.to_string() }),
        None => Err(EngineError::Unreadable { run: info.id, reason: "it has no outcome".to_owned() }),
    }
}

/// What became of a run to begin.
pub(super) enum Begun {
    New(Run),
    Known(Box<RunInfo>),
}

impl Shared {
    /// What a plan needs, looked up once.
    pub(super) fn load(&self, plan: Arc<Plan>) -> Result<Arc<Loaded>, EngineError> {
        if let Some(known) = lock(&self.loaded).get(plan.hash()) {
            return Ok(Arc::clone(known));
        }
        let Options { environment, egress, .. } = &self.options;
        let hash = plan.hash().to_owned();
        let loaded = Arc::new(Loaded::new(plan, environment, egress, &self.executors)?);
        lock(&self.loaded).insert(hash, Arc::clone(&loaded));
        Ok(loaded)
    }

    pub(super) async fn info(&self, id: &str) -> Result<RunInfo, EngineError> {
        self.journal.info(id).await?.ok_or_else(|| EngineError::UnknownRun(id.to_owned()))
    }

    pub(super) async fn open_info(&self, id: &str) -> Result<RunInfo, EngineError> {
        let info = self.info(id).await?;
        if info.status.is_closed() { Err(EngineError::Closed(id.to_owned())) } else { Ok(info) }
    }

    /// A run's plan, wired. Who only looks, or leaves a message, needs no secret of it.
    pub(super) async fn wired_of(&self, id: &str) -> Result<(Arc<Wired>, Header), EngineError> {
        self.wired(id, &self.journal.load(id, false).await?)
    }

    fn wired(&self, id: &str, recovered: &Recovered) -> Result<(Arc<Wired>, Header), EngineError> {
        let header = header(id, recovered)?;
        let known = lock(&self.loaded).get(&recovered.info.plan_hash).map(|loaded| Arc::clone(&loaded.wired));
        match known {
            Some(wired) => Ok((wired, header)),
            None => Ok((Arc::new(Wired::new(plan(id, recovered)?)), header)),
        }
    }

    pub(super) fn read(&self, id: &str, recovered: &Recovered) -> Result<(Arc<Loaded>, Header), EngineError> {
        let header = header(id, recovered)?;
        let known = lock(&self.loaded).get(&recovered.info.plan_hash).cloned();
        match known {
            Some(loaded) => Ok((loaded, header)),
            None => Ok((self.load(plan(id, recovered)?)?, header)),
        }
    }

    /// Makes a run durable with its first event, and drives it.
    pub(super) async fn begin(
        self: &Arc<Self>,
        id: &str,
        loaded: &Arc<Loaded>,
        workflow: WorkflowId,
        start: Start,
        parent: Option<String>,
        trace: Option<String>,
    ) -> Result<Begun, EngineError> {
        if self.is_stopping() {
            return Err(EngineError::ShuttingDown);
        }
        let mut machine = Machine::new(Arc::clone(&loaded.wired), workflow);
        let observers = lock(&self.observers).clone();
        if !observers.is_empty() {
            machine = machine.observed();
        }
        let mut live = Live::new(id.to_owned(), 0, machine, Arc::clone(loaded), Arc::clone(self));
        (live.observers, live.trace) = (observers, trace.clone());
        let now = clock::now();
        let records = live.first(Event::Started(Box::new(start)));
        let header = serde_json::to_vec(&Header::new(workflow, trace)).expect("keys are texts");
        let plan = loaded.wired.plan();
        let run = NewRun {
            id: id.to_owned(),
            workflow: loaded.wired.workflow(workflow).name.clone(),
            plan_hash: plan.hash().to_owned(),
            plan: Arc::clone(&loaded.document),
            header,
            parent,
            started_at: now.0,
            records,
        };
        crash::point("before_create");
        let created = self.journal.create(run).await?;
        crash::point("after_create");
        match created {
            Created::Exists(info) => Ok(Begun::Known(info)),
            Created::New(epoch) => {
                live.epoch = epoch;
                live.accepted();
                Ok(Begun::New(self.drive(live)))
            }
        }
    }

    /// The same, of a run that may have ended in this moment.
    pub(super) async fn take_up_or_over(
        self: &Arc<Self>,
        id: &str,
        take_over: bool,
    ) -> Result<Accepted, EngineError> {
        match self.take_up(id, take_over).await {
            Err(EngineError::Journal(JournalError::Ended { .. })) => over(self.info(id).await?),
            taken => Ok(Accepted::Driven(taken?)),
        }
    }

    /// Claims a run, plays what is recorded of it, and drives it on.
    pub(super) async fn take_up(self: &Arc<Self>, id: &str, take_over: bool) -> Result<Run, EngineError> {
        let epoch = self.journal.claim(id, take_over).await.map_err(|error| match error {
            JournalError::Owned { run, owner } => EngineError::Owned { run, owner },
            JournalError::UnknownRun(run) => EngineError::UnknownRun(run),
            other => EngineError::Journal(other),
        })?;
        match self.replayed(id, epoch).await {
            Ok(live) => Ok(self.drive(live)),
            Err(error) => {
                self.park(id, epoch, &error).await?;
                Err(error)
            }
        }
    }

    /// Leaves a run that can't be driven here for another program, or another environment, to drive.
    pub(super) async fn park(&self, id: &str, epoch: u64, error: &EngineError) -> Result<(), EngineError> {
        if matches!(error, EngineError::Unreadable { .. }) {
            let change = RunChange { status: Some(Status::Parked), ..Default::default() };
            self.journal.append(id, epoch, Vec::new(), change).await?;
        }
        Ok(self.journal.release(id, epoch).await?)
    }

    /// What the records of a run come to.
    /// A run's machine as its records leave it.
    pub(super) async fn played(&self, id: &str) -> Result<Machine, EngineError> {
        let recovered = self.journal.load(id, false).await?;
        let (wired, header) = self.wired(id, &recovered)?;
        Ok(self.replay(id, &wired, &header, &recovered).await?.machine)
    }

    async fn replay(
        &self,
        id: &str,
        wired: &Arc<Wired>,
        header: &Header,
        recovered: &Recovered,
    ) -> Result<Replayed, EngineError> {
        if let Some(replayed) = recovery::replay(id, wired, header.workflow, recovered)? {
            return Ok(replayed);
        }
        let whole = self.journal.load(id, true).await?;
        let replayed = recovery::replay(id, wired, header.workflow, &whole)?;
        replayed.ok_or_else(|| unreadable(id, "its records can't be played".to_owned()))
    }

    pub(super) async fn replayed(self: &Arc<Self>, id: &str, epoch: u64) -> Result<Live, EngineError> {
        let recovered = self.journal.load(id, false).await?;
        let (loaded, header) = self.read(id, &recovered)?;
        let replayed = self.replay(id, &loaded.wired, &header, &recovered).await?;
        let observers = lock(&self.observers).clone();
        let machine = if observers.is_empty() { replayed.machine } else { replayed.machine.observed() };
        let mut live = Live::new(id.to_owned(), epoch, machine, loaded, Arc::clone(self));
        live.outstanding = replayed.outstanding;
        live.written = replayed.written;
        (live.observers, live.trace) = (observers, header.trace);
        live.taken_up();
        live.recommand();
        Ok(live)
    }

    /// Lets a run go on its own.
    pub(super) fn drive(self: &Arc<Self>, live: Live) -> Run {
        let ends = live.end.subscribe();
        let end = live.end.clone();
        let (id, epoch) = (live.id.clone(), live.epoch);
        let run = Run { id: id.clone(), end: ends.clone() };
        lock(&self.live).insert(id.clone(), Handle { mail: live.post(), end: ends });
        let shared = Arc::clone(self);
        // In boxes of their own, so that nothing stands for a run twice: idle runs are many, and most are never left.
        let driving = Box::pin(live.drive());
        tokio::spawn(async move {
            let driven = catch_panics(driving).await;
            let reached = Box::pin(shared.left(&id, epoch, driven)).await;
            lock(&shared.live).remove(&id);
            end.send_replace(reached);
        });
        run
    }

    /// What became of a run that was driven. One whose machine panicked is left alone, and the others go on.
    pub(super) async fn left(&self, id: &str, epoch: u64, driven: Option<Result<Drive, EngineError>>) -> End {
        let reason = match driven {
            Some(Ok(Drive::Closed(outcome))) => return End::Closed(Arc::new(outcome)),
            Some(Ok(Drive::Interrupted)) => "it was interrupted".to_owned(),
            Some(Err(error)) => error.to_string(),
            None => {
                let reason = "it panicked, which is a mistake of citadel itself".to_owned();
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
    pub(super) fn attach(&self, id: &str) -> Option<Run> {
        let handle = lock(&self.live).get(id)?.clone();
        Some(Run { id: id.to_owned(), end: handle.end })
    }

    /// Tells a run something, if this process drives it.
    pub(super) fn tell(&self, id: &str, event: Event) {
        if let Some(handle) = lock(&self.live).get(id) {
            // A run that has just ended hears nothing more.
            let _ = handle.mail.send(Box::new(Mail::Told { event, consumes: None }));
        }
    }

    /// Starts a child, or finds the one that was started before.
    pub(super) async fn start_child(
        self: &Arc<Self>,
        parent: &str,
        loaded: &Arc<Loaded>,
        settings: BTreeMap<EcoString, Value>,
        trace: Option<&str>,
        child: &ChildStart,
    ) -> Result<Run, EngineError> {
        let id = key::of_started_child(parent, &loaded.wired, child, settings.clone())
            .map_err(EngineError::of_child)?;
        let input = child.input.clone();
        let start = Start { run: id.as_str().into(), input, settings, scheduled_at: None };
        let owner = (!child.detached).then(|| parent.to_owned());
        let trace = trace.map(|trace| Lineage::of(trace).below(parent, &child.path));
        let begun = Box::pin(self.begin(&id, loaded, child.workflow, start, owner.clone(), trace)).await?;
        let info = match begun {
            Begun::New(run) => return Ok(run),
            Begun::Known(info) => info,
        };
        if info.parent != owner {
            return Err(EngineError::Duplicate(id));
        }
        if let Some(run) = self.attach(&id) {
            return Ok(run);
        }
        let known = if info.status.is_closed() {
            over(*info)
        } else {
            Box::pin(self.take_up_or_over(&id, true)).await
        };
        match known? {
            Accepted::Driven(run) => Ok(run),
            Accepted::Over(_, outcome) => {
                let (_, end) = watch::channel(End::Closed(Arc::new(outcome)));
                Ok(Run { id, end })
            }
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
}

/// What is behind a lock of the engine.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a run began with.
fn header(id: &str, recovered: &Recovered) -> Result<Header, EngineError> {
    let header: Header =
        serde_json::from_slice(&recovered.header).map_err(|error| unreadable(id, error.to_string()))?;
    match header.is_known() {
        true => Ok(header),
        false => Err(unreadable(id, format!("it was started by citadel {}, which is newer", header.engine))),
    }
}

fn plan(id: &str, recovered: &Recovered) -> Result<Arc<Plan>, EngineError> {
    let plan = Plan::from_json(&recovered.plan).map_err(|error| unreadable(id, error.to_string()))?;
    Ok(Arc::new(plan))
}

fn unreadable(id: &str, reason: String) -> EngineError {
    EngineError::Unreadable { run: id.to_owned(), reason }
}
