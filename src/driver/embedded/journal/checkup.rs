use std::path::Path;

use rusqlite::Connection;

use super::JournalError;
use super::reader::{self, Which};

/// What a look at a whole journal found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many runs there are.
    pub runs: usize,
    /// How many records.
    pub records: u64,
    /// What SQLite says of the file, where it is not well.
    pub file: Vec<String>,
    /// Runs that can't be relied on.
    pub broken: Vec<Broken>,
}

impl Report {
    /// Whether all is well.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.file.is_empty() && self.broken.is_empty()
    }
}

/// A run that can't be relied on.
#[derive(Debug)]
pub struct Broken {
    /// Which.
    pub run: String,
    /// Why.
    pub reason: String,
}

/// Looks at every page and every record.
pub(super) fn check(db: &Connection) -> Result<Report, JournalError> {
    let mut report = Report { file: integrity(db)?, ..Report::default() };
    for (info, _) in reader::runs(db, Which::All)? {
        report.runs += 1;
        match reader::load(db, &info.id, true) {
            Ok(recovered) => report.records += recovered.records.len() as u64,
            Err(error) => report.broken.push(Broken { run: info.id, reason: error.to_string() }),
        }
    }
    Ok(report)
}

fn integrity(db: &Connection) -> Result<Vec<String>, JournalError> {
    let mut statement = db.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    let lines: Result<Vec<String>, _> = lines.collect();
    Ok(lines?.into_iter().filter(|line| line != "ok").collect())
}

/// Copies all into a new file, as it is at this moment.
pub(super) fn backup(db: &Connection, to: &Path) -> Result<(), JournalError> {
    let path = to.to_path_buf();
    if to.exists() {
        return Err(JournalError::Folder { path, reason: "the file exists already".to_owned() });
    }
    let mut copy = Connection::open(to)
        .map_err(|error| JournalError::Folder { path: path.clone(), reason: error.to_string() })?;
    let backup = rusqlite::backup::Backup::new(db, &mut copy)?;
    backup.run_to_completion(1_000, std::time::Duration::ZERO, None)?;
    Ok(())
}
