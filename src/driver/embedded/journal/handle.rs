use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::append::Append;
use super::checkpoint::{self, Checkpoints};
use super::claim::Claim;
use super::connection::{self, fault};
use super::create::Create;
use super::folder::Folder;
use super::job::Change;
use super::keep::KeepSnapshot;
use super::ledger::Ledger;
use super::load::{Extent, load};
use super::owners::{self, OwnLock};
use super::post::Post;
use super::prune::Prune;
use super::queue::Queue;
use super::readers::Readers;
use super::release::Release;
use super::watch::Watch;
use super::writer::Signals;
use super::{
    Access, Ack, Created, Health, JournalError, Message, NewRun, Options, Posted, Record, Recovered, Report,
    RunChange, RunInfo, backup, check, inbox, info, schema,
};

/// The runs of a folder, their records and their messages. Cheap to clone; several processes may have it open.
///
/// What is written is durable when it is acknowledged: the writer commits all that is queued at once, without
/// waiting for more, with the disk's word for it. Each run belongs to one process at a time, in an epoch that every
/// write names; a write of an older epoch is refused. When the last clone goes, what is queued is written first.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    readers: Readers,
    watch: Watch,
    /// None when it is only read.
    writing: Option<Writing>,
}

#[derive(Debug)]
struct Writing {
    queue: Queue,
    /// This process, as an owner of runs.
    owner: String,
}

impl Journal {
    /// Opens the journal of a folder; to write, makes it when there is none.
    ///
    /// # Errors
    /// When there is something else in its place, it is damaged as a whole, this process may not use it, a newer
    /// program has changed its form (to write), there is none (to read), or it lies on a network file system.
    pub fn open(path: &Path, access: Access) -> Result<Self, JournalError> {
        Self::open_with(path, access, Options::default())
    }

    /// The same, with other than the usual options.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: &Path, access: Access, options: Options) -> Result<Self, JournalError> {
        let opened = Shared::open(path, access, &options);
        if matches!(opened, Err(JournalError::NotDurable)) {
            (options.fatal)(&JournalError::NotDurable.to_string());
        }
        opened.map(|shared| Self { shared: Arc::new(shared) })
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.shared.readers.folder().path()
    }

    /// Begins a run, owned by this process; or gives back the run that has its id.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn create(&self, run: NewRun) -> Result<Created, JournalError> {
        self.write(Create { run }).await
    }

    /// Appends records to a run, in the order of calls; their places follow each other. They, the change and the
    /// messages that they consume are one: all of it is written or nothing.
    ///
    /// It never waits, so that what has happened can always be told; only what is unacknowledged waits in memory.
    /// The acknowledgement says [`JournalError::Fenced`] when the run is in another epoch.
    pub fn append(&self, run: &str, epoch: u64, records: Vec<Record>, change: RunChange) -> Ack {
        let append = Append { run: run.to_owned(), epoch, records, change };
        Ack::new(self.queue().and_then(|queue| queue.put(append)))
    }

    /// A run with its newest snapshot and the records after it; or, with `all`, with all of its records and none.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] when any of it isn't what was written; other runs aren't affected.
    pub async fn load(&self, run: &str, all: bool) -> Result<Recovered, JournalError> {
        let run = run.to_owned();
        let extent = if all { Extent::All } else { Extent::AfterSnapshot };
        self.read(move |folder, connection| load(folder, connection, &run, extent)).await
    }

    /// Takes an open run for this process, and gives the epoch in which it has it. A run that another living process
    /// owns is taken only by a take-over. One that was parked is running again.
    ///
    /// # Errors
    /// [`JournalError::Owned`] when it has another, [`JournalError::Ended`] when it isn't open.
    pub async fn claim(&self, run: &str, take_over: bool) -> Result<u64, JournalError> {
        self.write(Claim { run: run.to_owned(), take_over }).await
    }

    /// Gives a run up, so that any process may claim it.
    ///
    /// # Errors
    /// When there is no such run, or the journal can't be written.
    pub async fn release(&self, run: &str, epoch: u64) -> Result<(), JournalError> {
        self.write(Release { run: run.to_owned(), epoch }).await
    }

    /// The runs that haven't ended, newest first; those whose entry is damaged are left out.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn open_runs(&self) -> Result<Vec<RunInfo>, JournalError> {
        self.read(info::open).await
    }

    /// All runs, newest first; those whose entry is damaged are left out.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn runs(&self) -> Result<Vec<RunInfo>, JournalError> {
        self.read(info::all).await
    }

    /// A run; none when there is none of this id.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] when its entry isn't what was written.
    pub async fn info(&self, run: &str) -> Result<Option<RunInfo>, JournalError> {
        let run = run.to_owned();
        self.read(move |folder, connection| info::one(folder, connection, &run)).await
    }

    /// Keeps the state of a run after its record `seq`, which must be durable. Loads begin there; the records stay.
    ///
    /// # Errors
    /// [`JournalError::Fenced`] when the run is in another epoch.
    pub async fn snapshot(
        &self,
        run: &str,
        epoch: u64,
        seq: u64,
        bytes: Vec<u8>,
    ) -> Result<(), JournalError> {
        self.write(KeepSnapshot { run: run.to_owned(), epoch, seq, bytes }).await
    }

    /// Leaves a message for an open run, whichever process owns it.
    ///
    /// # Errors
    /// When there is no such run, or it has ended.
    pub async fn post(&self, run: &str, message: Message) -> Result<(), JournalError> {
        self.write(Post { run: run.to_owned(), message }).await
    }

    /// The messages that wait for the runs of this process, oldest first. They wait until a record consumes them.
    ///
    /// # Errors
    /// When the journal can't be read, or was opened to be read: then no run is this process's.
    pub async fn inbox(&self) -> Result<Vec<Posted>, JournalError> {
        let owner = self.shared.writing.as_ref().ok_or(JournalError::ReadOnly)?.owner.clone();
        self.read(move |folder, connection| {
            inbox::of_owner(connection, &owner).map_err(|error| fault(folder, error))
        })
        .await
    }

    /// Whether anybody has written since the last time it was asked, this process included. Takes some microseconds.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.shared.watch.changed()
    }

    /// Whether what is given gets written.
    #[must_use]
    pub fn health(&self) -> Health {
        self.shared.writing.as_ref().map_or(Health::Healthy, |writing| writing.queue.health())
    }

    /// Removes the runs that ended before a time, in milliseconds since 1970, and the plans that no run has any more.
    /// Gives how many went. Those that a run started which stays, stay as well.
    ///
    /// # Errors
    /// When the journal can't be written.
    pub async fn prune(&self, closed_before: i64) -> Result<usize, JournalError> {
        let mut gone = 0;
        loop {
            match self.write(Prune { closed_before }).await? {
                0 => return Ok(gone),
                some => gone += some,
            }
        }
    }

    /// Verifies all that is there: each run, each record, the database itself.
    ///
    /// # Errors
    /// When so much is broken that the runs can't even be named.
    pub async fn check(&self) -> Result<Report, JournalError> {
        self.read(check::check).await
    }

    /// Copies the journal, as it is at one moment, into a new file, which is a journal when it is called `journal.db`
    /// in a folder of its own. Others can write meanwhile.
    ///
    /// # Errors
    /// When the file is there already, or can't be written.
    pub async fn backup(&self, to: &Path) -> Result<(), JournalError> {
        let to = to.to_owned();
        self.read(move |folder, connection| backup::back_up(folder, connection, &to)).await
    }

    /// Writes what is queued and ends, for all clones. What there is no room for on the disk is refused.
    ///
    /// # Errors
    /// When its threads can't be waited for.
    pub async fn close(self) -> Result<(), JournalError> {
        let close = move || {
            if let Some(writing) = &self.shared.writing {
                writing.queue.close();
            }
        };
        tokio::task::spawn_blocking(close).await.map_err(|_| JournalError::Closed)
    }

    async fn write<C: Change>(&self, change: C) -> Result<C::Done, JournalError> {
        self.queue()?.write(change).await
    }

    fn queue(&self) -> Result<&Queue, JournalError> {
        self.shared.writing.as_ref().map(|writing| &writing.queue).ok_or(JournalError::ReadOnly)
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Folder, &Connection) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let _turn = self.shared.readers.turn().await;
        let shared = Arc::clone(&self.shared);
        let reading = tokio::task::spawn_blocking(move || shared.readers.read(read));
        reading.await.unwrap_or(Err(JournalError::Closed))
    }
}

impl Shared {
    fn open(path: &Path, access: Access, options: &Options) -> Result<Self, JournalError> {
        let folder = Folder::open(path, access)?;
        folder.sync_log()?;
        let mut connection = connection::open(&folder, access)?;
        let writing = match access {
            Access::Read => {
                schema::prepare(&folder, &mut connection, access)?;
                None
            }
            Access::Write => Some(Writing::start(&folder, connection, options)?),
        };
        let watch = Watch::new(connection::open(&folder, Access::Read)?);
        Ok(Self { readers: Readers::new(folder), watch, writing })
    }
}

impl Writing {
    fn start(folder: &Folder, mut connection: Connection, options: &Options) -> Result<Self, JournalError> {
        folder.keep_private()?;
        // What a process left that was killed goes into the database before anything is done.
        if !owners::sweep(folder)? {
            checkpoint::copy_all(&connection).map_err(|error| fault(folder, error))?;
        }
        schema::prepare(folder, &mut connection, Access::Write)?;
        let lock = OwnLock::take(folder, &connection)?;
        let owner = lock.name().to_owned();
        Checkpoints::watch(&connection);
        let signals = Arc::new(Signals::default());
        let copying = connection::open(folder, Access::Write)?;
        let checkpoints = Checkpoints::start(copying, Arc::clone(&signals), options.clone())?;
        let ledger = Ledger::new(connection, folder.clone(), lock);
        let queue = Queue::start(ledger, checkpoints, signals, options.clone())?;
        Ok(Self { queue, owner })
    }
}
