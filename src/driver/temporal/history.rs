use std::sync::Arc;

use futures_util::stream;
use temporalio_common::worker::WorkerTaskTypes;
use temporalio_protos::coresdk::workflow_activation::remove_from_cache::EvictionReason;
use temporalio_protos::coresdk::workflow_activation::workflow_activation_job::Variant as Job;
use temporalio_protos::coresdk::workflow_commands::WorkflowCommand;
use temporalio_protos::coresdk::workflow_completion::workflow_activation_completion::Status;
use temporalio_protos::coresdk::workflow_completion::{Success, WorkflowActivationCompletion};
use temporalio_protos::temporal::api::history::v1::History;
use temporalio_sdk_core::replay::{HistoryForReplay, ReplayWorkerInput};
use temporalio_sdk_core::{WorkerConfig, WorkerVersioningStrategy, init_replay_worker};

use super::Plans;
use super::run::{Run, Watcher};

/// A run that was played.
pub(super) struct Played {
    pub(super) run: Run,
    /// All that its machine commanded.
    pub(super) commanded: Vec<WorkflowCommand>,
}

/// Plays a history with the same machine that wrote it, as a worker does whose memory is empty.
///
/// # Errors
/// In one sentence, when the machine would do something else than the history says.
pub(super) async fn replay(
    workflow_id: &str,
    history: History,
    plans: &Arc<Plans>,
    watcher: Option<Watcher>,
) -> Result<Played, String> {
    let config = WorkerConfig::builder()
        .namespace("replay")
        .task_queue("replay")
        .task_types(WorkerTaskTypes::workflow_only())
        .max_outstanding_workflow_tasks(1_usize)
        .versioning_strategy(WorkerVersioningStrategy::None { build_id: "replay".to_owned() })
        .build()?;
    let histories = stream::iter([HistoryForReplay::new(history, workflow_id.to_owned())]);
    let worker =
        init_replay_worker(ReplayWorkerInput::new(config, histories)).map_err(|error| error.to_string())?;
    let mut run = Run::new(Arc::clone(plans), "replay".into(), watcher);
    let mut commanded = Vec::new();
    while let Ok(activation) = worker.poll_workflow_activation().await {
        let run_id = activation.run_id.clone();
        let evicted = activation.jobs.iter().find_map(|job| match &job.variant {
            Some(Job::RemoveFromCache(removed)) => Some((removed.reason(), removed.message.clone())),
            _ => None,
        });
        let commands = match evicted {
            Some((EvictionReason::Nondeterminism | EvictionReason::Fatal, message)) => return Err(message),
            Some(_) => Vec::new(),
            None => run.activate(activation).map_err(|parked| parked.0)?,
        };
        commanded.extend(commands.iter().cloned());
        let status = Some(Status::Successful(Success { commands, ..Success::default() }));
        let completion = WorkflowActivationCompletion { run_id, status, ..Default::default() };
        worker.complete_workflow_activation(completion).await.map_err(|error| error.to_string())?;
    }
    worker.shutdown().await;
    Ok(Played { run, commanded })
}
