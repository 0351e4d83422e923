use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use temporalio_protos::coresdk::child_workflow::{ChildWorkflowCancellationType, ParentClosePolicy};
use temporalio_protos::coresdk::workflow_commands::workflow_command::Variant;
use temporalio_protos::coresdk::workflow_commands::{
    ActivityCancellationType, CancelChildWorkflowExecution, CancelTimer, RequestCancelActivity,
    RequestCancelLocalActivity, ScheduleActivity, ScheduleLocalActivity, StartChildWorkflowExecution,
    StartTimer, WorkflowCommand,
};
use temporalio_protos::temporal::api::common::v1::{Payload, RetryPolicy};
use temporalio_protos::temporal::api::enums::v1::WorkflowIdReusePolicy;
use temporalio_protos::temporal::api::sdk::v1::UserMetadata;

use super::call::Sheet;
use super::envelope::Envelope;
use super::header::Header;
use super::{lineage, payload, policy};
use crate::driver::Lineage;
use crate::driver::gates::Route;
use crate::engine::machine::{ChildStart, Execution, Moment, Wired};
use crate::engine::retry;
use crate::plan::{Activity, Node, Retry, Workflow};
use crate::value::EcoString;

/// How much the commands of one workflow task may hold, in bytes: the server ends a run that sends more than 4 MB.
const MOST_BYTES: usize = 1 << 20;
/// How long an attempt's result may be on its way.
const MARGIN: Duration = Duration::from_secs(5);
/// How long an attempt waits in its worker for its breaker or limit, before it is handed back.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// After how long without a sign of life an attempt is given up.
pub(super) const LIVENESS: Duration = Duration::from_secs(10);
/// How long attempts may last that a worker makes beside the workflow's own task.
const LOCAL_RETRIES: Duration = Duration::from_secs(10);

/// What the server is to do, in order.
pub(super) struct Orders {
    run: String,
    /// The queue of activities that name none: the worker's own.
    queue: String,
    commands: Vec<WorkflowCommand>,
    bytes: usize,
    /// The `traceparent` that the run was started under.
    trace: Option<String>,
    /// The time, in nanoseconds since 1970.
    nanos: i128,
    /// The ids of children by their numbers.
    children: BTreeMap<u32, String>,
}

/// All attempts of an activity, or as many as the server may make.
pub(super) struct ActivityOrder<'a> {
    pub(super) seq: u32,
    pub(super) execution: &'a Execution,
    pub(super) node: &'a Node,
    pub(super) activity: &'a Activity,
    pub(super) nature: Option<Box<RawValue>>,
    pub(super) key: EcoString,
    /// Attempts that were made before.
    pub(super) attempts: u32,
    /// How many there may be now.
    pub(super) most: Option<u32>,
    /// How often it was held back by its breaker or limit.
    pub(super) refusals: u32,
}

impl Orders {
    pub(super) fn new(run: &str, queue: &str, trace: Option<String>) -> Self {
        Self {
            trace,
            run: run.to_owned(),
            queue: queue.to_owned(),
            commands: Vec::new(),
            bytes: 0,
            nanos: 0,
            children: BTreeMap::new(),
        }
    }

    /// The `traceparent` that the run was started under.
    pub(super) fn trace(&self) -> Option<&str> {
        self.trace.as_deref()
    }

    /// The id of the run.
    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Whether one more activity or child fits into the same workflow task.
    pub(super) fn has_room(&self) -> bool {
        self.bytes < MOST_BYTES
    }

    /// What was ordered since the last time.
    pub(super) fn take(&mut self) -> Vec<WorkflowCommand> {
        self.bytes = 0;
        std::mem::take(&mut self.commands)
    }

    pub(super) fn push(&mut self, variant: Variant) {
        self.commands.push(WorkflowCommand { variant: Some(variant), ..Default::default() });
    }

    fn push_named(&mut self, variant: Variant, summary: &str) {
        let user_metadata = Some(UserMetadata { summary: Some(payload::write(&summary)), details: None });
        self.commands.push(WorkflowCommand { variant: Some(variant), user_metadata, ..Default::default() });
    }

    /// What follows is ordered at this time, in nanoseconds since 1970: more exactly than a machine knows it.
    pub(super) fn begin(&mut self, nanos: i128) {
        self.nanos = nanos;
    }

    /// A timer until a moment.
    pub(super) fn timer(&mut self, seq: u32, at: Moment) {
        let start_to_fire_timeout = self.until(at).try_into().ok();
        self.push(Variant::StartTimer(StartTimer { seq, start_to_fire_timeout }));
    }

    /// How long it is until a moment, at least as long as the server counts.
    fn until(&self, at: Moment) -> Duration {
        let nanos = i128::from(at.0) * 1_000_000 - self.nanos;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)).max(Duration::from_millis(1))
    }

    /// A timer before the next attempt.
    pub(super) fn pause(&mut self, seq: u32, pause: Duration) {
        let start_to_fire_timeout = pause.max(Duration::from_millis(1)).try_into().ok();
        self.push(Variant::StartTimer(StartTimer { seq, start_to_fire_timeout }));
    }

    /// Takes a timer back.
    pub(super) fn unset(&mut self, seq: u32) {
        self.push(Variant::CancelTimer(CancelTimer { seq }));
    }

    /// Has an activity stopped.
    pub(super) fn cancel_activity(&mut self, seq: u32) {
        self.push(Variant::RequestCancelActivity(RequestCancelActivity { seq }));
    }

    /// Has an activity stopped that this worker makes.
    pub(super) fn cancel_local(&mut self, seq: u32) {
        self.push(Variant::RequestCancelLocalActivity(RequestCancelLocalActivity { seq }));
    }

    /// Has a child stopped.
    pub(super) fn cancel_child(&mut self, child_workflow_seq: u32) {
        let reason = "its parent doesn't want it any more".to_owned();
        self.push(Variant::CancelChildWorkflowExecution(CancelChildWorkflowExecution {
            child_workflow_seq,
            reason,
        }));
    }

    /// Has an activity made.
    pub(super) fn run_activity(&mut self, workflow: &Workflow, order: ActivityOrder<'_>) {
        let arguments = arguments(workflow, &order);
        self.bytes += arguments.iter().map(|payload| payload.data.len()).sum::<usize>();
        let summary = order.node.title.as_deref().unwrap_or(&order.node.name);
        let variant = if order.activity.local {
            Variant::ScheduleLocalActivity(self.local(workflow, &order, arguments))
        } else {
            Variant::ScheduleActivity(self.remote(workflow, &order, arguments))
        };
        self.push_named(variant, summary);
    }

    fn remote(
        &self,
        workflow: &Workflow,
        order: &ActivityOrder<'_>,
        arguments: Vec<Payload>,
    ) -> ScheduleActivity {
        let ActivityOrder { execution, node, activity, .. } = order;
        let timeout = time_for(order);
        let queue = activity.task_queue.clone().or_else(|| workflow.task_queue.clone());
        ScheduleActivity {
            seq: order.seq,
            activity_id: id(order),
            activity_type: node.kind.clone(),
            task_queue: queue.unwrap_or_else(|| self.queue.clone()),
            headers: lineage::write(self.trace()),
            arguments,
            schedule_to_close_timeout: self.close_after(execution).and_then(|left| left.try_into().ok()),
            start_to_close_timeout: timeout.try_into().ok(),
            heartbeat_timeout: LIVENESS.try_into().ok(),
            retry_policy: Some(policy_of(workflow, order)),
            cancellation_type: ActivityCancellationType::WaitCancellationCompleted.into(),
            ..Default::default()
        }
    }

    fn local(
        &self,
        workflow: &Workflow,
        order: &ActivityOrder<'_>,
        arguments: Vec<Payload>,
    ) -> ScheduleLocalActivity {
        let ActivityOrder { execution, node, .. } = order;
        let timeout = time_for(order);
        ScheduleLocalActivity {
            seq: order.seq,
            activity_id: id(order),
            activity_type: node.kind.clone(),
            attempt: order.attempts + 1,
            headers: lineage::write(self.trace()),
            arguments,
            schedule_to_close_timeout: self.close_after(execution).and_then(|left| left.try_into().ok()),
            start_to_close_timeout: timeout.try_into().ok(),
            retry_policy: Some(policy_of(workflow, order)),
            local_retry_threshold: LOCAL_RETRIES.try_into().ok(),
            cancellation_type: ActivityCancellationType::WaitCancellationCompleted.into(),
            ..Default::default()
        }
    }

    fn close_after(&self, execution: &Execution) -> Option<Duration> {
        execution.deadline.map(|deadline| self.until(deadline))
    }

    /// Has a run of another workflow of the plan started.
    pub(super) fn start_child(
        &mut self,
        seq: u32,
        child: &ChildStart,
        id: String,
        header: &Header,
        wired: &Arc<Wired>,
    ) {
        let workflow = wired.workflow(child.workflow);
        let header = Some(Header { workflow: child.workflow, ..header.clone() });
        let envelope = Envelope { header, ..Envelope::default() };
        let input = vec![payload::write(&child.input), payload::write(&envelope)];
        self.bytes += input.iter().map(|payload| payload.data.len()).sum::<usize>();
        self.children.insert(seq, id.clone());
        let trace = self.trace().map(|trace| Lineage::of(trace).below(&self.run, &child.path));
        let close =
            if child.detached { ParentClosePolicy::Abandon } else { ParentClosePolicy::RequestCancel };
        let start = StartChildWorkflowExecution {
            seq,
            workflow_id: id,
            workflow_type: workflow.name.clone(),
            task_queue: workflow.task_queue.clone().unwrap_or_default(),
            input,
            headers: lineage::write(trace.as_deref()),
            parent_close_policy: close.into(),
            cancellation_type: ChildWorkflowCancellationType::WaitCancellationCompleted.into(),
            workflow_id_reuse_policy: WorkflowIdReusePolicy::RejectDuplicate.into(),
            ..Default::default()
        };
        self.push_named(Variant::StartChildWorkflowExecution(start), &child.path);
    }

    /// The id of a child that was started.
    pub(super) fn child_id(&self, seq: u32) -> String {
        self.children.get(&seq).cloned().unwrap_or_default()
    }
}

/// How long an attempt may be with its worker: waiting at its breaker and limit, and made.
fn time_for(order: &ActivityOrder<'_>) -> Duration {
    let is_gated = order.activity.breaker.is_some() || order.activity.limit.is_some();
    let waits = if is_gated { PATIENCE } else { Duration::ZERO };
    Duration::from_millis(order.execution.timeout).saturating_add(MARGIN).saturating_add(waits)
}

/// The node's path; an activity that is made once more is another one.
fn id(order: &ActivityOrder<'_>) -> String {
    let path = &order.execution.path;
    match (order.attempts, order.refusals) {
        (0, 0) => path.to_string(),
        (attempts, 0) => format!("{path}#{}", attempts + 1),
        (attempts, refusals) => format!("{path}#{}~{refusals}", attempts + 1),
    }
}

/// The fields of the kind, which people read in the history, and what goes with them.
fn arguments(workflow: &Workflow, order: &ActivityOrder<'_>) -> Vec<Payload> {
    let sheet = Sheet {
        v: Sheet::VERSION,
        path: order.execution.path.clone(),
        key: order.key.clone(),
        timeout_ms: order.execution.timeout,
        heartbeat_ms: order.execution.heartbeat_timeout,
        // The core goes on counting those that it makes itself.
        attempts_before: if order.activity.local { 0 } else { order.attempts },
        route: Route::of(workflow, order.node, order.activity, order.execution),
        refusals: order.refusals,
        node: order.nature.clone().unwrap_or_default(),
    };
    vec![payload::write(&order.execution.input.to_plain()), payload::write(&sheet)]
}

fn policy_of(workflow: &Workflow, order: &ActivityOrder<'_>) -> RetryPolicy {
    let policy = &workflow.retries[order.activity.retry.index()];
    let errors = &workflow.errors[order.node.errors.index()];
    // What was held back goes on where its back-off was.
    let before = if order.refusals > 0 {
        retry::pause(&Retry { maximum_attempts: None, ..policy.clone() }, order.attempts + 1)
    } else {
        None
    };
    let initial_interval_ms = before.unwrap_or(policy.initial_interval_ms);
    policy::of(&Retry { initial_interval_ms, ..policy.clone() }, errors, order.most)
}
