use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use super::folder::Folder;
use super::{Access, JournalError};

/// Older ones can break a database in this mode.
const OLDEST: (i32, &str) = (3_051_003, "3.51.3");
/// How long one process waits for another's commit before it is an error.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits before it asks again for what SQLite itself doesn't wait for.
const PAUSE: Duration = Duration::from_millis(5);
/// What is left of a log that had grown beyond it.
const LOG_KEPT: i64 = 64 << 20;

/// A connection to the database of a folder, set up as all are.
pub(super) fn open(folder: &Folder, access: Access) -> Result<Connection, JournalError> {
    expect_version()?;
    let flags = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connect = || {
        let connection = Connection::open_with_flags(folder.database(), flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(64);
        set_up(&connection, access)?;
        Ok(connection)
    };
    connect().map_err(|error| fault(folder, error))
}

/// `synchronous` stands for every connection, as each may come to sync the log.
fn set_up(connection: &Connection, access: Access) -> rusqlite::Result<()> {
    if access == Access::Write {
        keep_a_log(connection)?;
        connection.pragma_update_and_check(None, "journal_size_limit", LOG_KEPT, |_| Ok(()))?;
    }
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA cell_size_check = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16000;",
    )
}

/// Turns the write-ahead log on. Of several processes that do so in a new folder at once SQLite refuses all but one
/// without waiting, as each reads before it writes: the others ask again, by when there is a log.
fn keep_a_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut left = PATIENCE;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error) if is_busy(&error) && !left.is_zero() => {
                std::thread::sleep(PAUSE);
                left = left.saturating_sub(PAUSE);
            }
            done => return done,
        }
    }
}

fn expect_version() -> Result<(), JournalError> {
    let (number, needed) = OLDEST;
    if rusqlite::version_number() >= number {
        return Ok(());
    }
    Err(JournalError::OldSqlite { found: rusqlite::version().to_owned(), needed })
}

/// What an error of SQLite means for a journal.
pub(super) fn fault(folder: &Folder, error: rusqlite::Error) -> JournalError {
    let path = folder.database();
    if is_lost_sync(&error) {
        return JournalError::NotDurable;
    }
    let reason = reason(&error);
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => JournalError::NotAJournal { path },
        Some(ErrorCode::DatabaseCorrupt) => JournalError::Damaged { path, reason },
        Some(ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => JournalError::Denied { path },
        Some(ErrorCode::DiskFull) => JournalError::DiskFull,
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => JournalError::Io { path, reason },
        _ => JournalError::Sqlite { reason },
    }
}

/// Whether the disk failed to make data durable. What is on it is then unknown, and asking once more would be
/// answered with a lie: the system has dropped what it couldn't write.
pub(super) fn is_lost_sync(error: &rusqlite::Error) -> bool {
    let lost = [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC];
    error.sqlite_error().is_some_and(|error| lost.contains(&error.extended_code))
}

/// Whether the error may go away by itself: no room, a failed write (nothing of which counts before its sync), or
/// another process that holds the journal.
pub(super) fn is_passing(error: &rusqlite::Error) -> bool {
    let full = [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_SHMMAP];
    error.sqlite_error().is_some_and(|error| {
        matches!(error.code, ErrorCode::DiskFull | ErrorCode::DatabaseBusy)
            || full.contains(&error.extended_code)
    })
}

/// Whether another process holds the journal.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn reason(error: &rusqlite::Error) -> String {
    let said = match error {
        rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
        other => other.to_string(),
    };
    said.lines().next().unwrap_or_default().to_lowercase()
}
