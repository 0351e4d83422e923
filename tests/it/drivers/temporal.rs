use std::sync::Arc;
use std::time::Duration;

use citadel::driver::temporal::{Client, Connection, Endpoint, Options, Plans, TemporalError, Worker};
use citadel::engine::machine::Wired;
use citadel::nodes::{Egress, Executors};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

use super::case::{Happening, Touch};
use super::{Case, Driver, Ran, Stage};
use crate::temporal_server::Server;

/// How long a run may take that must end: one that takes longer doesn't.
const PATIENCE: Duration = Duration::from_secs(60);

/// Workers of a real server, one for each run.
pub(super) struct Temporal {
    runtime: Runtime,
    server: Server,
}

impl Temporal {
    pub(super) fn new() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        Self { runtime, server: Server::own("conformance") }
    }
}

impl Driver for Temporal {
    fn name(&self) -> &'static str {
        "Temporal"
    }

    fn run(&self, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
        self.runtime.block_on(served(&self.server.endpoint(), case, stage))
    }
}

/// Runs a case on a task queue of its own, with a worker of its own.
async fn served(endpoint: &Endpoint, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
    let told = |error: TemporalError| error.to_string();
    let connection = Connection::open(endpoint).await.map_err(told)?;
    let queue = format!("conformance-{}", case.name);
    let (environment, executors) = (case.environment(&stage.url), Executors::standard());
    let plans = Arc::new(Plans::default());
    plans.serve([case.plan()], &environment, &executors).map_err(told)?;
    let options = Options {
        environment: environment.clone(),
        egress: Egress::allow_private(),
        grace: Duration::ZERO,
        ..Options::of(queue.as_str())
    };
    let worker = Worker::new(&connection, plans, executors, options).map_err(told)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker.run(async { drop(stopped.await) }));
    let client = Client::new(connection, queue);
    let ran = run(&client, case, stage).await;
    stage.close();
    drop(stop);
    working.await.map_err(|error| error.to_string())?.map_err(told)?;
    ran
}

async fn run(client: &Client, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
    let told = |error: TemporalError| error.to_string();
    let id = case.name.clone();
    let plan = case.plan();
    let settings = case.environment(&stage.url).settings(&Wired::new(Arc::clone(&plan)));
    let settings = settings.map_err(|error| error.to_string())?;
    client.start(&plan, case.input.clone(), Some(id.clone()), settings).await.map_err(told)?;
    let outside = tokio::task::spawn_blocking({
        let (client, id, stage) = (client.clone(), id.clone(), Arc::clone(stage));
        let happenings = case.happenings.clone();
        move || happen(&client, &id, &stage, happenings)
    });
    let ended = tokio::time::timeout(PATIENCE, ended(client, &id)).await;
    stage.close();
    outside.await.map_err(|error| error.to_string())?.map_err(told)?;
    ended.map_err(|_| "it doesn't end".to_owned())?.map_err(told)?;
    let story = client.story(&id).await.map_err(told)?;
    let outcome = story.outcome.ok_or("it has no outcome")?;
    Ok(Ran { outcome, trace: story.trace })
}

/// Waits for a run, and for those that it left alone.
async fn ended(client: &Client, id: &str) -> Result<(), TemporalError> {
    client.result(id).await?;
    let story = client.story(id).await?;
    for path in story.nodes.keys().filter(|path| !path.contains('/')) {
        match client.result(&format!("{id}/{path}")).await {
            Ok(_) | Err(TemporalError::UnknownRun(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn happen(client: &Client, id: &str, stage: &Stage, happenings: Vec<Happening>) -> Result<(), TemporalError> {
    for Happening { causes, what } in happenings {
        if !stage.wait_for(&causes) {
            break;
        }
        let stored = Handle::current().block_on(async {
            match what.clone() {
                Touch::Signal(signal) => client.signal(id, &signal).await,
                Touch::Cancel => client.cancel(id).await,
            }
        });
        stored?;
        stage.happened(what.cause());
    }
    Ok(())
}
