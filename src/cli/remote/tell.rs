use std::collections::BTreeMap;
use std::process::ExitCode;

use super::arguments::{Server, TerminateArguments};
use super::client;
use super::status::situation;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::Story;
use crate::driver::temporal::TemporalError;
use crate::engine::machine::{Question, Signal};
use crate::value::EcoString;

/// `citadel terminate RUN`.
pub(super) async fn terminate(arguments: &TerminateArguments) -> Result<ExitCode, Failure> {
    let client = client::connected(&arguments.server).await?;
    answered(client.terminate(&arguments.run, &arguments.reason).await)
}

/// `citadel cancel RUN`, of a run on a server.
pub(in crate::cli) async fn cancel(server: &Server, run: &str) -> Result<ExitCode, Failure> {
    answered(client::connected(server).await?.cancel(run).await)
}

/// `citadel signal RUN NAME [JSON]`, of a run on a server. Where a worker answers, a signal that doesn't fit is refused
/// at once; without one it is stored, and turned away when it is read.
pub(in crate::cli) async fn signal(server: &Server, run: &str, signal: &Signal) -> Result<ExitCode, Failure> {
    let client = client::connected(server).await?;
    match client.check_signal(run, signal).await {
        Ok(()) => answered(client.signal(run, signal).await),
        refused => answered(refused),
    }
}

/// The questions of a run on a server that are open.
pub(in crate::cli) async fn questions(
    server: &Server,
    run: &str,
) -> Result<BTreeMap<EcoString, Question>, Failure> {
    let client = client::connected(server).await?;
    let about = client.about(run).await?;
    let (situation, _) = situation(&client, &about).await;
    Ok(situation.map(|situation| situation.questions).unwrap_or_default())
}

/// What happened in a run on a server.
pub(in crate::cli) async fn story(server: &Server, run: &str) -> Result<Story, Failure> {
    Ok(client::connected(server).await?.story(run).await?)
}

/// 0 when it was accepted, 1 when it was refused.
fn answered(answer: Result<(), TemporalError>) -> Result<ExitCode, Failure> {
    match answer {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.is_refusal() => {
            complain(&format!("error: {error}"));
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(error.into()),
    }
}
