//! What somebody writes who knows the SDK, and what somebody writes who doesn't.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions, GrpcCompression};
use temporalio_macros::{activities, workflow, workflow_methods};
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use temporalio_sdk::runtime::PollerBehavior;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::workflows::join_all;
use temporalio_sdk::{ActivityOptions, Runtime, Worker, WorkerOptions, WorkflowContext, WorkflowResult};

use crate::workload::Side;

/// As many activities at once as `citadel` has under way.
const WINDOW: u64 = 100;

/// The activities of all workflows.
pub(crate) struct Activities;

#[activities]
impl Activities {
    #[activity]
    pub(crate) async fn echo(_ctx: ActivityContext, n: u64) -> Result<u64, ActivityError> {
        Ok(n)
    }
}

fn options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(30))
}

/// One activity after the other.
#[workflow]
#[derive(Default)]
pub(crate) struct Chain;

#[workflow_methods]
impl Chain {
    #[run]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u64) -> WorkflowResult<u64> {
        let mut last = 0;
        for n in 0..count {
            last = ctx.execute_activity(Activities::echo, n, options()).await?;
        }
        Ok(last)
    }
}

/// Many activities at once, in a window.
#[workflow]
#[derive(Default)]
pub(crate) struct FanOut;

#[workflow_methods]
impl FanOut {
    #[run]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u64) -> WorkflowResult<Vec<u64>> {
        let ctx = &*ctx;
        let echo = |n| async move { ctx.execute_activity(Activities::echo, n, options()).await };
        let mut under_way: FuturesUnordered<_> = (0..count.min(WINDOW)).map(echo).collect();
        let (mut next, mut given) = (WINDOW, Vec::new());
        // The guard of the SDK lets what is polled inside of it be polled as it wants.
        while let Some(n) = join_all([under_way.next()]).await.pop().flatten() {
            given.push(n?);
            if next < count {
                under_way.push(echo(next));
                next += 1;
            }
        }
        given.sort_unstable();
        Ok(given)
    }
}

/// Many activities, all at once.
#[workflow]
#[derive(Default)]
pub(crate) struct FanOutNaively;

#[workflow_methods]
impl FanOutNaively {
    #[run]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u64) -> WorkflowResult<Vec<u64>> {
        let all = (0..count).map(|n| ctx.execute_activity(Activities::echo, n, options()));
        let given: Result<Vec<u64>, _> = join_all(all).await.into_iter().collect();
        Ok(given?)
    }
}

/// Steps that need nobody.
#[workflow]
#[derive(Default)]
pub(crate) struct Pure;

#[workflow_methods]
impl Pure {
    #[run]
    pub(crate) async fn run(_ctx: &mut WorkflowContext<Self>, count: u64) -> WorkflowResult<u64> {
        Ok((0..count).sum())
    }
}

/// Serves the workflows with the settings of `citadel`'s worker.
pub(crate) async fn work(address: &str) {
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(100))
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(200))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(200))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .build();
    let options = WorkerOptions::new(Side::Hand.to_string())
        .register_workflow::<Chain>()
        .and_then(|options| options.register_workflow::<FanOut>())
        .and_then(|options| options.register_workflow::<Pure>())
        .expect("they have different names")
        .register_activities(Activities)
        .max_cached_workflows(1_000)
        .tuner(tuner)
        .workflow_task_poller_behavior(PollerBehavior::SimpleMaximum(5))
        .activity_task_poller_behavior(PollerBehavior::SimpleMaximum(5))
        .max_eager_activity_reservations_per_workflow_task(100)
        .max_heartbeat_throttle_interval(Duration::from_secs(2))
        .default_heartbeat_throttle_interval(Duration::from_secs(2))
        .build();
    let plain = ConnectionOptions::new(url(address))
        .grpc_compression(GrpcCompression::None)
        .dns_load_balancing(None)
        .build();
    run(plain, options).await;
}

/// Serves the naive workflow with the settings that come by themselves.
pub(crate) async fn work_naively(address: &str) {
    let options = WorkerOptions::new(Side::Naive.to_string())
        .register_workflow::<FanOutNaively>()
        .expect("it is the only one")
        .register_activities(Activities)
        .build();
    run(ConnectionOptions::new(url(address)).build(), options).await;
}

/// Where the server is.
pub(crate) fn url(address: &str) -> temporalio_client::Url {
    format!("http://{address}").parse().expect("a URL")
}

async fn run(connection: ConnectionOptions, options: WorkerOptions) {
    let runtime = Runtime::from_current_tokio(Default::default()).expect("a runtime");
    let connection = Connection::connect(connection).await.expect("the server is there");
    let client = Client::new(connection, ClientOptions::new("default").build()).expect("a client");
    let mut worker = Worker::new(&runtime, client, options).expect("a worker");
    worker.run().await.expect("it works");
}
