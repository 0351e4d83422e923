use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::{Error, SQLITE_BUSY};

use super::JournalError;
use super::connection::fault;
use super::folder::{Folder, refused, sync_entry};

/// Copies a journal, as it is at one moment, into a file that isn't there yet; writers go on meanwhile.
pub(super) fn back_up(folder: &Folder, from: &Connection, to: &Path) -> Result<(), JournalError> {
    if to.exists() {
        return Err(JournalError::Occupied { path: to.to_owned() });
    }
    let partial = partial_of(to);
    let copied = fill(folder, from, &partial);
    if copied.is_err() {
        // What is there is of no use; when it can't be removed, the next one writes over it.
        let _ = fs::remove_file(&partial);
        return copied;
    }
    fs::rename(&partial, to).map_err(|error| refused(to, &error))?;
    sync_entry(to)
}

/// The file has its name only once it is whole.
fn partial_of(to: &Path) -> PathBuf {
    let mut name: OsString = to.into();
    name.push(".partial");
    name.into()
}

fn fill(folder: &Folder, from: &Connection, partial: &Path) -> Result<(), JournalError> {
    let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(partial);
    drop(made.map_err(|error| refused(partial, &error))?);
    copy(from, partial).map_err(|error| fault(folder, error))?;
    File::open(partial).and_then(|file| file.sync_all()).map_err(|_| JournalError::NotDurable)
}

/// In one step, which sees one moment.
fn copy(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut target = Connection::open(to)?;
    if Backup::new(from, &mut target)?.step(-1)? != StepResult::Done {
        return Err(rusqlite::Error::SqliteFailure(Error::new(SQLITE_BUSY), None));
    }
    target.close().map_err(|(_, error)| error)
}
