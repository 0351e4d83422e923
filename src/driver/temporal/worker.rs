use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use temporalio_common::worker::WorkerTaskTypes;
use temporalio_protos::coresdk::activity_task::{
    ActivityCancelReason, ActivityTask, Start, activity_task::Variant,
};
use temporalio_protos::coresdk::workflow_activation::WorkflowActivation;
use temporalio_protos::coresdk::workflow_activation::workflow_activation_job::Variant as Job;
use temporalio_protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant as CommandVariant;
use temporalio_protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_protos::coresdk::workflow_completion::{
    Failure as TaskFailure, Success, WorkflowActivationCompletion,
};
use temporalio_protos::coresdk::{ActivityHeartbeat, ActivityTaskCompletion};
use temporalio_protos::temporal::api::enums::v1::WorkflowTaskFailedCause;
use temporalio_sdk_core::{
    CoreRuntime, PollError, PollerBehavior, RuntimeOptions, WorkerConfig, WorkerVersioningStrategy,
};
use tokio::sync::watch;

use super::activity::Crew;
use super::run::{Parked, Run};
use super::{Connection, Plans, TemporalError, fault, watching};
use crate::driver::gates::Gates;
use crate::driver::secret::Supplies;
use crate::driver::{Environment, Observers};
use crate::nodes::{Egress, Executors, crash};

/// How a worker works.
#[derive(Clone, Debug)]
pub struct Options {
    /// The task queue that it serves.
    pub task_queue: String,
    /// Where settings and secrets come from.
    pub environment: Environment,
    /// What its nodes may reach.
    pub egress: Egress,
    /// The circuit breakers and limits of the process.
    pub gates: Gates,
    /// How many activities it makes at once.
    pub max_activities: usize,
    /// How many runs it keeps in memory between their workflow tasks; 0 for none.
    pub max_cached_runs: usize,
    /// How long running attempts may go on after it was told to stop.
    pub grace: Duration,
    /// Who watches its runs.
    pub observers: Observers,
}

impl Options {
    /// The usual ones of a worker of a task queue.
    #[must_use]
    pub fn of(task_queue: impl Into<String>) -> Self {
        Self {
            task_queue: task_queue.into(),
            environment: Environment::of_process(),
            egress: Egress::deny_private(),
            gates: Gates::default(),
            max_activities: 200,
            max_cached_runs: 1_000,
            grace: Duration::from_secs(10),
            observers: Observers::default(),
        }
    }
}

/// Serves workflows and makes activities.
pub struct Worker {
    core: temporalio_sdk_core::Worker,
    crew: Crew,
    queue: Arc<str>,
    observers: Observers,
    runs: Mutex<BTreeMap<String, Arc<Mutex<Run>>>>,
    attempts: Mutex<BTreeMap<Vec<u8>, watch::Sender<Option<ActivityCancelReason>>>>,
    /// The core's own threads live as long as this.
    _runtime: CoreRuntime,
}

/// How many polls of a queue are open at once.
const POLLERS: usize = 5;
/// How many activities go to the worker itself with the answer to a workflow task.
const EAGER: usize = 100;

impl Worker {
    /// A worker that is ready to [`run`](Self::run).
    ///
    /// # Errors
    /// When the server doesn't take it.
    pub fn new(
        connection: &Connection,
        plans: Arc<Plans>,
        executors: Executors,
        options: Options,
    ) -> Result<Self, TemporalError> {
        let refused = |reason: String| TemporalError::Server(reason);
        let runtime = CoreRuntime::new_assume_tokio(RuntimeOptions::default())
            .map_err(|error| refused(error.to_string()))?;
        let config = config(&connection.endpoint.namespace, &options).map_err(refused)?;
        let core = temporalio_sdk_core::init_worker(&runtime, config, connection.inner.clone())
            .map_err(|error| refused(error.to_string()))?;
        let Options { environment, egress, task_queue, observers, gates, max_activities, .. } = options;
        let (supplies, most_waiting) = (Supplies::new(environment, egress), max_activities / 2);
        let crew = Crew { plans, executors, supplies, gates, most_waiting };
        let (runs, attempts) = (Mutex::default(), Mutex::default());
        Ok(Self { core, crew, queue: task_queue.into(), observers, runs, attempts, _runtime: runtime })
    }

    /// Works until `stop`: then takes nothing new, and lets attempts that run come to their end.
    ///
    /// # Errors
    /// When the server refuses the worker for good.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), TemporalError> {
        let worker = Arc::new(self);
        let workflows = tokio::spawn(Arc::clone(&worker).serve_workflows());
        let activities = tokio::spawn(Arc::clone(&worker).serve_activities());
        let both = async { (workflows.await, activities.await) };
        tokio::pin!(both);
        let ended = tokio::select! {
            ended = &mut both => ended,
            () = stop => {
                worker.core.initiate_shutdown();
                both.await
            }
        };
        worker.core.shutdown().await;
        let (Ok(workflows), Ok(activities)) = ended else {
            return Err(TemporalError::Server("the worker has ended".to_owned()));
        };
        workflows.and(activities)
    }

    async fn serve_workflows(self: Arc<Self>) -> Result<(), TemporalError> {
        loop {
            match self.core.poll_workflow_activation().await {
                Ok(activation) => drop(tokio::spawn(Arc::clone(&self).activate(activation))),
                Err(PollError::ShutDown) => return Ok(()),
                Err(PollError::TonicError(status)) => {
                    return Err(TemporalError::Server(status.message().to_owned()));
                }
            }
        }
    }

    async fn serve_activities(self: Arc<Self>) -> Result<(), TemporalError> {
        loop {
            match self.core.poll_activity_task().await {
                Ok(task) => self.take(task),
                Err(PollError::ShutDown) => return Ok(()),
                Err(PollError::TonicError(status)) => {
                    return Err(TemporalError::Server(status.message().to_owned()));
                }
            }
        }
    }

    async fn activate(self: Arc<Self>, activation: WorkflowActivation) {
        let run_id = activation.run_id.clone();
        let status = self.status(activation);
        if begins_activities(&status) {
            crash::point("before_intent");
        }
        let completion = WorkflowActivationCompletion { run_id, status: Some(status), ..Default::default() };
        // What is malformed was refused before; all else the core reports to the server, or has evicted meanwhile.
        let _ = self.core.complete_workflow_activation(completion).await;
    }

    /// What a run does about what happened to it.
    fn status(&self, activation: WorkflowActivation) -> Status {
        let run_id = activation.run_id.clone();
        let is = |wanted: fn(&Job) -> bool| {
            activation.jobs.iter().any(|job| job.variant.as_ref().is_some_and(wanted))
        };
        if is(|job| matches!(job, Job::RemoveFromCache(_))) {
            lock(&self.runs).remove(&run_id);
            return succeeded(Vec::new());
        }
        if is(|job| matches!(job, Job::InitializeWorkflow(_))) {
            let watcher = watching::watcher(&self.observers);
            let run = Run::new(Arc::clone(&self.crew.plans), Arc::clone(&self.queue), watcher);
            lock(&self.runs).insert(run_id.clone(), Arc::new(Mutex::new(run)));
        }
        let run = lock(&self.runs).get(&run_id).cloned();
        let Some(run) = run else { return parked("the worker doesn't know the run") };
        let activated = std::panic::catch_unwind(AssertUnwindSafe(|| lock(&run).activate(activation)));
        match activated {
            Ok(Ok(commands)) => succeeded(commands),
            Ok(Err(Parked(reason))) => parked(&reason),
            Err(_) => parked("this is a mistake of citadel itself"),
        }
    }

    fn take(self: &Arc<Self>, task: ActivityTask) {
        match task.variant {
            Some(Variant::Start(start)) => {
                drop(tokio::spawn(Arc::clone(self).attempt(task.task_token, start)));
            }
            Some(Variant::Cancel(cancel)) => {
                if let Some(attempt) = lock(&self.attempts).get(&task.task_token) {
                    attempt.send_replace(Some(cancel.reason()));
                }
            }
            None => {}
        }
    }

    async fn attempt(self: Arc<Self>, task_token: Vec<u8>, start: Start) {
        let (stop, stopped) = watch::channel(None);
        lock(&self.attempts).insert(task_token.clone(), stop);
        let beat = || {
            let details = Vec::new();
            self.core
                .record_activity_heartbeat(ActivityHeartbeat { task_token: task_token.clone(), details });
        };
        let is_node = start.activity_type != super::prologue::ACTIVITY;
        let point = |name| {
            if is_node {
                crash::point(name);
            }
        };
        point("after_intent");
        let result = self.crew.attempt(start, beat, stopped).await;
        point("after_effect");
        lock(&self.attempts).remove(&task_token);
        let completion = ActivityTaskCompletion { task_token, result: Some(result) };
        // The core repeats what may succeed; what the server doesn't know any more needs no answer.
        let _ = self.core.complete_activity_task(completion).await;
        point("after_commit");
    }
}

fn config(namespace: &str, options: &Options) -> Result<WorkerConfig, String> {
    let tasks: usize = if options.max_cached_runs > 0 { 100 } else { 2 };
    WorkerConfig::builder()
        .namespace(namespace)
        .task_queue(options.task_queue.clone())
        .task_types(WorkerTaskTypes { enable_nexus: false, ..WorkerTaskTypes::all() })
        .max_cached_workflows(options.max_cached_runs)
        .max_outstanding_workflow_tasks(tasks)
        .max_outstanding_activities(options.max_activities)
        .max_outstanding_local_activities(options.max_activities)
        .workflow_task_poller_behavior(PollerBehavior::SimpleMaximum(POLLERS))
        .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(POLLERS))
        .max_eager_activity_reservations_per_workflow_task(EAGER)
        .max_heartbeat_throttle_interval(Duration::from_secs(2))
        .default_heartbeat_throttle_interval(Duration::from_secs(2))
        .graceful_shutdown_period(options.grace)
        .versioning_strategy(WorkerVersioningStrategy::None {
            build_id: concat!("citadel-", env!("CARGO_PKG_VERSION")).to_owned(),
        })
        .build()
}

fn begins_activities(status: &Status) -> bool {
    let Status::Successful(success) = status else { return false };
    let commands = success.commands.iter().filter_map(|command| command.variant.as_ref());
    commands.into_iter().any(|command| matches!(command, CommandVariant::ScheduleActivity(_)))
}

fn succeeded(commands: Vec<WorkflowCommand>) -> Status {
    Status::Successful(Success { commands, ..Success::default() })
}

/// The server asks again, this worker or another, until one can.
fn parked(reason: &str) -> Status {
    let force_cause = WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure.into();
    Status::Failed(TaskFailure { failure: Some(fault::of_task(reason)), force_cause })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these is whole between two statements; a run whose machine panicked is given up.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
