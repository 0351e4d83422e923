use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::EngineError;
use super::inbox::read_inbox;
use super::journal::{Access, Journal, RunInfo};
use super::message::Note;
use super::shared::{Begun, End, Handle, Shared, lock, over};
use crate::driver::gates::Gates;
use crate::driver::{Environment, Observer, key};
use crate::engine::machine::{APPROVE, Machine, Outcome, Question, Signal, Start, identify};
use crate::nodes::{Egress, Executors};
use crate::plan::{OnDuplicate, Plan, WorkflowId};
use crate::value::EcoString;

/// How many runs are claimed at once, so that they share their commits.
const CLAIMS_AT_ONCE: usize = 512;

/// What an engine is opened with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the journal.
    pub journal: PathBuf,
    /// What runs take from their environment.
    pub environment: Environment,
    /// Which addresses nodes may reach.
    pub egress: Egress,
    /// The circuit breakers and limits of the process.
    pub gates: Gates,
}

/// Runs plans in this process and keeps what happens in a journal: what was accepted is finished, by this process or
/// by a later one. A clone is the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

/// A run that this process drives. A clone is the same run.
#[derive(Clone)]
pub struct Run {
    /// Its id.
    pub id: String,
    pub(super) end: watch::Receiver<End>,
}

impl Run {
    /// How the run ends; none where this process stops driving it before.
    pub async fn outcome(mut self) -> Option<Outcome> {
        let end = self.end.wait_for(|end| !matches!(end, End::Open { .. })).await.ok()?;
        match &*end {
            End::Closed(outcome) => Some(outcome.as_ref().clone()),
            End::Open { .. } | End::Left(_) => None,
        }
    }

    /// Why this process no longer drives the run, where it is so.
    #[must_use]
    pub fn left(&self) -> Option<String> {
        match &*self.end.borrow() {
            End::Left(reason) => Some(reason.to_string()),
            End::Open { .. } | End::Closed(_) => None,
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
            observers: Mutex::default(),
            stop,
        }));
        tokio::spawn(read_inbox(Arc::downgrade(&engine.0)));
        Ok(engine)
    }

    /// Lets somebody watch the runs that this engine drives from now on.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        let mut observers = lock(&self.0.observers);
        *observers = observers.and(observer);
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
        self.start_traced(plan, input, id, None).await
    }

    /// The same, under the `traceparent` (W3C Trace Context) of what starts it.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_traced(
        &self,
        plan: Arc<Plan>,
        input: Json,
        id: Option<String>,
        trace: Option<String>,
    ) -> Result<Accepted, EngineError> {
        let loaded = self.0.load(plan)?;
        let settings = self.0.options.environment.settings(&loaded.wired)?;
        let workflow = loaded.wired.workflow(WorkflowId(0));
        check_input(loaded.wired.plan(), &input)?;
        let start = Start { run: EcoString::new(), input, settings, scheduled_at: None };
        let id = match id {
            Some(id) => id,
            None => identify(&loaded.wired, WorkflowId(0), &start)
                .map_err(|failure| EngineError::InvalidInput(failure.message.to_string()))?
                .map_or_else(|| key::unique(&workflow.name), String::from),
        };
        let start = Start { run: id.as_str().into(), ..start };
        match self.0.begin(&id, &loaded, WorkflowId(0), start, None, trace).await? {
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
        self.0.take_up_or_over(id, take_over).await
    }

    /// Drives on all open runs that no process drives. Gives those that can't be, with the reason.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn resume_all(&self) -> Result<(Vec<Run>, Vec<(String, EngineError)>), EngineError> {
        let open = self.0.journal.open_runs().await?.into_iter().rev();
        let orphans = open.filter(|info| info.owner.is_none() && self.0.attach(&info.id).is_none());
        let (mut runs, mut left) = (Vec::new(), Vec::new());
        let mut claims = JoinSet::new();
        for info in orphans {
            let shared = Arc::clone(&self.0);
            claims.spawn(async move { (shared.take_up(&info.id, false).await, info.id) });
            if claims.len() >= CLAIMS_AT_ONCE {
                sort(claims.join_next().await, &mut runs, &mut left);
            }
        }
        while !claims.is_empty() {
            sort(claims.join_next().await, &mut runs, &mut left);
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
        // Whether an answer counts depends on where the run stands; a signal may come at any time.
        let machine = if signal.name.starts_with(APPROVE) {
            self.0.played(id).await?
        } else {
            let (wired, header) = self.0.wired_of(id).await?;
            Machine::new(wired, header.workflow)
        };
        machine.check_signal(&signal).map_err(EngineError::InvalidSignal)?;
        self.0.journal.post(id, Note::Signal(signal).message()).await?;
        Ok(info)
    }

    /// The questions of a run's approvals that are open, by the paths of their nodes.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn questions(&self, id: &str) -> Result<BTreeMap<EcoString, Question>, EngineError> {
        self.0.open_info(id).await?;
        Ok(self.0.played(id).await?.questions())
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

    /// Waits until a run only waits for a time or a signal.
    pub async fn idle(&self, id: &str) {
        let end = lock(&self.0.live).get(id).map(|handle| handle.end.clone());
        if let Some(mut end) = end
            && end.wait_for(|end| matches!(end, End::Open { is_idle: true })).await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }

    /// Stops taking work, lets attempts that run come to their end, and gives up the runs; they go on when they are
    /// resumed.
    pub async fn shut_down(&self) {
        self.0.stop.send_replace(true);
        let handles: Vec<Handle> = lock(&self.0.live).values().cloned().collect();
        for mut handle in handles {
            // The sender is gone where the run is.
            let _ = handle.end.wait_for(|end| !matches!(end, End::Open { .. })).await;
        }
    }
}

/// What became of a claim, and the run's id.
type Claimed = (Result<Run, EngineError>, String);

/// Puts a run that was claimed with the others, or with those that can't be.
fn sort(
    claimed: Option<Result<Claimed, JoinError>>,
    runs: &mut Vec<Run>,
    left: &mut Vec<(String, EngineError)>,
) {
    match claimed {
        Some(Ok((Ok(run), _))) => runs.push(run),
        Some(Ok((Err(error), id))) => left.push((id, error)),
        Some(Err(_)) | None => {}
    }
}

/// Whether an input fits the first workflow of a plan.
///
/// # Errors
/// All mismatches at once, with their paths.
pub fn check_input(plan: &Plan, input: &Json) -> Result<(), EngineError> {
    let Some(workflow) = plan.program().workflows.first() else { return Ok(()) };
    crate::engine::machine::check_input(workflow, input)
        .map_err(|failure| EngineError::InvalidInput(failure.message.into()))
}
