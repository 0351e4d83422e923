use std::sync::Arc;

use serde_json::Value as Json;
use temporalio_protos::coresdk::activity_result::{ActivityResolution, activity_resolution};
use temporalio_protos::coresdk::workflow_activation::workflow_activation_job::Variant as Job;
use temporalio_protos::coresdk::workflow_activation::{
    InitializeWorkflow, QueryWorkflow, WorkflowActivation,
};
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::coresdk::workflow_commands::{
    QueryResult, QuerySuccess, WorkflowCommand, query_result,
};
use temporalio_protos::temporal::api::common::v1::Payload;

use super::envelope::{Envelope, Unopened};
use super::header::Header;
use super::live::{Live, Observer};
use super::order::Orders;
use super::plans::Plans;
use super::prologue::{self, Prologue};
use super::situation::{Reception, Status};
use super::{closing, fault, lineage, message, payload};
use crate::engine::machine::{Event, Machine, Moment, Start};
use crate::plan::{Plan, WorkflowId};

/// After how many events of its history a run goes on in a new one.
const CONTINUE_AFTER: u32 = 8_000;
/// After how many it does so whatever it has to wait for.
const CONTINUE_ANYWAY: u32 = 30_000;
/// After how many more a run tries again whose state was too large to go on with.
const CONTINUE_AGAIN: u32 = 4_000;
/// After how many it is given up, before the server does and nobody knows why.
const GIVE_UP_AFTER: u32 = 45_000;
/// What runs longer is not waited for before [`CONTINUE_ANYWAY`], in milliseconds.
const LONG: i64 = 10_000;

/// The query that tells what a run is at.
pub(super) const STATUS_QUERY: &str = "status";
/// The query that tells whether a signal fits.
pub(super) const SIGNAL_QUERY: &str = "citadel_signal";

/// Makes an observer of a run, once its plan is known.
pub(super) type Watcher = Box<dyn FnOnce(Arc<Plan>, WorkflowId) -> Observer + Send>;

/// Why a workflow task can't be carried out by this worker: the run waits for another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parked(pub(super) String);

/// One run, as its history tells it: activations go in, commands come out. The same activations give the same commands.
pub(super) struct Run {
    plans: Arc<Plans>,
    /// The task queue that it is served from.
    queue: Arc<str>,
    watcher: Option<Watcher>,
    /// Whether what happens now is in the history already.
    is_replaying: bool,
    /// The run's id on the server.
    run_id: String,
    /// From which length of the history on it may go on in a new one.
    continue_from: u32,
    phase: Phase,
}

enum Phase {
    /// It has not begun.
    New,
    /// It waits for its plan. What happens meanwhile waits with it.
    Starting(Box<Starting>),
    /// It runs, or is over.
    Live(Box<Live>, Option<Moment>),
    /// It never had a plan.
    Refused,
}

struct Starting {
    init: InitializeWorkflow,
    envelope: Envelope,
    /// What came before the plan.
    early: Vec<Job>,
}

/// When an activation happens.
#[derive(Clone, Copy)]
struct Now {
    moment: Moment,
    nanos: i128,
}

impl Now {
    fn of(activation: &WorkflowActivation) -> Self {
        let nanos = activation
            .timestamp
            .as_ref()
            .map_or(0, |time| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos));
        Self { moment: Moment(i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX)), nanos }
    }
}

impl Run {
    pub(super) fn new(plans: Arc<Plans>, queue: Arc<str>, watcher: Option<Watcher>) -> Self {
        let run_id = String::new();
        Self { plans, queue, watcher, is_replaying: false, run_id, continue_from: 0, phase: Phase::New }
    }

    /// Takes in what has happened and gives what is to be done.
    ///
    /// # Errors
    /// When this program doesn't know what the run relies on.
    pub(super) fn activate(
        &mut self,
        activation: WorkflowActivation,
    ) -> Result<Vec<WorkflowCommand>, Parked> {
        let now = Now::of(&activation);
        self.is_replaying = activation.is_replaying;
        self.run_id.clone_from(&activation.run_id);
        let (length, suggested) = (activation.history_length, activation.continue_as_new_suggested);
        let mut commands = Vec::new();
        let mut queries = Vec::new();
        if let Phase::Live(live, _) = &mut self.phase {
            live.orders().begin(now.nanos);
            live.is_replaying = activation.is_replaying;
        }
        for job in activation.jobs.into_iter().filter_map(|job| job.variant) {
            match job {
                Job::QueryWorkflow(query) => queries.push(query),
                job => self.job(now, job, &mut commands)?,
            }
        }
        // An activation that only asks may not go on.
        if queries.is_empty() {
            self.go_on(now, length, suggested, &mut commands);
        }
        commands.extend(queries.into_iter().map(|query| command(self.answer(query))));
        Ok(commands)
    }

    fn job(&mut self, now: Now, job: Job, commands: &mut Vec<WorkflowCommand>) -> Result<(), Parked> {
        match (&mut self.phase, job) {
            (Phase::New, Job::InitializeWorkflow(init)) => self.begin(now, init, commands),
            (Phase::Starting(_), Job::ResolveActivity(resolved)) => {
                self.plan_came(now, resolved.result, commands)
            }
            (Phase::Starting(starting), job) => {
                starting.early.push(job);
                Ok(())
            }
            (Phase::Live(live, _), job) => {
                happened(live, now.moment, job);
                Ok(())
            }
            (Phase::New | Phase::Refused, _) => Ok(()),
        }
    }

    /// A run begins with its input, and asks for its plan unless it brings one.
    fn begin(
        &mut self,
        now: Now,
        init: InitializeWorkflow,
        commands: &mut Vec<WorkflowCommand>,
    ) -> Result<(), Parked> {
        // A plan comes from a run that had it, never from a client: workers run what their files say.
        let comes_from_a_run =
            init.parent_workflow_info.is_some() || !init.continued_from_execution_run_id.is_empty();
        let envelope = match init.arguments.get(1).map(Envelope::read) {
            None => Envelope::default(),
            Some(Ok(envelope)) if comes_from_a_run => envelope,
            Some(Ok(envelope)) => Envelope { header: None, state: None, ..envelope },
            Some(Err(Unopened::Newer(reason))) => {
                return Err(Parked(format!("the run was started by another version of citadel: {reason}")));
            }
            Some(Err(Unopened::Foreign)) => {
                let message =
                    "a workflow takes one payload, its input: the second is no envelope of citadel's";
                commands.push(command(closing::refused("InvalidInput", message)));
                self.phase = Phase::Refused;
                return Ok(());
            }
        };
        if let Some(header) = envelope.header.clone() {
            let starting = Starting { init, envelope, early: Vec::new() };
            return self.open(now, header, starting);
        }
        self.expect_plan(&init.workflow_type, &envelope)?;
        commands.push(command(prologue::order(&init.workflow_type)));
        self.phase = Phase::Starting(Box::new(Starting { init, envelope, early: Vec::new() }));
        Ok(())
    }

    /// Whether the worker has the plan that a client checked the input with. What is replayed was begun by one that
    /// had it.
    fn expect_plan(&self, workflow: &str, envelope: &Envelope) -> Result<(), Parked> {
        match &envelope.plan_hash {
            Some(wanted) if !self.is_replaying && self.plans.hash(workflow).as_ref() != Some(wanted) => {
                Err(Parked(format!(
                    "the worker doesn't have the plan of `{workflow}` that the run was started with"
                )))
            }
            _ => Ok(()),
        }
    }

    fn plan_came(
        &mut self,
        now: Now,
        result: Option<ActivityResolution>,
        commands: &mut Vec<WorkflowCommand>,
    ) -> Result<(), Parked> {
        let Phase::Starting(starting) = std::mem::replace(&mut self.phase, Phase::Refused) else {
            return Ok(());
        };
        let given = match result.and_then(|result| result.status) {
            Some(activity_resolution::Status::Completed(success)) => success.result,
            _ => None,
        };
        match given.as_ref().map(payload::read::<Prologue>) {
            Some(Ok(Prologue::Plan(header))) => self.open(now, *header, *starting),
            Some(Ok(Prologue::Unknown)) => {
                let name = &starting.init.workflow_type;
                let message = format!("no worker of this task queue serves a workflow `{name}`");
                commands.push(command(closing::refused("UnknownWorkflow", &message)));
                Ok(())
            }
            Some(Err(error)) => Err(Parked(format!("the run's plan can't be read: {error}"))),
            None => Err(Parked("the run's plan was not given".to_owned())),
        }
    }

    /// Sets the machine going, or lets it go on where the run before was.
    fn open(&mut self, now: Now, header: Header, starting: Starting) -> Result<(), Parked> {
        let Starting { init, envelope, early } = starting;
        let known = self.plans.open(&header).map_err(Parked)?;
        let wired = Arc::clone(&known.wired);
        let observer = self.watcher.take().map(|watch| watch(Arc::clone(wired.plan()), header.workflow));
        let orders = Orders::new(&init.workflow_id, &self.queue, lineage::read(&init.headers));
        let mut live = match envelope.state {
            None => {
                let machine = Machine::new(wired, header.workflow);
                let key = init.first_execution_run_id.clone();
                let mut live = Live::new(machine, header, known, key, orders, observer, &self.run_id);
                live.is_replaying = self.is_replaying;
                live.orders().begin(now.nanos);
                let settings = live.header.settings.clone();
                let start = Start {
                    run: init.workflow_id.as_str().into(),
                    input: input_of(&init).map_err(Parked)?,
                    settings,
                    scheduled_at: envelope.scheduled_at,
                };
                live.handle(now.moment, Event::Started(Box::new(start)));
                live
            }
            Some(state) => {
                let unreadable = || Parked("the state that the run before left can't be read".to_owned());
                let bytes = state.machine.open().ok_or_else(unreadable)?;
                let commands = state.commands().ok_or_else(unreadable)?;
                let machine = Machine::restore(wired, &bytes).map_err(|_| unreadable())?;
                let mut live = Live::new(machine, header, known, state.key, orders, observer, &self.run_id);
                live.is_replaying = self.is_replaying;
                live.orders().begin(now.nanos);
                live.take_over(commands);
                live
            }
        };
        early.into_iter().for_each(|job| happened(&mut live, now.moment, job));
        self.phase = Phase::Live(Box::new(live), envelope.scheduled_at);
        Ok(())
    }

    /// After all that happened: ends the run, goes on in a new history, or sends what has room.
    fn go_on(&mut self, now: Now, length: u32, suggested: bool, commands: &mut Vec<WorkflowCommand>) {
        let Phase::Live(live, scheduled_at) = &mut self.phase else { return };
        if let Some(end) = live.closing() {
            commands.extend(live.orders().take());
            commands.extend(end.into_iter().map(command));
            return;
        }
        if length >= GIVE_UP_AFTER {
            let message = "the history of the run has grown beyond what the server keeps";
            commands.push(command(closing::refused("HistoryLimit", message)));
            return;
        }
        let wants_new = suggested || length >= CONTINUE_AFTER;
        let waits_long = || live.has_long(Moment(now.moment.0 - LONG));
        let mut holds_back =
            wants_new && length >= self.continue_from && (length >= CONTINUE_ANYWAY || !waits_long());
        if holds_back && live.is_quiet() {
            if let Some(continued) = live.continue_as_new(*scheduled_at) {
                // The timers of this history end with it.
                live.orders().take();
                commands.push(command(continued));
                return;
            }
            // What it holds now may be gone later on.
            (self.continue_from, holds_back) = (length + CONTINUE_AGAIN, false);
        }
        if !holds_back {
            live.send();
        }
        // What could not be started may have ended the run.
        let end = live.closing();
        commands.extend(live.orders().take());
        commands.extend(end.into_iter().flatten().map(command));
    }

    fn answer(&self, query: QueryWorkflow) -> Variant {
        let answered = match query.query_type.as_str() {
            STATUS_QUERY => Ok(payload::write(&self.status())),
            SIGNAL_QUERY => self.reception(&query.arguments).map(|reception| payload::write(&reception)),
            "__temporal_workflow_metadata" => Ok(payload::write(&self.metadata())),
            other => Err(format!("there is no query `{other}`: ask `{STATUS_QUERY}`")),
        };
        let variant = match answered {
            Ok(response) => query_result::Variant::Succeeded(QuerySuccess { response: Some(response) }),
            Err(message) => query_result::Variant::Failed(fault::of_start("UnknownQuery", &message)),
        };
        Variant::RespondToQuery(QueryResult { query_id: query.query_id, variant: Some(variant) })
    }

    /// What becomes of a signal that is sent now.
    fn reception(&self, arguments: &[Payload]) -> Result<Reception, String> {
        let signal = message::asked(arguments.first())?;
        Ok(match &self.phase {
            Phase::Live(live, _) => {
                live.check_signal(&signal).map_or_else(Reception::Misfit, |()| Reception::Fits)
            }
            _ => Reception::NotYet,
        })
    }

    /// What the run is at.
    pub(super) fn status(&self) -> Status {
        let of = |workflow: &str, status: &str| Status {
            workflow: workflow.to_owned(),
            status: status.to_owned(),
            ..Status::default()
        };
        match &self.phase {
            Phase::New => of("", "starting"),
            Phase::Starting(starting) => of(&starting.init.workflow_type, "starting"),
            Phase::Live(live, _) => live.status(),
            Phase::Refused => of("", "failed"),
        }
    }

    /// What Temporal's UI shows of a workflow.
    fn metadata(&self) -> Json {
        let described =
            |name: &str, description: &str| serde_json::json!({ "name": name, "description": description });
        let signals: Vec<Json> = match &self.phase {
            Phase::Live(live, _) => live.signals().iter().map(|name| described(name, "")).collect(),
            _ => Vec::new(),
        };
        serde_json::json!({
            "definition": {
                "type": self.status().workflow,
                "queryDefinitions": [described(STATUS_QUERY, "What the run is at.")],
                "signalDefinitions": signals,
                "updateDefinitions": [described(message::SIGNAL_UPDATE, "Sends a signal, and is refused where it doesn't fit.")],
            }
        })
    }
}

/// The author's input; nothing at all stands for an empty record.
fn input_of(init: &InitializeWorkflow) -> Result<Json, String> {
    let Some(first) = init.arguments.first() else { return Ok(serde_json::json!({})) };
    let read = payload::read(first);
    // What is no JSON fits no input: the machine says so, as it does of all that doesn't fit.
    Ok(read.unwrap_or_else(|error| Json::String(format!("({error})"))))
}

/// Something has happened to a run that has its plan.
fn happened(live: &mut Live, now: Moment, job: Job) {
    match job {
        Job::FireTimer(fired) => live.fired(now, fired.seq),
        Job::ResolveActivity(resolved) => live.activity_resolved(now, resolved.seq, resolved.result),
        Job::ResolveChildWorkflowExecutionStart(started) => {
            live.child_started(now, started.seq, started.status);
        }
        Job::ResolveChildWorkflowExecution(ended) => live.child_resolved(now, ended.seq, ended.result),
        Job::SignalWorkflow(signal) => {
            if let Some(signal) = message::signal(signal) {
                live.handle(now, Event::Signalled(signal));
            }
        }
        Job::CancelWorkflow(_) => live.handle(now, Event::Cancelled),
        Job::DoUpdate(update) => message::update(live, now, update),
        // The rest asks nothing of a machine that draws no random numbers and has no patches.
        _ => {}
    }
}

fn command(variant: Variant) -> WorkflowCommand {
    WorkflowCommand { variant: Some(variant), ..Default::default() }
}
