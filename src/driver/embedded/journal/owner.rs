use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::JournalError;

/// A process that drives runs: it holds the lock of a file for as long as it lives, however it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The file's name.
    pub name: String,
    /// What it says: the process's number and machine.
    pub description: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

/// This process's lock.
#[derive(Debug)]
pub(super) struct Lock {
    name: String,
    path: PathBuf,
    /// Locked until it is closed.
    _file: File,
}

impl Lock {
    /// Takes a lock of this process's own, and removes those of processes that are gone.
    pub(super) fn take(folder: &Path) -> Result<Self, JournalError> {
        let error =
            |reason: std::io::Error| JournalError::Folder { path: folder.into(), reason: reason.to_string() };
        std::fs::create_dir_all(folder).map_err(error)?;
        sweep(folder);
        for attempt in 0..1_000 {
            let name = format!("{}-{attempt}-{}", std::process::id(), nanos());
            let path = folder.join(&name);
            let Ok(mut file) = File::options().read(true).write(true).create_new(true).open(&path) else {
                continue;
            };
            file.lock().map_err(error)?;
            write!(file, "process {} on {}", std::process::id(), machine()).map_err(error)?;
            return Ok(Self { name, path, _file: file });
        }
        Err(error(std::io::Error::other("no owner file can be made")))
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The lock is what counts; a file that stays is swept by the next process.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether the owner of that name lives, and what it says of itself.
pub(super) fn living(folder: &Path, name: &str) -> Option<Owner> {
    let mut file = File::open(folder.join(name)).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let mut description = String::new();
            file.read_to_string(&mut description).ok()?;
            Some(Owner { name: name.to_owned(), description })
        }
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| living(folder, name).is_none()) {
            // Another process may sweep at the same time.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn nanos() -> u128 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

fn machine() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "this machine".to_owned() } else { name.trim().to_owned() }
}
