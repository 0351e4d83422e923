use std::io::Write;
use std::process::ExitCode;

use super::arguments::ListArguments;
use super::client;
use crate::cli::failure::Failure;
use crate::cli::running::runs_text;

/// `citadel list`: the newest first.
pub(super) async fn list(arguments: &ListArguments) -> Result<ExitCode, Failure> {
    let client = client::connected(&arguments.server).await?;
    let runs = client.list(&arguments.filter, arguments.limit).await?;
    let text = runs_text(&runs, arguments.json);
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}
