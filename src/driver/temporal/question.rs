use std::time::Duration;

use temporalio_protos::temporal::api::common::v1::{Payload, Payloads};
use temporalio_protos::temporal::api::enums::v1::QueryRejectCondition;
use temporalio_protos::temporal::api::query::v1::WorkflowQuery;
use temporalio_protos::temporal::api::workflowservice::v1::QueryWorkflowRequest;
use tonic::{Code, Request};

use super::client::execution;
use super::situation::{Reception, Status as Situation};
use super::{Client, TemporalError, payload, run};
use crate::engine::machine::Signal;

/// How long a worker may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a run that has only begun is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(50);

impl Client {
    /// What a worker says a run is at.
    ///
    /// # Errors
    /// When there is no such run, or no worker answers within two seconds.
    pub async fn situation(&self, id: &str) -> Result<Situation, TemporalError> {
        let answer = self.query(id, run::STATUS_QUERY, Vec::new(), QueryRejectCondition::None).await?;
        let situation = answer.and_then(|answer| payload::read(&answer).ok());
        situation.ok_or_else(|| TemporalError::NoWorker(self.task_queue().to_owned()))
    }

    /// Whether a run takes a signal, as far as a worker says so now: where none answers, the run decides when it reads
    /// the signal.
    ///
    /// # Errors
    /// When there is no such run, or its workflow doesn't take the signal.
    pub async fn check_signal(&self, id: &str, signal: &Signal) -> Result<(), TemporalError> {
        let start = tokio::time::Instant::now();
        loop {
            let asked = vec![payload::write(signal)];
            let answered = self.query(id, run::SIGNAL_QUERY, asked, QueryRejectCondition::NotOpen).await;
            let reception = match answered {
                Ok(answer) => answer.and_then(|answer| payload::read(&answer).ok()),
                Err(error @ TemporalError::UnknownRun(_)) => return Err(error),
                Err(_) => None,
            };
            match reception {
                Some(Reception::Misfit(reason)) => return Err(TemporalError::Refused(reason)),
                Some(Reception::NotYet) if start.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                _ => return Ok(()),
            }
        }
    }

    /// The answer to a query; none where the server doesn't pass it on.
    async fn query(
        &self,
        id: &str,
        name: &str,
        payloads: Vec<Payload>,
        unless: QueryRejectCondition,
    ) -> Result<Option<Payload>, TemporalError> {
        let query_args = Some(Payloads { payloads });
        let request = QueryWorkflowRequest {
            namespace: self.namespace(),
            execution: Some(execution(id, "")),
            query: Some(WorkflowQuery { query_type: name.to_owned(), query_args, ..Default::default() }),
            query_reject_condition: unless.into(),
        };
        let mut service = self.connection().service();
        match tokio::time::timeout(PATIENCE, service.query_workflow(Request::new(request))).await {
            Ok(Ok(answer)) => {
                let result = answer.into_inner().query_result;
                Ok(result.and_then(|payloads| payloads.payloads.into_iter().next()))
            }
            Ok(Err(status)) if status.code() == Code::NotFound => Err(self.error(id, &status)),
            Ok(Err(status)) if status.code() == Code::InvalidArgument => {
                Err(TemporalError::Refused(status.message().to_owned()))
            }
            Ok(Err(_)) | Err(_) => Err(TemporalError::NoWorker(self.task_queue().to_owned())),
        }
    }
}
