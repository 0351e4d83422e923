use std::process::ExitCode;
use std::time::Duration;

use super::arguments::ServeArguments;
use super::drive::interrupted;
use super::home;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::embedded::{Engine, EngineError, now};

/// How often runs are looked for that nobody drives.
const PATROL: Duration = Duration::from_secs(1);

/// How often runs are forgotten that ended long ago.
const PRUNING: Duration = Duration::from_secs(3_600);

/// `citadel serve`: goes on with every open run that nobody drives, until it is asked to end.
pub(super) async fn serve(arguments: &ServeArguments) -> Result<ExitCode, Failure> {
    let telemetry = arguments.means.told.begin()?;
    let engine = home::engine(&arguments.means, true, &telemetry)?;
    let _progress = super::progress::watch(&engine);
    let retention = home::retention()?;
    let served = tokio::select! {
        failure = prune(&engine, retention) => failure.map(|()| ExitCode::SUCCESS),
        failure = patrol(&engine) => failure.map(|()| ExitCode::SUCCESS),
        () = interrupted() => {
            engine.shut_down().await;
            Ok(ExitCode::SUCCESS)
        }
    };
    telemetry.end().await;
    served
}

async fn patrol(engine: &Engine) -> Result<(), Failure> {
    let mut said = std::collections::BTreeSet::new();
    loop {
        let (_, left) = engine.resume_all().await?;
        for (run, error) in left {
            if said.insert(run) {
                complain(&format!("error: {error}"));
            }
        }
        tokio::time::sleep(PATROL).await;
    }
}

async fn prune(engine: &Engine, retention: i64) -> Result<(), Failure> {
    loop {
        let before = now().0.saturating_sub(retention);
        engine.journal().prune(before).await.map_err(EngineError::Journal)?;
        tokio::time::sleep(PRUNING).await;
    }
}
