use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::JournalError;

/// The version of the journal's form that this program writes.
pub const VERSION: u32 = 1;

/// The oldest SQLite without the bug that can damage a write-ahead log.
const OLDEST_LIBRARY: i32 = 3_051_003;

const TABLES: &str = "
CREATE TABLE plans (hash TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  workflow TEXT NOT NULL,
  status TEXT NOT NULL,
  plan TEXT NOT NULL REFERENCES plans (hash),
  parent TEXT,
  header BLOB NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  wake_at INTEGER,
  owner TEXT,
  epoch INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  sum BLOB NOT NULL,
  outcome BLOB
);
CREATE INDEX runs_open ON runs (key) WHERE ended_at IS NULL;
CREATE INDEX runs_parent ON runs (parent) WHERE parent IS NOT NULL;
CREATE TABLE records (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  payload BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (run, seq)
) WITHOUT ROWID;
CREATE TABLE snapshots (run INTEGER PRIMARY KEY, seq INTEGER NOT NULL, state BLOB NOT NULL);
CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, payload BLOB NOT NULL);
CREATE INDEX inbox_run ON inbox (run);
";

/// Opens the file for the one thread that writes, and brings it to this program's version.
pub(super) fn open_writer(path: &Path) -> Result<Connection, JournalError> {
    check_library()?;
    let db = Connection::open(path).map_err(|error| foreign(path, &error))?;
    settle(&db).map_err(|error| foreign(path, &error))?;
    // Whatever an unclean end left in the log is in the file before anything rests on it.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    migrate(&db, path)?;
    Ok(db)
}

fn settle(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(30))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    // Checkpoints are made apart, so that no commit waits for one.
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Opens the file for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, JournalError> {
    check_library()?;
    if !path.exists() {
        return Err(JournalError::Missing(path.to_path_buf()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|error| foreign(path, &error))?;
    db.busy_timeout(std::time::Duration::from_secs(30))?;
    let version = version(&db).map_err(|error| foreign(path, &error))?;
    if version == 0 {
        return Err(JournalError::NotAJournal {
            path: path.to_path_buf(),
            reason: "it has no version".to_owned(),
        });
    }
    db.pragma_update(None, "query_only", true)?;
    Ok(db)
}

fn check_library() -> Result<(), JournalError> {
    if rusqlite::version_number() >= OLDEST_LIBRARY {
        return Ok(());
    }
    Err(JournalError::OldLibrary { found: rusqlite::version().to_owned() })
}

fn foreign(path: &Path, error: &rusqlite::Error) -> JournalError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => JournalError::Full,
        _ => JournalError::NotAJournal { path: path.to_path_buf(), reason: error.to_string() },
    }
}

/// The version that a file says it has; 0 of a new one.
fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(db: &Connection, path: &Path) -> Result<(), JournalError> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = migrate_to_current(db, path);
    db.execute_batch(if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    migrated
}

fn migrate_to_current(db: &Connection, path: &Path) -> Result<(), JournalError> {
    match version(db).map_err(|error| foreign(path, &error))? {
        VERSION => Ok(()),
        0 => {
            let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            if tables > 0 {
                let reason = "it holds tables of something else".to_owned();
                return Err(JournalError::NotAJournal { path: path.to_path_buf(), reason });
            }
            db.execute_batch(TABLES)?;
            Ok(db.pragma_update(None, "user_version", VERSION)?)
        }
        found => Err(JournalError::Newer { found, known: VERSION }),
    }
}
