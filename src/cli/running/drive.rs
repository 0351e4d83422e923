use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::Means;
use super::ending;
use super::progress::Progress;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::embedded::{Accepted, Engine, Run, story};

/// Still open: interrupted, or only waiting.
pub(in crate::cli) const OPEN: u8 = 6;

/// Waits for the end of a run, or for whoever interrupts it, and says how it ended.
pub(super) async fn drive(
    engine: &Engine,
    accepted: Accepted,
    means: &Means,
    progress: Arc<Progress>,
    until_idle: bool,
) -> Result<ExitCode, Failure> {
    let run = match accepted {
        Accepted::Over(info, outcome) => {
            let story = story(engine.journal(), &info.id).await?;
            return ending::tell(&story, &outcome);
        }
        Accepted::Driven(run) => run,
    };
    let id = run.id.clone();
    progress.begin(&id);
    let left = run.watcher();
    let outcome = tokio::select! {
        outcome = run.outcome() => outcome,
        () = interrupted() => {
            complain("stopping: attempts that run may come to their end (interrupt again to end at once)");
            tokio::spawn(async {
                interrupted().await;
                std::process::exit(i32::from(OPEN));
            });
            engine.shut_down().await;
            return Ok(open(&id, means));
        }
        () = engine.idle(&id), if until_idle => {
            engine.shut_down().await;
            return Ok(open(&id, means));
        }
    };
    match outcome {
        Some(outcome) => {
            let story = story(engine.journal(), &id).await?;
            ending::tell(&story, &outcome)
        }
        None => Err(Failure::Environment(format!("the run `{id}` goes no further here: {}", left.reason()))),
    }
}

/// Says how a run that is not over goes on.
fn open(id: &str, means: &Means) -> ExitCode {
    let mut how = format!("citadel resume {id}");
    if let Some(folder) = &means.place.journal {
        how.push_str(&format!(" --journal {}", folder.display()));
    }
    if means.allow_private_network {
        how.push_str(" --allow-private-network");
    }
    complain(&format!("the run `{id}` is still open; go on with: {how}"));
    ExitCode::from(OPEN)
}

/// Ends when the process is asked to end, at any time from this call on: what comes before the first wait counts too.
pub(in crate::cli) fn interrupted() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

/// Sees why a run goes no further.
pub(super) struct Watcher(Run);

impl Watcher {
    fn reason(&self) -> String {
        self.0.left().unwrap_or_else(|| "it was interrupted".to_owned())
    }
}

impl Run {
    fn watcher(&self) -> Watcher {
        Watcher(self.clone())
    }
}
