use std::time::Duration;

use temporalio_protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_protos::temporal::api::workflowservice::v1 as rpc;

use super::client::{PATIENCE, timed};
use super::{Client, TemporalError};
use crate::driver::About;

/// Runs whose workflow tasks fail, in the server's language for lists.
const FAILING: &str = "ExecutionStatus = \"Running\" AND TemporalReportedProblems IS NOT NULL";
/// How many of them are looked at.
const MOST_STUCK: usize = 20;

/// What a server says of itself and of a task queue.
#[derive(Clone, Debug)]
pub struct Health {
    /// The server's version.
    pub server: String,
    /// How long runs that ended are kept; none where the client may not know.
    pub retention: Option<Duration>,
    /// Who polls the queue for workflow tasks.
    pub workflow_pollers: Vec<String>,
    /// Who polls the queue for activities.
    pub activity_pollers: Vec<String>,
    /// Runs that go no further, at most twenty, each with its problem; none where the server doesn't tell.
    pub stuck: Option<Vec<About>>,
}

impl Client {
    /// Asks a server about itself, and about the client's task queue.
    ///
    /// # Errors
    /// When it doesn't answer.
    pub async fn health(&self) -> Result<Health, TemporalError> {
        let info = self.connection().service().get_system_info(timed(Default::default(), PATIENCE)).await;
        let info = info.map_err(|status| self.error("", &status))?.into_inner();
        Ok(Health {
            server: info.server_version,
            retention: self.retention().await,
            workflow_pollers: self.pollers(TaskQueueType::Workflow).await?,
            activity_pollers: self.pollers(TaskQueueType::Activity).await?,
            stuck: self.stuck().await?,
        })
    }

    async fn retention(&self) -> Option<Duration> {
        let request = rpc::DescribeNamespaceRequest { namespace: self.namespace(), ..Default::default() };
        let described =
            self.connection().service().describe_namespace(timed(request, PATIENCE)).await.ok()?;
        described.into_inner().config?.workflow_execution_retention_ttl?.try_into().ok()
    }

    async fn pollers(&self, kind: TaskQueueType) -> Result<Vec<String>, TemporalError> {
        let request = rpc::DescribeTaskQueueRequest {
            namespace: self.namespace(),
            task_queue: Some(TaskQueue { name: self.task_queue().to_owned(), ..Default::default() }),
            task_queue_type: kind.into(),
            ..Default::default()
        };
        let described = self.connection().service().describe_task_queue(timed(request, PATIENCE)).await;
        let described = described.map_err(|status| self.error("", &status))?.into_inner();
        let mut pollers: Vec<String> = described.pollers.into_iter().map(|poller| poller.identity).collect();
        pollers.sort();
        pollers.dedup();
        Ok(pollers)
    }

    async fn stuck(&self) -> Result<Option<Vec<About>>, TemporalError> {
        let failing = match self.list(FAILING, MOST_STUCK).await {
            Ok(failing) => failing,
            // Older servers don't know the attribute.
            Err(TemporalError::Server(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut stuck = Vec::new();
        for run in failing {
            match self.about(&run.id).await {
                Ok(about) if about.problem.is_some() => stuck.push(about),
                Ok(_) | Err(TemporalError::UnknownRun(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(stuck))
    }
}
