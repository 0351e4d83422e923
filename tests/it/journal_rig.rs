//! What the tests of the journal share: folders, runs, and a second process.

use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use citadel::driver::embedded::journal::{Access, Created, Journal, JournalError, NewRun, Record, RunChange};
use citadel::engine::machine::Status;

/// A folder of a test's own, which goes with it.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a new folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a journal goes.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join(".citadel")
    }

    pub(crate) fn open(&self) -> Journal {
        Journal::open(&self.journal(), Access::Write).expect("a journal")
    }

    /// A second connection that knows nothing of journals.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.journal().join("journal.db")).expect("a database")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(future)
}

pub(crate) fn new_run(id: &str) -> NewRun {
    NewRun {
        id: id.to_owned(),
        workflow: "order".to_owned(),
        plan_hash: "plan-1".to_owned(),
        plan: b"the plan".as_slice().into(),
        header: format!("the header of {id}").into_bytes(),
        parent: None,
        started_at: 1_000,
        records: Vec::new(),
    }
}

pub(crate) fn record(text: &str) -> Record {
    Record { kind: 7, at: 1_234, payload: text.as_bytes().to_vec(), consumes: None }
}

pub(crate) fn nothing() -> RunChange {
    RunChange::default()
}

pub(crate) fn end(at: i64) -> RunChange {
    RunChange { status: Some(Status::Completed), wake_at: None, ended: Some((at, b"done".to_vec())) }
}

/// Begins a run that isn't there.
pub(crate) async fn begin(journal: &Journal, id: &str) -> u64 {
    match journal.create(new_run(id)).await {
        Ok(Created::New(epoch)) => epoch,
        other => panic!("{id} should be new: {other:?}"),
    }
}

pub(crate) async fn append(
    journal: &Journal,
    id: &str,
    epoch: u64,
    texts: &[&str],
) -> Result<(), JournalError> {
    journal.append(id, epoch, texts.iter().map(|text| record(text)).collect(), nothing()).await
}

/// The records of a run as texts.
pub(crate) async fn texts(journal: &Journal, id: &str) -> Result<Vec<String>, JournalError> {
    let recovered = journal.load(id, true).await?;
    Ok(recovered.records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect())
}

/// Another process with a journal, which says what it has done.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Process {
    /// Starts this very program, as one of the parts of `journal_process`.
    pub(crate) fn start(part: &str, folder: &Path, disk: Option<&Path>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .args(["journal_process::part", "--exact", "--ignored", "--nocapture", "--test-threads=1"])
            .env("JOURNAL_PART", part)
            .env("JOURNAL_FOLDER", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(disk) = disk {
            command.env("DISK_SHIM", disk).env("LD_PRELOAD", disk.join("disk.so"));
        }
        let mut child = command.spawn().expect("this program starts");
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { input: child.stdin.take(), child, output }
    }

    /// What it says next; none at its end.
    pub(crate) fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line).expect("text") > 0 {
            // The harness may have begun the line.
            if let Some((_, said)) = line.trim_end().split_once('@') {
                return Some(said.to_owned());
            }
            line.clear();
        }
        None
    }

    /// Lets it go on.
    pub(crate) fn go(&mut self) {
        let input = self.input.as_mut().expect("it listens");
        input.write_all(b"go\n").expect("it listens");
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn ended(mut self) -> ExitStatus {
        self.input = None;
        self.child.wait().expect("it ends")
    }
}

/// Builds the disk that fails into a folder; it does nothing until it is told to.
pub(crate) fn disk(scratch: &Scratch) -> PathBuf {
    let folder = scratch.path().join("disk");
    fs::create_dir_all(&folder).expect("a folder");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .arg(folder.join("disk.so"))
        .arg(crate::tree::path("tests/shim/disk.c"))
        .args(["-lpthread"])
        .status();
    assert!(built.expect("a C compiler").success(), "the shim is built");
    folder
}
