use std::io::Write;
use std::process::ExitCode;

use super::arguments::{Db, InitArguments};
use crate::cli::config::project;
use crate::cli::failure::Failure;
use crate::nodes::{Egress, NodeError, prepare_database};

/// Performs a command about databases.
pub(in crate::cli) fn perform(command: &Db) -> Result<ExitCode, Failure> {
    let Db::Init(arguments) = command;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Thread)?;
    let initialised = runtime.block_on(init(arguments));
    runtime.shutdown_background();
    initialised
}

/// `citadel db init`: as often as one likes.
async fn init(arguments: &InitArguments) -> Result<ExitCode, Failure> {
    let connection = connection(&arguments.connection)?;
    let egress =
        if arguments.allow_private_network { Egress::allow_private() } else { Egress::deny_private() };
    let table = prepare_database(&connection, &project()?, &egress).await.map_err(failed)?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "the table `{table}` is there; keys older than 90 days are forgotten")
        .map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// An address, or what a variable holds. Every address has a colon, no variable's name has one.
fn connection(given: &str) -> Result<String, Failure> {
    if given.contains(':') {
        return Ok(given.to_owned());
    }
    std::env::var(given)
        .map_err(|_| Failure::Environment(format!("the environment variable {given} is not set")))
}

fn failed(error: NodeError) -> Failure {
    match error.name.as_str() {
        "InvalidUrl" | "EgressDenied" => Failure::Usage(error.message),
        _ => Failure::Environment(error.message),
    }
}
