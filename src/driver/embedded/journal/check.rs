use rusqlite::Connection;

use super::connection::fault;
use super::folder::Folder;
use super::load::{Extent, load};
use super::{Broken, JournalError, Report, inbox};

/// SQLite lists at most so many faults.
const FAULTS: u32 = 100;

/// Verifies every run of a journal, and the file itself.
pub(super) fn check(folder: &Folder, connection: &Connection) -> Result<Report, JournalError> {
    let mut report = Report { file: faults(connection), ..Report::default() };
    for run in ids(connection).map_err(|error| fault(folder, error))? {
        report.runs += 1;
        match load(folder, connection, &run, Extent::All) {
            Ok(recovered) => report.records += recovered.records.len() as u64,
            Err(error @ JournalError::Corrupt { seq, .. }) => {
                report.broken.push(Broken { run, seq, reason: error.to_string() });
                continue;
            }
            // Pruned in the meantime.
            Err(JournalError::UnknownRun(_)) => continue,
            Err(error) => return Err(error),
        }
        if !inbox::is_whole(connection, &run).unwrap_or(false) {
            let reason = format!("a message for run `{run}` is damaged");
            report.broken.push(Broken { run, seq: None, reason });
        }
    }
    Ok(report)
}

/// From the index, so that a run whose own row can't be read is there as well.
fn ids(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT id FROM runs INDEXED BY sqlite_autoindex_runs_1 ORDER BY id")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.collect()
}

/// A check that can't be made is a fault as well.
fn faults(connection: &Connection) -> Vec<String> {
    let read = || {
        let mut statement = connection.prepare(&format!("PRAGMA integrity_check({FAULTS})"))?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    let mut found = read().unwrap_or_else(|error| vec![error.to_string()]);
    found.retain(|line| line != "ok");
    found
}
