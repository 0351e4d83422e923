use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::{Owner, RunId, Status};

/// Why the journal can't do what it was asked.
#[derive(Debug, Error, Diagnostic)]
pub enum JournalError {
    /// A file stands where the folder should be.
    #[error("`{}` is a file, and the journal needs a folder", path.display())]
    #[diagnostic(help("name another folder, or move the file away"))]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// There is no journal to read, or no folder to put one into.
    #[error("there is no `{}`", path.display())]
    #[diagnostic(help("a journal is made by the first run; a folder above it must be there already"))]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// The system doesn't let this process in.
    #[error("`{}` can't be used: permission denied", path.display())]
    #[diagnostic(help("the journal's folder and its files must be readable and writable by this user"))]
    Denied {
        /// The path.
        path: PathBuf,
    },
    /// The file is of another kind.
    #[error("`{}` is not a journal", path.display())]
    #[diagnostic(help("move it away, or name another folder"))]
    NotAJournal {
        /// The path.
        path: PathBuf,
    },
    /// SQLite finds the file broken.
    #[error("`{}` is damaged: {reason}", path.display())]
    #[diagnostic(help(
        "`citadel journal check` says which runs are affected; a backup can be put in its place"
    ))]
    Damaged {
        /// The path.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// A later program has changed the journal's form.
    #[error("the journal has version {found}, and this program writes version {known}")]
    #[diagnostic(help("use the newer program, or only read"))]
    NewerVersion {
        /// The journal's.
        found: u32,
        /// This program's.
        known: u32,
    },
    /// The linked SQLite has a known defect.
    #[error("SQLite is {found}, and the journal needs {needed} or newer")]
    #[diagnostic(help("build the program with its bundled SQLite"))]
    OldSqlite {
        /// What is linked.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// Locks and shared memory can't be relied on there.
    #[error("`{}` lies on a network file system ({kind})", path.display())]
    #[diagnostic(help("put the journal on a local disk"))]
    NetworkFileSystem {
        /// The folder.
        path: PathBuf,
        /// Which.
        kind: String,
    },
    /// The system refuses something.
    #[error("`{}`: {reason}", path.display())]
    Io {
        /// Of which file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// SQLite refuses something.
    #[error("the journal can't be used: {reason}")]
    Sqlite {
        /// What SQLite says.
        reason: String,
    },
    /// It was opened to be read.
    #[error("the journal was opened for reading only")]
    ReadOnly,
    /// There is no run of this id.
    #[error("there is no run `{run}`")]
    UnknownRun {
        /// The id.
        run: RunId,
    },
    /// The run has ended.
    #[error("run `{run}` has ended: {status}")]
    Ended {
        /// Which.
        run: RunId,
        /// How.
        status: Status,
    },
    /// Another process has taken the run since.
    #[error("run `{run}` was taken over: this is epoch {epoch}, and it is in epoch {current}")]
    Fenced {
        /// Which.
        run: RunId,
        /// The epoch that was named.
        epoch: u64,
        /// The run's.
        current: u64,
    },
    /// A live process has the run.
    #[error("run `{run}` is owned by {owner}")]
    #[diagnostic(help("stop that process, or take the run over with `--take-over`"))]
    Owned {
        /// Which.
        run: RunId,
        /// Whose.
        owner: Owner,
    },
    /// A record came from a message that isn't there any more.
    #[error("message {row} of run `{run}` was already taken")]
    MessageGone {
        /// Whose.
        run: RunId,
        /// Its row.
        row: i64,
    },
    /// What is kept of the run is not what was written.
    #[error("run `{run}` is damaged{}", at_record(*seq))]
    #[diagnostic(help("other runs aren't affected; a backup may hold it whole"))]
    Corrupt {
        /// Which.
        run: RunId,
        /// The first record that is wrong or missing; none when it is something else of the run.
        seq: Option<u64>,
    },
    /// There was no room on the disk until the journal was closed.
    #[error("the disk is full")]
    #[diagnostic(help("make room; nothing of this was written"))]
    DiskFull,
    /// The journal was closed before it could answer.
    #[error("the journal is closed")]
    Closed,
}

fn at_record(seq: Option<u64>) -> String {
    seq.map(|seq| format!(" at record {seq}")).unwrap_or_default()
}
