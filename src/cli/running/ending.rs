use std::io::Write;
use std::process::ExitCode;

use super::picture::Picture;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::Story;
use crate::engine::machine::{Outcome, Status};

/// Says how a run ended: its output on standard output, its failure on standard error.
pub(super) fn tell(story: &Story, outcome: &Outcome) -> Result<ExitCode, Failure> {
    match outcome {
        Outcome::Completed { output, .. } => {
            let json = output.to_json().map_err(|error| Failure::Defect(error.to_string()))?;
            let mut text =
                serde_json::to_vec_pretty(&json).map_err(|error| Failure::Defect(error.to_string()))?;
            text.push(b'\n');
            std::io::stdout().lock().write_all(&text).map_err(Failure::Output)?;
        }
        Outcome::Failed(failure) => {
            eprint(&Picture::new(&story.plan).failure(story.workflow, &failure.cause, &std::io::stderr()))?;
            for path in &failure.unknown_effects {
                complain(&format!("nobody knows whether `{path}` took effect"));
            }
        }
        Outcome::Cancelled { .. } => complain(&format!("the run `{}` was cancelled", story.about.id)),
    }
    for listed in outcome.failures() {
        complain(&format!("`{}` failed: {}: {}", listed.node, listed.error, listed.message));
    }
    Ok(exit_code(outcome.status()))
}

fn eprint(text: &str) -> Result<(), Failure> {
    std::io::stderr().lock().write_all(text.as_bytes()).map_err(Failure::Output)
}

/// 0 completed, 1 failed, 4 completed with failures, 5 cancelled or terminated, 6 still open.
pub(super) fn exit_code(status: Status) -> ExitCode {
    match status {
        Status::Completed => ExitCode::SUCCESS,
        Status::Failed => ExitCode::FAILURE,
        Status::CompletedWithFailures => ExitCode::from(4),
        Status::Cancelled | Status::Terminated => ExitCode::from(5),
        Status::Starting | Status::Running | Status::Parked => ExitCode::from(6),
    }
}
