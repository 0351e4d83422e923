use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::engine::machine::Status;

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
    /// There is no folder to make the journal's folder in.
    #[error("there is no folder `{}`", path.display())]
    #[diagnostic(help("make it, or name another one"))]
    NoFolder {
        /// The path.
        path: PathBuf,
    },
    /// There is no journal to read.
    #[error("there is no journal at `{}`", .0.display())]
    #[diagnostic(help("a journal is made by the first run"))]
    Missing(PathBuf),
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
    /// A backup never overwrites.
    #[error("there is a file `{}` already", path.display())]
    #[diagnostic(help("name a file that doesn't exist yet"))]
    Occupied {
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
    #[error("there is no run `{0}`")]
    UnknownRun(String),
    /// The run has ended.
    #[error("run `{run}` has ended: {}", .status.word())]
    Ended {
        /// Which.
        run: String,
        /// How.
        status: Status,
    },
    /// A closed status needs a time and an outcome with it, and they need it.
    #[error("run `{run}` can't end without a closed status, a time and an outcome")]
    HalfEnded {
        /// Which.
        run: String,
    },
    /// Another process has taken the run since.
    #[error("the run `{run}` was taken over by another process")]
    Fenced {
        /// Which.
        run: String,
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
        run: String,
        /// Whose.
        owner: String,
    },
    /// A record came from a message that isn't there any more.
    #[error("message {row} of run `{run}` was already taken")]
    MessageGone {
        /// Whose.
        run: String,
        /// Its row.
        row: i64,
    },
    /// What is kept of the run is not what was written.
    #[error("run `{run}` is damaged{}", at_record(*seq))]
    #[diagnostic(help("other runs aren't affected; a backup may hold it whole"))]
    Corrupt {
        /// Which.
        run: String,
        /// The first record that is wrong or missing; none when it is something else of the run.
        seq: Option<u64>,
    },
    /// There was no room on the disk until the journal was closed.
    #[error("the disk is full")]
    #[diagnostic(help("make room; nothing of this was written"))]
    DiskFull,
    /// The disk failed to keep what was written.
    #[error("the disk failed to make the journal durable, so nothing more is done")]
    #[diagnostic(help("look at the disk; what was acknowledged before is in the journal"))]
    NotDurable,
    /// A thread or a task that should read or write isn't there.
    #[error("the journal's thread can't be started: {reason}")]
    Thread {
        /// What the system says.
        reason: String,
    },
    /// The journal was closed before it could answer.
    #[error("the journal is closed")]
    Closed,
}

fn at_record(seq: Option<u64>) -> String {
    seq.map(|seq| format!(" at record {seq}")).unwrap_or_default()
}
