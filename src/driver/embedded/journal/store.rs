use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, params};

use super::chain;
use super::owner::{self, Lock, Owner};
use super::reader::{self, Which};
use super::schema;
use super::writer::{Refusal, Writer};
use super::{Created, JournalError, Message, NewRun, Record, Recovered, RunChange, RunInfo};
use crate::engine::machine::Status;

/// The size of the log at which it is copied into the file, in bytes.
const CHECKPOINT: u64 = 16 << 20;

/// How a journal is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Runs are driven from here.
    Write,
    /// It is only looked at; it must be there.
    Read,
}

/// Whether writes get through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// They do.
    Healthy,
    /// The disk is full: they wait.
    DiskFull,
}

/// An open journal. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Journal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    reader: Mutex<Reader>,
    writer: Option<(Writer, Lock)>,
}

#[derive(Debug)]
struct Reader {
    db: Connection,
    /// What `data_version` was when it was last asked for.
    seen: i64,
}

impl Journal {
    /// Opens the journal in a folder, which is made where it is missing.
    ///
    /// # Errors
    /// When the folder can't hold one, or the file is something else.
    pub fn open(folder: &Path, access: Access) -> Result<Self, JournalError> {
        let file = folder.join("journal.db");
        let writer = match access {
            Access::Read => None,
            Access::Write => {
                prepare(folder)?;
                let db = schema::open_writer(&file)?;
                let lock = Lock::take(&folder.join("owners"))?;
                let (writer, _) = Writer::start(db)?;
                Some((writer, lock))
            }
        };
        let reader = Mutex::new(Reader { db: schema::open_reader(&file)?, seen: 0 });
        Ok(Self(Arc::new(Inner { folder: folder.to_path_buf(), reader, writer })))
    }

    /// The folder that it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Whether writes get through.
    #[must_use]
    pub fn health(&self) -> Health {
        match &self.0.writer {
            Some((writer, _)) if writer.is_full() => Health::DiskFull,
            _ => Health::Healthy,
        }
    }

    fn writer(&self) -> Result<(&Writer, &str), JournalError> {
        let (writer, lock) = self.0.writer.as_ref().ok_or(JournalError::ReadOnly)?;
        Ok((writer, lock.name()))
    }

    fn owners(&self) -> PathBuf {
        self.0.folder.join("owners")
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, JournalError> {
        let inner = Arc::clone(&self.0);
        let reading = tokio::task::spawn_blocking(move || {
            read(&mut inner.reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        reading.await.map_err(|error| JournalError::Storage(error.to_string()))?
    }

    /// Begins a run, with its first records, or finds the one of that id.
    ///
    /// # Errors
    /// When the journal can't be written.
    pub async fn create(&self, run: NewRun) -> Result<Created, JournalError> {
        let (writer, owner) = self.writer()?;
        let (owner, owners) = (owner.to_owned(), self.owners());
        let created = writer.write(move |db| create(db, &run, &owner)).await?;
        Ok(match created {
            Ok(epoch) => Created::New(epoch),
            Err(known) => Created::Exists(Box::new(with_owner(known, &owners))),
        })
    }

    /// Records what happened to a run that this process drives under `epoch`, and changes its place in the list.
    /// Answers when that is durable.
    ///
    /// # Errors
    /// When another process has taken the run over, or the journal can't be written.
    pub async fn append(
        &self,
        run: &str,
        epoch: u64,
        records: Vec<Record>,
        change: RunChange,
    ) -> Result<(), JournalError> {
        let run = run.to_owned();
        let (writer, _) = self.writer()?;
        writer.write(move |db| append(db, &run, epoch, &records, &change)).await
    }

    /// Keeps the state of a run after `seq` records; it may be lost without harm.
    ///
    /// # Errors
    /// When another process has taken the run over, or the journal can't be written.
    pub async fn snapshot(
        &self,
        run: &str,
        epoch: u64,
        seq: u64,
        state: Vec<u8>,
    ) -> Result<(), JournalError> {
        let run = run.to_owned();
        let (writer, _) = self.writer()?;
        let keep = move |db: &Connection| {
            let at = position(db, &run, epoch)?;
            db.prepare_cached("INSERT OR REPLACE INTO snapshots (run, seq, state) VALUES (?, ?, ?)")?
                .execute(params![at.key, signed(seq), state])?;
            Ok(())
        };
        writer.write(keep).await?;
        self.checkpoint().await
    }

    /// Makes a run this process's: one that nobody drives, or with `take_over` whoever does. Gives the epoch under
    /// which it may be written.
    ///
    /// # Errors
    /// When another process drives it, or there is none.
    pub async fn claim(&self, run: &str, take_over: bool) -> Result<u64, JournalError> {
        let (writer, owner) = self.writer()?;
        let (run, owner, owners) = (run.to_owned(), owner.to_owned(), self.owners());
        writer.write(move |db| claim(db, &run, &owner, &owners, take_over)).await
    }

    /// Gives a run up, so that any process may claim it.
    ///
    /// # Errors
    /// When the journal can't be written.
    pub async fn release(&self, run: &str, epoch: u64) -> Result<(), JournalError> {
        let (writer, _) = self.writer()?;
        let run = run.to_owned();
        let release = move |db: &Connection| {
            db.prepare_cached("UPDATE runs SET owner = NULL WHERE id = ? AND epoch = ?")?
                .execute(params![run, signed(epoch)])?;
            Ok(())
        };
        writer.write(release).await
    }

    /// Leaves a message for a run, for whoever drives it.
    ///
    /// # Errors
    /// When there is no such run, or the journal can't be written.
    pub async fn post(&self, run: &str, message: Message) -> Result<(), JournalError> {
        let (writer, _) = self.writer()?;
        let run = run.to_owned();
        let post = move |db: &Connection| {
            let added = db
                .prepare_cached("INSERT INTO inbox (run, payload) SELECT key, ? FROM runs WHERE id = ?")?
                .execute(params![message.payload, run])?;
            if added == 0 { Err(JournalError::UnknownRun(run.clone()).into()) } else { Ok(()) }
        };
        writer.write(post).await
    }

    /// The messages for the runs that this process drives, in the order in which they came.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn inbox(&self) -> Result<Vec<(String, i64, Message)>, JournalError> {
        let (_, owner) = self.writer()?;
        let owner = owner.to_owned();
        self.read(move |reader| Ok(reader::inbox(&reader.db, &owner)?)).await
    }

    /// Whether any process has written since this was last asked.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn has_changed(&self) -> Result<bool, JournalError> {
        self.read(|reader| {
            let version = reader.db.pragma_query_value(None, "data_version", |row| row.get(0))?;
            Ok(std::mem::replace(&mut reader.seen, version) != version)
        })
        .await
    }

    /// All that is recorded of a run since its newest snapshot; with `all` everything.
    ///
    /// # Errors
    /// When there is no such run, or what is recorded is damaged.
    pub async fn load(&self, run: &str, all: bool) -> Result<Recovered, JournalError> {
        let (run, owners) = (run.to_owned(), self.owners());
        self.read(move |reader| {
            let mut recovered = reader::load(&reader.db, &run, all)?;
            let named = reader::run(&reader.db, &run)?;
            if let Some(known) = named {
                recovered.info = with_owner(known, &owners);
            }
            Ok(recovered)
        })
        .await
    }

    /// One run.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn info(&self, run: &str) -> Result<Option<RunInfo>, JournalError> {
        let (run, owners) = (run.to_owned(), self.owners());
        self.read(move |reader| Ok(reader::run(&reader.db, &run)?.map(|known| with_owner(known, &owners))))
            .await
    }

    /// All runs, the newest first.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn runs(&self) -> Result<Vec<RunInfo>, JournalError> {
        self.list(Which::All).await
    }

    /// The runs that are not over, the newest first.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub async fn open_runs(&self) -> Result<Vec<RunInfo>, JournalError> {
        self.list(Which::Open).await
    }

    async fn list(&self, which: Which) -> Result<Vec<RunInfo>, JournalError> {
        let owners = self.owners();
        self.read(move |reader| {
            let known = reader::runs(&reader.db, which)?;
            Ok(known.into_iter().map(|known| with_owner(known, &owners)).collect())
        })
        .await
    }

    /// Forgets the runs that ended before a moment, in milliseconds since 1970. Children go with their parents. Gives
    /// how many there were.
    ///
    /// # Errors
    /// When the journal can't be written.
    pub async fn prune(&self, ended_before: i64) -> Result<usize, JournalError> {
        let (writer, _) = self.writer()?;
        let pruned = writer.write(move |db| Ok(prune(db, ended_before)?)).await?;
        self.checkpoint().await?;
        Ok(pruned)
    }

    /// Looks at every record.
    ///
    /// # Errors
    /// When the journal can't be read at all.
    pub async fn check(&self) -> Result<super::Report, JournalError> {
        self.read(|reader| super::checkup::check(&reader.db)).await
    }

    /// Copies the journal into another file as it is at this moment.
    ///
    /// # Errors
    /// When the file can't be written.
    pub async fn backup(&self, to: &Path) -> Result<(), JournalError> {
        let to = to.to_path_buf();
        self.read(move |reader| super::checkup::backup(&reader.db, &to)).await
    }

    /// Copies the log into the file where it has grown.
    async fn checkpoint(&self) -> Result<(), JournalError> {
        let file = self.0.folder.join("journal.db");
        let log = self.0.folder.join("journal.db-wal");
        let copy = move || {
            if std::fs::metadata(log).map_or(0, |log| log.len()) < CHECKPOINT {
                return Ok(());
            }
            let db = Connection::open(file)?;
            db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        };
        let copied = tokio::task::spawn_blocking(copy).await;
        copied.map_err(|error| JournalError::Storage(error.to_string()))?.map_err(JournalError::from)
    }
}

fn with_owner((mut info, owner): (RunInfo, Option<String>), owners: &Path) -> RunInfo {
    info.owner = owner.and_then(|name| owner::living(owners, &name));
    info
}

/// Makes the folder, which nobody else may read, and keeps it out of version control.
fn prepare(folder: &Path) -> Result<(), JournalError> {
    let error =
        |reason: std::io::Error| JournalError::Folder { path: folder.into(), reason: reason.to_string() };
    let is_new = !folder.exists();
    std::fs::create_dir_all(folder).map_err(error)?;
    if is_on_network(folder) {
        return Err(JournalError::NetworkFileSystem(folder.to_path_buf()));
    }
    if is_new {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(error)?;
        std::fs::write(folder.join(".gitignore"), "*\n").map_err(error)?;
    }
    Ok(())
}

/// Whether a folder is on NFS, SMB, CIFS or AFS, by the numbers of statfs(2).
fn is_on_network(folder: &Path) -> bool {
    const NETWORK: [u64; 5] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x5346_414F];
    #[cfg(target_os = "linux")]
    return rustix::fs::statfs(folder)
        .is_ok_and(|system| NETWORK.contains(&(system.f_type as u64 & 0xFFFF_FFFF)));
    #[cfg(not(target_os = "linux"))]
    return false;
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn create(
    db: &Connection,
    run: &NewRun,
    owner: &str,
) -> Result<Result<u64, (RunInfo, Option<String>)>, Refusal> {
    if let Some(known) = reader::run(db, &run.id)? {
        return Ok(Err(known));
    }
    db.prepare_cached("INSERT OR IGNORE INTO plans (hash, document) VALUES (?, ?)")?
        .execute(params![run.plan_hash, run.plan])?;
    db.prepare_cached(
        "INSERT INTO runs (id, workflow, status, plan, parent, header, started_at, owner, epoch, seq, sum)
         VALUES (?, ?, 'starting', ?, ?, ?, ?, ?, 1, 0, ?)",
    )?
    .execute(params![
        run.id,
        run.workflow,
        run.plan_hash,
        run.parent,
        run.header,
        run.started_at,
        owner,
        chain::START.as_slice()
    ])?;
    append(db, &run.id, 1, &run.records, &RunChange::default())?;
    Ok(Ok(1))
}

/// Where a run's records end.
struct Position {
    key: i64,
    seq: u64,
    sum: chain::Sum,
}

fn position(db: &Connection, run: &str, epoch: u64) -> Result<Position, Refusal> {
    let found = db
        .prepare_cached("SELECT key, seq, sum, epoch FROM runs WHERE id = ?")?
        .query_row([run], |row| {
            let (seq, epoch): (i64, i64) = (row.get(1)?, row.get(3)?);
            Ok((Position { key: row.get(0)?, seq: seq.unsigned_abs(), sum: row.get(2)? }, epoch))
        })
        .optional()?;
    match found {
        None => Err(JournalError::UnknownRun(run.to_owned()).into()),
        Some((_, current)) if current != signed(epoch) => Err(JournalError::Fenced(run.to_owned()).into()),
        Some((position, _)) => Ok(position),
    }
}

fn append(
    db: &Connection,
    run: &str,
    epoch: u64,
    records: &[Record],
    change: &RunChange,
) -> Result<(), Refusal> {
    let Position { key, mut seq, mut sum } = position(db, run, epoch)?;
    let mut insert = db
        .prepare_cached("INSERT INTO records (run, seq, kind, at, payload, sum) VALUES (?, ?, ?, ?, ?, ?)")?;
    for record in records {
        seq += 1;
        sum = chain::next(&sum, seq, record);
        insert.execute(params![key, signed(seq), record.kind, record.at, record.payload, sum.as_slice()])?;
        if let Some(message) = record.consumes {
            db.prepare_cached("DELETE FROM inbox WHERE id = ?")?.execute([message])?;
        }
    }
    db.prepare_cached("UPDATE runs SET seq = ?, sum = ? WHERE key = ?")?.execute(params![
        signed(seq),
        sum.as_slice(),
        key
    ])?;
    self::change(db, key, change)
}

fn change(db: &Connection, key: i64, change: &RunChange) -> Result<(), Refusal> {
    if let Some(status) = change.status {
        db.prepare_cached("UPDATE runs SET status = ? WHERE key = ?")?
            .execute(params![status.word(), key])?;
    }
    if let Some(wake_at) = change.wake_at {
        db.prepare_cached("UPDATE runs SET wake_at = ? WHERE key = ?")?.execute(params![wake_at, key])?;
    }
    if let Some((at, outcome)) = &change.ended {
        db.prepare_cached("UPDATE runs SET ended_at = ?, outcome = ?, owner = NULL WHERE key = ?")?
            .execute(params![at, outcome, key])?;
        db.prepare_cached("DELETE FROM snapshots WHERE run = ?")?.execute([key])?;
    }
    Ok(())
}

fn claim(db: &Connection, run: &str, owner: &str, owners: &Path, take_over: bool) -> Result<u64, Refusal> {
    let Some((info, named)) = reader::run(db, run)? else {
        return Err(JournalError::UnknownRun(run.to_owned()).into());
    };
    let living = named.filter(|name| name != owner).and_then(|name| owner::living(owners, &name));
    if let Some(Owner { description, .. }) = living.filter(|_| !take_over) {
        return Err(JournalError::Owned { run: run.to_owned(), owner: description }.into());
    }
    let epoch = info.epoch + 1;
    let status = if info.status == Status::Parked { Status::Running } else { info.status };
    db.prepare_cached("UPDATE runs SET owner = ?, epoch = ?, status = ? WHERE id = ?")?.execute(params![
        owner,
        signed(epoch),
        status.word(),
        run
    ])?;
    Ok(epoch)
}

fn prune(db: &Connection, ended_before: i64) -> rusqlite::Result<usize> {
    let old = "SELECT key FROM runs WHERE ended_at < ?1
               AND (parent IS NULL OR parent NOT IN (SELECT id FROM runs WHERE ended_at IS NULL OR ended_at >= ?1))";
    for table in ["records", "snapshots", "inbox"] {
        db.execute(&format!("DELETE FROM {table} WHERE run IN ({old})"), [ended_before])?;
    }
    let pruned = db.execute(&format!("DELETE FROM runs WHERE key IN ({old})"), [ended_before])?;
    db.execute("DELETE FROM plans WHERE hash NOT IN (SELECT plan FROM runs)", [])?;
    Ok(pruned)
}
