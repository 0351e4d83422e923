use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::{CancelArguments, Means, SignalArguments};
use super::drive::drive;
use super::{home, input};
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::embedded::EngineError;
use crate::engine::machine::Signal;

/// `citadel signal RUN NAME [JSON]`: 0 when it is stored, 1 when it is refused.
pub(super) async fn signal(arguments: &SignalArguments) -> Result<ExitCode, Failure> {
    let payload = input::json(&arguments.payload, "what comes with the signal")?;
    let correlation = arguments.correlate.as_deref().map(Into::into);
    let signal = Signal { name: arguments.name.as_str().into(), payload, correlation };
    #[cfg(feature = "temporal")]
    if super::elsewhere::is_elsewhere(&arguments.place, &arguments.server, &arguments.run).await? {
        return crate::cli::remote::signal(&arguments.server, &arguments.run, &signal).await;
    }
    let means = Means::at(&arguments.place);
    let engine = home::engine(&means, false, &Arc::default())?;
    match engine.signal(&arguments.run, signal).await {
        Ok(info) if info.owner.is_some() => Ok(ExitCode::SUCCESS),
        Ok(info) => {
            complain(&format!("the signal is stored until `citadel resume {}`", info.id));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => refused(error),
    }
}

pub(super) fn refused(error: EngineError) -> Result<ExitCode, Failure> {
    match error {
        EngineError::Closed(_) | EngineError::InvalidSignal(_) | EngineError::UnknownRun(_) => {
            complain(&format!("error: {error}"));
            Ok(ExitCode::FAILURE)
        }
        other => Err(other.into()),
    }
}

/// `citadel cancel RUN`: 0 when it is stored, 1 when it is refused. A run that nobody drives is driven to its end.
pub(super) async fn cancel(arguments: &CancelArguments) -> Result<ExitCode, Failure> {
    #[cfg(feature = "temporal")]
    if let Some(ended) = cancel_elsewhere(arguments).await? {
        return Ok(ended);
    }
    let telemetry = arguments.means.told.begin()?;
    let engine = home::engine(&arguments.means, false, &telemetry)?;
    let info = match engine.cancel(&arguments.run).await {
        Ok(info) => info,
        Err(error) => return refused(error),
    };
    if info.owner.is_some() {
        return Ok(ExitCode::SUCCESS);
    }
    let progress = super::progress::watch(&engine);
    let accepted = match engine.resume(&arguments.run, false).await {
        // Somebody else was faster, and takes the message in.
        Err(EngineError::Owned { .. }) => return Ok(ExitCode::SUCCESS),
        accepted => accepted?,
    };
    drive(&engine, accepted, &arguments.means, progress, false).await?;
    telemetry.end().await;
    Ok(ExitCode::SUCCESS)
}

/// Cancels a run on a Temporal server, if that is where it is.
#[cfg(feature = "temporal")]
async fn cancel_elsewhere(arguments: &CancelArguments) -> Result<Option<ExitCode>, Failure> {
    use crate::cli::remote::{self, Server};
    let CancelArguments { run, means, server } = arguments;
    let server = Server { flags: server.clone(), profile: means.profile.clone() };
    if !super::elsewhere::is_elsewhere(&means.place, &server, run).await? {
        return Ok(None);
    }
    remote::cancel(&server, run).await.map(Some)
}
