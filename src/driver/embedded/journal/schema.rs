use rusqlite::{Connection, Row, TransactionBehavior};

use super::connection::fault;
use super::folder::Folder;
use super::{Access, JournalError};

/// Tells a journal from other databases: `CITD`.
const APPLICATION: i32 = 0x4349_5444;

/// What makes each version from the one before it. A version that was released stays as it is.
const MIGRATIONS: [&str; 1] = [TABLES];

/// A record's place is its key, so that a run's records lie together. The header is record 0.
const TABLES: &str = "
CREATE TABLE plans (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    link BLOB NOT NULL
) STRICT;

CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    workflow TEXT NOT NULL,
    plan TEXT NOT NULL,
    parent TEXT,
    started_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    wake_at INTEGER,
    owner TEXT,
    epoch INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    last_link BLOB NOT NULL,
    ended_at INTEGER,
    outcome BLOB,
    end_link BLOB
) STRICT;
CREATE INDEX open_runs ON runs (key) WHERE ended_at IS NULL;
CREATE INDEX runs_by_start ON runs (started_at);
CREATE INDEX children ON runs (parent) WHERE parent IS NOT NULL;

CREATE TABLE records (
    run INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    payload BLOB NOT NULL,
    link BLOB NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
    run INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    record_link BLOB NOT NULL,
    link BLOB NOT NULL
) STRICT;

CREATE TABLE inbox (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL,
    payload BLOB NOT NULL,
    link BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_of ON inbox (run);
";

/// The version of the journal that this program writes.
pub const VERSION: u32 = MIGRATIONS.len() as u32;

/// Brings the database to the version of this program, in one transaction; or, to read, takes it as it is.
pub(super) fn prepare(
    folder: &Folder,
    connection: &mut Connection,
    access: Access,
) -> Result<(), JournalError> {
    let found = version(folder, connection)?;
    match access {
        Access::Read if found == 0 => Err(JournalError::NotAJournal { path: folder.database() }),
        Access::Write if found > VERSION => Err(JournalError::NewerVersion { found, known: VERSION }),
        Access::Write if found < VERSION => migrate(folder, connection),
        _ => Ok(()),
    }
}

/// The version of the journal; 0 when the database is empty.
fn version(folder: &Folder, connection: &Connection) -> Result<u32, JournalError> {
    // One statement, which sees one state: another process may be making the journal.
    const MARKS: &str = "SELECT application_id, (SELECT count(*) FROM sqlite_schema), user_version
                         FROM pragma_application_id, pragma_user_version";
    let read = || {
        let column = |row: &Row<'_>, at| row.get::<_, i64>(at);
        connection.query_row(MARKS, [], |row| Ok((column(row, 0)?, column(row, 1)?, column(row, 2)?)))
    };
    match read().map_err(|error| fault(folder, error))? {
        (_, 0, 0) => Ok(0),
        (application, _, version) if application == i64::from(APPLICATION) => {
            u32::try_from(version).map_err(|_| JournalError::NotAJournal { path: folder.database() })
        }
        _ => Err(JournalError::NotAJournal { path: folder.database() }),
    }
}

fn migrate(folder: &Folder, connection: &mut Connection) -> Result<(), JournalError> {
    let refuse = |error| fault(folder, error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refuse)?;
    // Once more: another process may have been quicker.
    let found = version(folder, &transaction)?;
    let apply = || {
        for migration in MIGRATIONS.iter().skip(found as usize) {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", found.max(VERSION))
    };
    apply().map_err(refuse)?;
    transaction.commit().map_err(refuse)
}
