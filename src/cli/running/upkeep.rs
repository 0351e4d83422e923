use std::process::ExitCode;

use super::arguments::{JournalArguments, JournalCommand, Place};
use super::home;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::embedded::EngineError;
use crate::value::Duration;

/// A time such as `30d`, in milliseconds.
pub(super) fn millis(text: &str) -> Result<i64, Failure> {
    let time = Duration::parse(text)
        .map_err(|_| Failure::Usage(format!("`{text}` is no time: write it as `30d` or `12h`")))?;
    Ok(i64::try_from(time.as_nanos() / 1_000_000).unwrap_or(i64::MAX))
}

/// `citadel runs prune`: forgets runs that ended long ago.
pub(super) async fn prune(older_than: &str, place: &Place) -> Result<ExitCode, Failure> {
    let age = millis(older_than)?;
    let journal = home::write(place)?;
    let before = crate::driver::embedded::now().0.saturating_sub(age);
    let pruned = journal.prune(before).await.map_err(EngineError::Journal)?;
    complain(&format!("forgot {pruned} run{}", if pruned == 1 { "" } else { "s" }));
    Ok(ExitCode::SUCCESS)
}

/// `citadel journal check | backup`
pub(super) async fn journal(arguments: &JournalArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        JournalCommand::Check { place } => check(place).await,
        JournalCommand::Backup { to, place } => {
            home::read(place)?.backup(to).await.map_err(EngineError::Journal)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn check(place: &Place) -> Result<ExitCode, Failure> {
    let report = home::read(place)?.check().await.map_err(EngineError::Journal)?;
    for line in &report.file {
        complain(&format!("error: {line}"));
    }
    for broken in &report.broken {
        complain(&format!("error: {}", broken.reason));
    }
    complain(&format!("checked {} runs with {} records", report.runs, report.records));
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
