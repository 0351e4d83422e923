use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::folder::Folder;
use super::job::Failure;
use super::link::Link;
use super::owners::{self, OwnLock};
use super::{JournalError, Owner, info};
use crate::engine::machine::Status;

/// So many runs are remembered at most.
const REMEMBERED: usize = 100_000;

/// The writer's view of the journal, inside its transaction.
pub(super) struct Ledger {
    connection: Connection,
    folder: Folder,
    lock: OwnLock,
    /// How the runs stand, as long as nobody else writes: saves reading them for each record.
    known: BTreeMap<String, Standing>,
    /// Tells whether somebody else wrote.
    data_version: i64,
}

/// Where a run stands in the journal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    /// Its key in all tables.
    pub(super) key: i64,
    /// Whose records count.
    pub(super) epoch: u64,
    /// The last record.
    pub(super) seq: u64,
    /// Its link.
    pub(super) link: Link,
    /// The status that it ended with.
    pub(super) ended: Option<Status>,
}

impl Ledger {
    /// Around a connection that is ready to write.
    pub(super) fn new(connection: Connection, folder: Folder, lock: OwnLock) -> Self {
        Self { connection, folder, lock, known: BTreeMap::new(), data_version: 0 }
    }

    /// Begins a transaction; nobody else can write until it ends.
    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        self.statement("BEGIN IMMEDIATE")?.execute([])?;
        let version = self.statement("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        if version != self.data_version || self.known.len() > REMEMBERED {
            self.known.clear();
        }
        self.data_version = version;
        Ok(())
    }

    /// Makes it durable.
    pub(super) fn commit(&mut self) -> rusqlite::Result<()> {
        self.statement("COMMIT")?.execute([]).map(drop)
    }

    /// Takes it back, however far it came.
    pub(super) fn roll_back(&mut self) {
        self.known.clear();
        if !self.connection.is_autocommit() {
            // When even that fails, the next one can't begin, and says so.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// Lets the database have only so many pages.
    pub(super) fn limit_pages(&self, pages: u32) -> rusqlite::Result<()> {
        self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
    }

    /// A statement, prepared once.
    pub(super) fn statement(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    /// The connection, for what is read in the transaction.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The journal's folder.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The name of this process as an owner.
    pub(super) fn own_name(&self) -> &str {
        self.lock.name()
    }

    /// The owner of a name, while it lives.
    pub(super) fn living(&self, name: &str) -> Option<Owner> {
        owners::living(&self.folder, name)
    }

    /// Where a run stands.
    pub(super) fn standing(&mut self, run: &str) -> Result<Standing, Failure> {
        if let Some(known) = self.known.get(run) {
            return Ok(*known);
        }
        let standing = self.read_standing(run)?;
        self.known.insert(run.to_owned(), standing);
        Ok(standing)
    }

    /// Where an open run stands.
    pub(super) fn open_standing(&mut self, run: &str) -> Result<Standing, Failure> {
        let standing = self.standing(run)?;
        match standing.ended {
            Some(status) => Err(Failure::Refused(JournalError::Ended { run: run.to_owned(), status })),
            None => Ok(standing),
        }
    }

    /// Where an open run stands, for the one who has it in this epoch.
    pub(super) fn owned_standing(&mut self, run: &str, epoch: u64) -> Result<Standing, Failure> {
        let current = self.standing(run)?.epoch;
        if current == epoch {
            return self.open_standing(run);
        }
        Err(Failure::Refused(JournalError::Fenced { run: run.to_owned(), epoch, current }))
    }

    /// Where a run stands from now on, if the transaction goes through.
    pub(super) fn remember(&mut self, run: &str, standing: Standing) {
        if let Some(known) = self.known.get_mut(run) {
            *known = standing;
        } else {
            self.known.insert(run.to_owned(), standing);
        }
    }

    /// What was read of a run may not be true any more.
    pub(super) fn forget_all(&mut self) {
        self.known.clear();
    }

    fn read_standing(&self, run: &str) -> Result<Standing, Failure> {
        let sql = "SELECT key, epoch, last_seq, last_link, status, ended_at FROM runs WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| {
            let (link, status): (Vec<u8>, String) = (row.get(3)?, row.get(4)?);
            let ended = row.get::<_, Option<i64>>(5)?.is_some();
            Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, link, status, ended))
        };
        let found = self.statement(sql)?.query_row([run], read).optional()?;
        let Some((key, epoch, seq, link, status, ended)) = found else {
            return Err(Failure::Refused(JournalError::UnknownRun(run.to_owned())));
        };
        let corrupt = || Failure::Refused(JournalError::Corrupt { run: run.to_owned(), seq: None });
        let status = info::status(&status).ok_or_else(corrupt)?;
        Ok(Standing {
            key,
            epoch: epoch as u64,
            seq: seq as u64,
            link: Link::from_bytes(&link).ok_or_else(corrupt)?,
            ended: ended.then_some(status),
        })
    }
}
