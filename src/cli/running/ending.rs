use std::io::Write;
use std::process::ExitCode;

use super::picture::Picture;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::Story;
use crate::engine::machine::{Outcome, Status};

/// Says how a run ended: its output on standard output, its failure on standard error.
pub(in crate::cli) fn tell(story: &Story, outcome: &Outcome) -> Result<ExitCode, Failure> {
    let Outcome::Failed(failure) = outcome else { return print(&story.about.id, outcome) };
    let drawn = Picture::new(&story.plan).failure(story.workflow, &failure.cause, &std::io::stderr());
    std::io::stderr().lock().write_all(drawn.as_bytes()).map_err(Failure::Output)?;
    Ok(beside(outcome))
}

/// The same, of a run whose plan is not at hand.
pub(in crate::cli) fn print(id: &str, outcome: &Outcome) -> Result<ExitCode, Failure> {
    match outcome {
        Outcome::Completed { output, .. } => {
            let json = output.to_json().map_err(|error| Failure::Defect(error.to_string()))?;
            let mut text =
                serde_json::to_vec_pretty(&json).map_err(|error| Failure::Defect(error.to_string()))?;
            text.push(b'\n');
            std::io::stdout().lock().write_all(&text).map_err(Failure::Output)?;
        }
        Outcome::Failed(failure) => {
            complain(&format!("error[{}]: {}", failure.cause.error, failure.cause.message));
        }
        Outcome::Cancelled { .. } => complain(&format!("the run `{id}` was cancelled")),
    }
    Ok(beside(outcome))
}

/// Tells what else is to know, and gives the exit code. Input that doesn't fit is a mistake of who asked, whoever found
/// it.
fn beside(outcome: &Outcome) -> ExitCode {
    if let Outcome::Failed(failure) = outcome {
        for path in &failure.unknown_effects {
            complain(&format!("nobody knows whether `{path}` took effect"));
        }
    }
    for listed in outcome.failures() {
        complain(&format!("`{}` failed: {}: {}", listed.node, listed.error, listed.message));
    }
    match outcome {
        Outcome::Failed(failure) if failure.cause.error == "InvalidInput" => ExitCode::from(2),
        _ => exit_code(outcome.status()),
    }
}

/// 0 completed, 1 failed, 4 completed with failures, 5 cancelled or terminated, 6 still open.
pub(in crate::cli) fn exit_code(status: Status) -> ExitCode {
    match status {
        Status::Completed => ExitCode::SUCCESS,
        Status::Failed => ExitCode::FAILURE,
        Status::CompletedWithFailures => ExitCode::from(4),
        Status::Cancelled | Status::Terminated => ExitCode::from(5),
        Status::Starting | Status::Running | Status::Parked => ExitCode::from(6),
    }
}
