use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use temporalio_protos::temporal::api::common::v1::{
    Header, Payload, Payloads, WorkflowExecution, WorkflowType,
};
use temporalio_protos::temporal::api::enums::v1::{
    HistoryEventFilterType, WorkflowIdConflictPolicy, WorkflowIdReusePolicy,
};
use temporalio_protos::temporal::api::history::v1::history_event::Attributes;
use temporalio_protos::temporal::api::history::v1::{History, HistoryEvent};
use temporalio_protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_protos::temporal::api::workflowservice::v1 as rpc;
use tokio::time::Instant;
use tonic::{Code, Request};

use super::connection::identity;
use super::envelope::{Aim, Envelope};
use super::record::{Ending, Step, about, ending};
use super::{Connection, TemporalError, lineage, payload};
use crate::driver::About;
use crate::driver::key;
use crate::engine::machine::{Failure, Signal, Start, Status, Wired, check_input, identify};
use crate::plan::{OnDuplicate, Plan, WorkflowId};
use crate::value::{EcoString, Value};

/// How long one poll for the end of a run lasts.
const POLL: Duration = Duration::from_secs(60);
/// How long any other call may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server that was there may be away.
const ABSENCE: Duration = Duration::from_secs(60);
/// How long it is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Starts runs and asks about them.
#[derive(Clone)]
pub struct Client {
    connection: Connection,
    task_queue: String,
    time_limit: Option<Duration>,
    trace: Option<String>,
}

/// A run that was started, or was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its id.
    pub id: String,
    /// Whether it had been started before.
    pub existed: bool,
}

impl Client {
    /// A client that starts runs on a task queue.
    #[must_use]
    pub fn new(connection: Connection, task_queue: impl Into<String>) -> Self {
        Self { connection, task_queue: task_queue.into(), time_limit: None, trace: None }
    }

    /// With a limit on the time that a run may take which is started by name; without one it may take any time. A run
    /// of a plan has the limit that its workflow says.
    #[must_use]
    pub fn with_time_limit(self, limit: Option<Duration>) -> Self {
        Self { time_limit: limit, ..self }
    }

    /// Which starts runs under a `traceparent` (W3C Trace Context).
    #[must_use]
    pub fn with_trace(self, trace: Option<String>) -> Self {
        Self { trace, ..self }
    }

    /// Starts a run of a plan's first workflow, whose id is the workflow's where `id` is none.
    ///
    /// # Errors
    /// When the input doesn't fit, or a run of that id is not to be started again.
    pub async fn start(
        &self,
        plan: &Arc<Plan>,
        input: Json,
        id: Option<String>,
        settings: BTreeMap<EcoString, Value>,
    ) -> Result<Started, TemporalError> {
        let Some(workflow) = plan.program().workflows.first() else {
            return Err(TemporalError::InvalidInput("the plan has no workflow".to_owned()));
        };
        let unfit = |failure: Failure| TemporalError::InvalidInput(failure.message.into());
        check_input(workflow, &input).map_err(unfit)?;
        let start = Start { run: "".into(), input: input.clone(), settings, scheduled_at: None };
        let id = match id {
            Some(id) => id,
            None => identify(&Arc::new(Wired::new(Arc::clone(plan))), WorkflowId(0), &start)
                .map_err(unfit)?
                .map_or_else(|| key::unique(&workflow.name), String::from),
        };
        let envelope = Envelope { plan_hash: Some(plan.hash().to_owned()), ..Envelope::default() };
        let queue = workflow.task_queue.as_deref().unwrap_or(&self.task_queue);
        let arguments = vec![payload::write(&input), payload::write(&envelope)];
        self.begin(&workflow.name, queue, id, arguments, Some(workflow.on_duplicate)).await
    }

    /// Starts a run of a workflow that only the workers know.
    ///
    /// # Errors
    /// When a run of that id is open.
    pub async fn start_by_name(
        &self,
        workflow: &str,
        input: &Json,
        id: Option<String>,
    ) -> Result<Started, TemporalError> {
        let id = id.unwrap_or_else(|| key::unique(workflow));
        self.begin(workflow, &self.task_queue, id, vec![payload::write(input)], None).await
    }

    async fn begin(
        &self,
        workflow: &str,
        queue: &str,
        id: String,
        payloads: Vec<Payload>,
        on_duplicate: Option<OnDuplicate>,
    ) -> Result<Started, TemporalError> {
        // A plan has a timer of its own, after which what was done is undone; the server's would just end the run.
        let limit = if on_duplicate.is_some() { None } else { self.time_limit };
        let (reuse, conflict) = match on_duplicate {
            Some(_) => (WorkflowIdReusePolicy::RejectDuplicate, WorkflowIdConflictPolicy::Fail),
            None => (WorkflowIdReusePolicy::AllowDuplicate, WorkflowIdConflictPolicy::Fail),
        };
        let request = rpc::StartWorkflowExecutionRequest {
            namespace: self.namespace(),
            workflow_id: id.clone(),
            workflow_type: Some(WorkflowType { name: workflow.to_owned() }),
            task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
            input: Some(Payloads { payloads }),
            identity: identity(),
            request_id: key::unique("request"),
            header: self.trace.as_deref().map(|trace| Header { fields: lineage::write(Some(trace)) }),
            workflow_id_reuse_policy: reuse.into(),
            workflow_id_conflict_policy: conflict.into(),
            workflow_execution_timeout: limit.and_then(|limit| limit.try_into().ok()),
            ..Default::default()
        };
        let mut service = self.connection.service();
        match service.start_workflow_execution(timed(request, PATIENCE)).await {
            Ok(_) => Ok(Started { id, existed: false }),
            Err(status) if status.code() == Code::AlreadyExists => match on_duplicate {
                Some(OnDuplicate::ReturnExisting) => Ok(Started { id, existed: true }),
                _ => Err(TemporalError::Duplicate(id)),
            },
            Err(status) => Err(self.error(&id, &status)),
        }
    }

    /// Waits for the end of a run, however many histories it has. A server that goes away is waited for.
    ///
    /// # Errors
    /// When there is no such run, or the server doesn't come back within a minute.
    pub async fn result(&self, id: &str) -> Result<Ending, TemporalError> {
        let mut run = String::new();
        loop {
            let last = self.last_event(id, &run).await?;
            match ending(&last) {
                Some(Step::Ended(ending)) => return Ok(ending),
                Some(Step::Continued(next)) => run = next,
                None => {}
            }
        }
    }

    async fn last_event(&self, id: &str, run: &str) -> Result<HistoryEvent, TemporalError> {
        let mut token = Vec::new();
        let mut gone_since = None;
        loop {
            let request = rpc::GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace(),
                execution: Some(execution(id, run)),
                next_page_token: token.clone(),
                wait_new_event: true,
                history_event_filter_type: HistoryEventFilterType::CloseEvent.into(),
                skip_archival: true,
                ..Default::default()
            };
            let mut service = self.connection.service();
            let response = match service.get_workflow_execution_history(timed(request, POLL)).await {
                Ok(response) => response.into_inner(),
                Err(status) if status.code() == Code::DeadlineExceeded => continue,
                Err(status) => match self.error(id, &status) {
                    error @ TemporalError::Unreachable { .. } => {
                        let since = *gone_since.get_or_insert_with(Instant::now);
                        if since.elapsed() > ABSENCE {
                            return Err(error);
                        }
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                    error => return Err(error),
                },
            };
            gone_since = None;
            if let Some(last) = response.history.and_then(|mut history| history.events.pop()) {
                return Ok(last);
            }
            token = response.next_page_token;
        }
    }

    /// What is known of a run without asking a worker.
    ///
    /// # Errors
    /// When there is no such run.
    pub async fn about(&self, id: &str) -> Result<About, TemporalError> {
        let request = rpc::DescribeWorkflowExecutionRequest {
            namespace: self.namespace(),
            execution: Some(execution(id, "")),
        };
        let mut service = self.connection.service();
        let described = service.describe_workflow_execution(timed(request, PATIENCE)).await;
        let described = described.map_err(|status| self.error(id, &status))?.into_inner();
        let mut about = about(&described.workflow_execution_info.unwrap_or_default());
        if let Some(task) = described.pending_workflow_task.filter(|task| task.attempt > 1) {
            about.status = Status::Parked;
            let reason = self.task_failure(id).await;
            about.problem = Some(match reason {
                Some(reason) => format!("{reason} (tried {} times)", task.attempt - 1),
                None => format!(
                    "no worker could carry out its workflow task, which was tried {} times",
                    task.attempt - 1
                ),
            });
        }
        Ok(about)
    }

    /// Why the last workflow task of a run failed.
    async fn task_failure(&self, id: &str) -> Option<String> {
        let history = self.history(id, "").await.ok()?;
        let failed = history.events.into_iter().rev().find_map(|event| match event.attributes {
            Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) => Some(failed),
            _ => None,
        })?;
        Some(failed.failure?.message)
    }

    /// All that happened to one history of a run, the last where `run` is empty.
    pub(super) async fn history(&self, id: &str, run: &str) -> Result<History, TemporalError> {
        let (mut events, mut token) = (Vec::new(), Vec::new());
        loop {
            let request = rpc::GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace(),
                execution: Some(execution(id, run)),
                next_page_token: token,
                skip_archival: true,
                ..Default::default()
            };
            let mut service = self.connection.service();
            let page = service.get_workflow_execution_history(timed(request, PATIENCE)).await;
            let page = page.map_err(|status| self.error(id, &status))?.into_inner();
            events.extend(page.history.unwrap_or_default().events);
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(History { events });
            }
        }
    }

    /// Has a run stopped, and what it did undone.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn cancel(&self, id: &str) -> Result<(), TemporalError> {
        self.expect_open(id).await?;
        let request = rpc::RequestCancelWorkflowExecutionRequest {
            namespace: self.namespace(),
            workflow_execution: Some(execution(id, "")),
            identity: identity(),
            request_id: key::unique("request"),
            ..Default::default()
        };
        let mut service = self.connection.service();
        let done = service.request_cancel_workflow_execution(timed(request, PATIENCE)).await;
        done.map(drop).map_err(|status| self.error(id, &status))
    }

    /// Ends a run at once, without undoing anything.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn terminate(&self, id: &str, reason: &str) -> Result<(), TemporalError> {
        let request = rpc::TerminateWorkflowExecutionRequest {
            namespace: self.namespace(),
            workflow_execution: Some(execution(id, "")),
            reason: reason.to_owned(),
            identity: identity(),
            ..Default::default()
        };
        let mut service = self.connection.service();
        let done = service.terminate_workflow_execution(timed(request, PATIENCE)).await;
        done.map(drop).map_err(|status| self.error(id, &status))
    }

    /// Sends a signal to a run; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no such run, or it is over.
    pub async fn signal(&self, id: &str, signal: &Signal) -> Result<(), TemporalError> {
        let mut payloads = vec![payload::write(&signal.payload)];
        if signal.correlation.is_some() {
            payloads.push(payload::write(&Aim { correlate: signal.correlation.clone() }));
        }
        let request = rpc::SignalWorkflowExecutionRequest {
            namespace: self.namespace(),
            workflow_execution: Some(execution(id, "")),
            signal_name: signal.name.to_string(),
            input: Some(Payloads { payloads }),
            identity: identity(),
            request_id: key::unique("request"),
            ..Default::default()
        };
        let mut service = self.connection.service();
        let done = service.signal_workflow_execution(timed(request, PATIENCE)).await;
        done.map(drop).map_err(|status| self.error(id, &status))
    }

    /// The runs that the server lists, the newest first, `most` of them. `filter` is in the server's own language for
    /// lists, such as `ExecutionStatus = "Running"`.
    ///
    /// # Errors
    /// When the server doesn't understand the filter.
    pub async fn list(&self, filter: &str, most: usize) -> Result<Vec<About>, TemporalError> {
        let (mut listed, mut token) = (Vec::new(), Vec::new());
        loop {
            let request = rpc::ListWorkflowExecutionsRequest {
                namespace: self.namespace(),
                page_size: 1_000,
                next_page_token: token,
                query: filter.to_owned(),
            };
            let mut service = self.connection.service();
            let page = service.list_workflow_executions(timed(request, PATIENCE)).await;
            let page = page.map_err(|status| self.error("", &status))?.into_inner();
            listed.extend(page.executions.iter().map(about));
            token = page.next_page_token;
            if token.is_empty() || listed.len() >= most {
                listed.truncate(most);
                return Ok(listed);
            }
        }
    }

    async fn expect_open(&self, id: &str) -> Result<(), TemporalError> {
        match self.about(id).await?.status.is_closed() {
            true => Err(TemporalError::Closed(id.to_owned())),
            false => Ok(()),
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn task_queue(&self) -> &str {
        &self.task_queue
    }

    pub(super) fn namespace(&self) -> String {
        self.connection.endpoint.namespace.clone()
    }

    pub(super) fn error(&self, id: &str, status: &tonic::Status) -> TemporalError {
        let said = status.message().to_owned();
        let address = self.connection.endpoint.address.clone();
        let unreachable = |reason| TemporalError::Unreachable { address, reason };
        match status.code() {
            Code::NotFound if said.contains("already completed") => TemporalError::Closed(id.to_owned()),
            Code::NotFound => TemporalError::UnknownRun(id.to_owned()),
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => unreachable(said),
            // So the connection calls its own end.
            Code::Unknown if said.contains("transport error") => unreachable(said),
            _ => TemporalError::Server(said),
        }
    }
}

pub(super) fn execution(id: &str, run: &str) -> WorkflowExecution {
    WorkflowExecution { workflow_id: id.to_owned(), run_id: run.to_owned() }
}

pub(super) fn timed<T>(message: T, patience: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(patience);
    request
}
