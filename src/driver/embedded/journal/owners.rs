use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::connection::fault;
use super::folder::{Folder, refused};
use super::{JournalError, Owner};

/// This process, as the owner of runs: a file with a lock that ends with the process, however it ends.
#[derive(Debug)]
pub(super) struct OwnLock {
    name: String,
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl OwnLock {
    /// Makes the file of this process. The name comes from SQLite's randomness and is never used twice.
    pub(super) fn take(folder: &Folder, connection: &Connection) -> Result<Self, JournalError> {
        loop {
            let name: String = connection
                .query_row("SELECT lower(hex(randomblob(12)))", [], |row| row.get(0))
                .map_err(|error| fault(folder, error))?;
            if let Some(taken) = Self::take_as(folder, name)? {
                return Ok(taken);
            }
        }
    }

    /// None when another process took the file for a dead one's, before it was locked.
    fn take_as(folder: &Folder, name: String) -> Result<Option<Self>, JournalError> {
        let path = file_of(folder, &name);
        let refuse = |error: std::io::Error| refused(&path, &error);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(refuse)?;
        if file.try_lock().is_err() || !path.exists() {
            return Ok(None);
        }
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        write!(file, "{}\n{host}\n", std::process::id()).map_err(refuse)?;
        Ok(Some(Self { name, path, _file: file }))
    }

    /// What the runs of this process have as their owner.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        // Without the file nobody holds its lock either: a file that stays is removed by the next process.
        let _ = fs::remove_file(&self.path);
    }
}

/// The owner of a name, while it lives.
pub(super) fn living(folder: &Folder, name: &str) -> Option<Owner> {
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut file = plain.then(|| File::open(file_of(folder, name)).ok())??;
    // Shared, so that two who ask at the same time don't take each other for the owner.
    if file.try_lock_shared().is_ok() {
        return None;
    }
    let mut text = String::new();
    // An owner that can't be read is an owner nevertheless.
    let _ = file.read_to_string(&mut text);
    let mut lines = text.lines();
    let pid = lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
    Some(Owner { name: name.to_owned(), pid, host: lines.next().unwrap_or("an unknown host").to_owned() })
}

/// Removes the files of owners that have gone. Says whether one lives.
pub(super) fn sweep(folder: &Folder) -> Result<bool, JournalError> {
    let owners = folder.owners();
    let mut any_living = false;
    for entry in fs::read_dir(&owners).map_err(|error| refused(&owners, &error))? {
        let path = entry.map_err(|error| refused(&owners, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "lock") {
            any_living |= !remove_dead(&path)?;
        }
    }
    Ok(any_living)
}

/// Whether the owner of a file had gone; then its file is gone as well.
fn remove_dead(path: &Path) -> Result<bool, JournalError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        opened => opened.map_err(|error| refused(path, &error))?,
    };
    if file.try_lock_shared().is_err() {
        return Ok(false);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(refused(path, &error)),
        _ => Ok(true),
    }
}

fn file_of(folder: &Folder, name: &str) -> PathBuf {
    folder.owners().join(format!("{name}.lock"))
}
