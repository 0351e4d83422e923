use std::process::ExitCode;

use super::arguments::Remote;
use super::{dev, doctor, list, start, status, tell, wait, worker};
use crate::cli::failure::Failure;

/// Performs a command that serves or asks a Temporal server.
pub(in crate::cli) fn perform(command: Remote) -> Result<ExitCode, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Thread)?;
    let performed = runtime.block_on(async {
        match command {
            Remote::Worker(arguments) => worker::worker(&arguments).await,
            Remote::Start(arguments) => start::start(&arguments).await,
            Remote::Status(arguments) => status::status(&arguments).await,
            Remote::Result(arguments) => wait::result(&arguments).await,
            Remote::Terminate(arguments) => tell::terminate(&arguments).await,
            Remote::Dev(arguments) => dev::dev(&arguments).await,
            Remote::Doctor(arguments) => doctor::doctor(&arguments).await,
            Remote::List(arguments) => list::list(&arguments).await,
        }
    });
    // What still runs has been told to stop, and the server has what it did.
    runtime.shutdown_background();
    performed
}
