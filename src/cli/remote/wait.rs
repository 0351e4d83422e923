use std::process::ExitCode;

use super::arguments::RunArguments;
use super::client;
use crate::cli::failure::Failure;
use crate::cli::running::{OPEN, ending, interrupted};
use crate::cli::terminal::complain;
use crate::driver::temporal::{Client, Ending};
use crate::engine::machine::{Outcome, Status};

/// `citadel result RUN`: what `run` prints, when the run is over.
pub(super) async fn result(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    wait(&client::connected(&arguments.server).await?, &arguments.run).await
}

/// Waits for the end of a run, or for whoever interrupts this process, and says how it ended.
pub(super) async fn wait(client: &Client, id: &str) -> Result<ExitCode, Failure> {
    let ended = tokio::select! {
        ended = client.result(id) => ended?,
        () = interrupted() => {
            complain(&format!("the run `{id}` is still open; wait for it with: citadel result {id}"));
            return Ok(ExitCode::from(OPEN));
        }
    };
    let outcome = match ended {
        Ending::Outcome(outcome) => outcome,
        Ending::Terminated(reason) => {
            complain(&format!("the run `{id}` was terminated: {reason}"));
            return Ok(ending::exit_code(Status::Terminated));
        }
    };
    // The picture of a failure needs the plan, which the history has.
    if let Outcome::Failed(_) = &outcome {
        return match client.story(id).await {
            Ok(story) => ending::tell(&story, &outcome),
            Err(_) => ending::print(id, &outcome),
        };
    }
    ending::print(id, &outcome)
}
