use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::JournalError;
use super::error::is_fatal;

/// How many writes may wait; who has more waits with them.
const QUEUE: usize = 4_096;

/// How many writes one commit takes in.
const GROUP: usize = 1_024;

/// How often the writer tries again when the disk is full: at first, and at the most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// A write that waits for its commit. It may be carried out again when the disk was full.
trait Job: Send {
    /// Writes; only a full or failing disk is an error here.
    fn write(&mut self, db: &Connection) -> Result<(), rusqlite::Error>;
    /// Tells who waits, after the commit.
    fn done(self: Box<Self>);
}

struct Write<T, F> {
    work: F,
    result: Option<Result<T, JournalError>>,
    reply: oneshot::Sender<Result<T, JournalError>>,
}

/// Why a write was not made.
pub(super) enum Refusal {
    /// It can't be, whatever the disk does.
    Journal(JournalError),
    /// The database failed.
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<JournalError> for Refusal {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl<T: Send, F: FnMut(&Connection) -> Result<T, Refusal> + Send> Job for Write<T, F> {
    fn write(&mut self, db: &Connection) -> Result<(), rusqlite::Error> {
        db.prepare_cached("SAVEPOINT job")?.execute([])?;
        let outcome = (self.work)(db);
        let end = if outcome.is_ok() { "RELEASE job" } else { "ROLLBACK TO job" };
        let result = match outcome {
            Ok(value) => Ok(value),
            Err(Refusal::Journal(error)) => Err(error),
            Err(Refusal::Database(error)) if is_of_disk(&error) => return Err(error),
            Err(Refusal::Database(error)) => Err(error.into()),
        };
        db.prepare_cached(end)?.execute([])?;
        if result.is_err() {
            db.prepare_cached("RELEASE job")?.execute([])?;
        }
        self.result = Some(result);
        Ok(())
    }

    fn done(self: Box<Self>) {
        // Who asked may have gone.
        let _ = self.reply.send(self.result.unwrap_or(Err(JournalError::Closed)));
    }
}

fn is_of_disk(error: &rusqlite::Error) -> bool {
    is_fatal(error) || error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
}

/// The one thread that writes.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    is_full: Arc<AtomicBool>,
}

impl std::fmt::Debug for dyn Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a write")
    }
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(db: Connection) -> Result<(Self, std::thread::JoinHandle<()>), JournalError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let is_full = Arc::new(AtomicBool::new(false));
        let health = Arc::clone(&is_full);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(&db, jobs, &health))
            .map_err(|error| JournalError::Storage(error.to_string()))?;
        Ok((Self { queue, is_full }, thread))
    }

    /// Whether the disk has no room.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Writes, and answers when that is durable.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Write { work, result: None, reply });
        self.queue.send(job).await.map_err(|_| JournalError::Closed)?;
        answer.await.map_err(|_| JournalError::Closed)?
    }
}

fn write_all(db: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>, is_full: &AtomicBool) {
    let mut group: Vec<Box<dyn Job>> = Vec::new();
    while let Some(job) = jobs.blocking_recv() {
        group.push(job);
        while group.len() < GROUP {
            let Ok(job) = jobs.try_recv() else { break };
            group.push(job);
        }
        commit_when_there_is_room(db, &mut group, is_full);
        group.drain(..).for_each(Job::done);
    }
}

/// Commits a group, however often that takes: what has finished is not given up for want of room.
fn commit_when_there_is_room(db: &Connection, group: &mut [Box<dyn Job>], is_full: &AtomicBool) {
    let (mut pause, longest) = PAUSES;
    loop {
        match commit(db, group) {
            Ok(()) => return is_full.store(false, Ordering::Relaxed),
            // What the disk holds is unknown now, and would not be known after another try.
            Err(error) if is_fatal(&error) => fail(&error),
            Err(_) => is_full.store(true, Ordering::Relaxed),
        }
        // A transaction that has failed may have ended itself.
        let _ = db.execute_batch("ROLLBACK");
        std::thread::sleep(pause);
        pause = longest.min(pause * 2);
    }
}

fn commit(db: &Connection, group: &mut [Box<dyn Job>]) -> rusqlite::Result<()> {
    db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for job in group {
        job.write(db)?;
    }
    db.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Ends the process: a failed write or fsync may have lost what was acknowledged, and only a new process, which reads
/// what is really there, can tell.
fn fail(error: &rusqlite::Error) -> ! {
    use std::io::Write as _;
    let _ = writeln!(
        std::io::stderr(),
        "citadel: the journal could not be written ({error}); the process ends here"
    );
    std::process::exit(3)
}
