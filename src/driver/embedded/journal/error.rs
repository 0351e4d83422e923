use std::path::PathBuf;

use thiserror::Error;

/// Why the journal can't do what it was asked.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The folder can't be used.
    #[error("the journal's folder {} can't be used: {reason}", .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no journal.
    #[error("there is no journal at {}", .0.display())]
    Missing(PathBuf),
    /// SQLite takes no locks that hold there.
    #[error("{} is on a network file system, where a journal isn't safe: choose a local folder", .0.display())]
    NetworkFileSystem(PathBuf),
    /// The file is something else.
    #[error("{} is not a journal: {reason}", .path.display())]
    NotAJournal {
        /// Which.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// A newer program wrote it.
    #[error("the journal has version {found}, and this program writes version {known}: it can only be read")]
    Newer {
        /// The journal's.
        found: u32,
        /// This program's.
        known: u32,
    },
    /// The journal was opened for reading.
    #[error("the journal was opened for reading only")]
    ReadOnly,
    /// There is no such run.
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    /// Another process drives the run.
    #[error("the run `{run}` is driven by {owner}")]
    Owned {
        /// Which.
        run: String,
        /// By whom.
        owner: String,
    },
    /// Another process has taken the run over.
    #[error("the run `{0}` was taken over by another process")]
    Fenced(String),
    /// What is recorded was changed.
    #[error("record {seq} of the run `{run}` is damaged")]
    Corrupt {
        /// Which run.
        run: String,
        /// Which of its records.
        seq: u64,
    },
    /// There is no room.
    #[error("the disk is full")]
    Full,
    /// The library that keeps the file is too old.
    #[error("SQLite {found} has a bug that can damage a journal: 3.51.3 or newer is needed")]
    OldLibrary {
        /// What is there.
        found: String,
    },
    /// The file could not be read or written.
    #[error("the journal failed: {0}")]
    Storage(String),
    /// The writer is gone.
    #[error("the journal is closed")]
    Closed,
}

impl From<rusqlite::Error> for JournalError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Storage(error.to_string()),
        }
    }
}

/// Whether the disk refused to keep what was written, so that nobody knows what it holds.
pub(super) fn is_fatal(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::SystemIoFailure)
}
