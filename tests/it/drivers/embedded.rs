use std::sync::Arc;
use std::time::Duration;

use citadel::driver::embedded::{Accepted, Engine, EngineError, Options, Run, story};
use citadel::driver::gates::Gates;
use citadel::nodes::{Egress, Executors};
use tokio::runtime::{Handle, Runtime};

use super::case::{Happening, Touch};
use super::{Case, Driver, Ran, Stage};
use crate::command::Folder;

/// How long a run may take that must end: one that takes longer doesn't.
const PATIENCE: Duration = Duration::from_secs(20);

/// The engine with a journal, one for each run.
pub(super) struct Embedded(Runtime);

impl Embedded {
    pub(super) fn new() -> Self {
        Self(Runtime::new().expect("a runtime"))
    }
}

impl Driver for Embedded {
    fn name(&self) -> &'static str {
        "embedded"
    }

    fn run(&self, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
        let folder = Folder::new(&format!("conformance-{}", case.name));
        let options = Options {
            journal: folder.path().join("journal"),
            environment: case.environment(&stage.url),
            egress: Egress::allow_private(),
            gates: Gates::default(),
        };
        let ran = self.0.block_on(async {
            let engine = Engine::open(options, Executors::standard()).map_err(|error| error.to_string())?;
            let ran = run(&engine, case, stage).await;
            engine.shut_down().await;
            ran
        });
        // What is left is only in the way of the next time, which removes it as well.
        let _ = std::fs::remove_dir_all(folder.path());
        ran
    }
}

async fn run(engine: &Engine, case: &Case, stage: &Arc<Stage>) -> Result<Ran, String> {
    let told = |error: EngineError| error.to_string();
    let id = case.name.clone();
    let accepted = engine.start(case.plan(), case.input.clone(), Some(id.clone())).await.map_err(told)?;
    let Accepted::Driven(run) = accepted else { return Err("a run of its id is there".to_owned()) };
    let outside = tokio::task::spawn_blocking({
        let (engine, id, stage) = (engine.clone(), id.clone(), Arc::clone(stage));
        let happenings = case.happenings.clone();
        move || happen(&engine, &id, &stage, happenings)
    });
    let ended = tokio::time::timeout(PATIENCE, ended(engine, run)).await;
    stage.close();
    outside.await.map_err(|error| error.to_string())?.map_err(told)?;
    ended.map_err(|_| "it doesn't end".to_owned())?.map_err(told)?;
    let story = story(engine.journal(), &id).await.map_err(told)?;
    let outcome = story.outcome.ok_or("it has no outcome")?;
    Ok(Ran { outcome, trace: story.trace })
}

/// Waits for a run, and for those that it left alone.
async fn ended(engine: &Engine, run: Run) -> Result<(), EngineError> {
    run.outcome().await;
    for info in engine.journal().open_runs().await? {
        if let Accepted::Driven(run) = engine.resume(&info.id, false).await? {
            run.outcome().await;
        }
    }
    Ok(())
}

fn happen(engine: &Engine, id: &str, stage: &Stage, happenings: Vec<Happening>) -> Result<(), EngineError> {
    for Happening { causes, what } in happenings {
        if !stage.wait_for(&causes) {
            break;
        }
        let stored = Handle::current().block_on(async {
            match what.clone() {
                Touch::Signal(signal) => engine.signal(id, signal).await,
                Touch::Cancel => engine.cancel(id).await,
            }
        });
        match stored {
            // It was turned away at once, which changes nothing for the run.
            Ok(_) | Err(EngineError::InvalidSignal(_)) => stage.happened(what.cause()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
