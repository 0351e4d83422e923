use std::process::ExitCode;

use super::arguments::ResumeArguments;
use super::drive::drive;
use super::home;
use crate::cli::failure::Failure;

/// `citadel resume RUN`: as `run`; the output of a run that is over is printed again.
pub(super) async fn resume(arguments: &ResumeArguments) -> Result<ExitCode, Failure> {
    let telemetry = arguments.means.told.begin()?;
    let engine = home::engine(&arguments.means, false, &telemetry)?;
    let progress = super::progress::watch(&engine);
    let accepted = engine.resume(&arguments.run, arguments.take_over).await?;
    let driven = drive(&engine, accepted, &arguments.means, progress, arguments.until_idle).await;
    telemetry.end().await;
    driven
}
