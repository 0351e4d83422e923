use std::process::ExitCode;

use super::arguments::{CheckArguments, Deny};
use super::failure::Failure;
use super::find::jobs;
use super::report::{print, summary};
use super::terminal::complain;
use crate::compile::{self, Compilation};
use crate::diagnostic::Severity;

/// `citadel check`: 0 where nothing stands against the files, 1 where something does, 3 where one can't be had.
pub(super) fn check(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let jobs = jobs(&arguments.paths)?;
    if jobs.is_empty() {
        return Err(Failure::Usage("there are no .citadel files here".to_owned()));
    }
    let compilations: Vec<Compilation> =
        jobs.iter().map(|job| compile::check(&job.disk, &job.files)).collect();
    print(&compilations, arguments.format, std::io::stdout().lock()).map_err(Failure::Output)?;
    let unreadable = compilations.iter().flat_map(|compilation| &compilation.unreadable);
    let missing = unreadable.map(|file| complain(&format!("error: {file}"))).count();
    if compilations.iter().any(|compilation| compilation.files > 0) {
        complain(&summary(&compilations));
    }
    let count = |severity| compilations.iter().map(|compilation| compilation.count(severity)).sum::<usize>();
    let denied = arguments.deny == Some(Deny::Warnings) && count(Severity::Warning) > 0;
    Ok(match (missing, count(Severity::Error)) {
        (1.., _) => ExitCode::from(3),
        (0, 0) if !denied => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
