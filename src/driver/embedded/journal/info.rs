use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row};

use super::connection::fault;
use super::folder::Folder;
use super::link::Link;
use super::{JournalError, Owner, RunInfo, owners};
use crate::engine::machine::Status;

const COLUMNS: &str = "id, workflow, status, plan, parent, started_at, ended_at, wake_at, owner, epoch, outcome, \
                       end_link";

/// The run of an id.
pub(super) fn one(
    folder: &Folder,
    connection: &Connection,
    run: &str,
) -> Result<Option<RunInfo>, JournalError> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE id = ?1");
    let read = || connection.prepare_cached(&sql)?.query_row([run], Stored::read).optional();
    let found = read().map_err(|error| of_run(folder, run, None, error))?;
    let Some(stored) = found else { return Ok(None) };
    stored
        .verified(&mut Living::of(folder))
        .map(Some)
        .ok_or(JournalError::Corrupt { run: run.to_owned(), seq: None })
}

/// The runs that haven't ended, newest first; those that can't be read are left out.
pub(super) fn open(folder: &Folder, connection: &Connection) -> Result<Vec<RunInfo>, JournalError> {
    let sql = "SELECT key FROM runs INDEXED BY open_runs WHERE ended_at IS NULL ORDER BY key DESC";
    some(folder, connection, sql)
}

/// All runs, newest first; those that can't be read are left out.
pub(super) fn all(folder: &Folder, connection: &Connection) -> Result<Vec<RunInfo>, JournalError> {
    let sql = "SELECT key FROM runs INDEXED BY runs_by_start ORDER BY started_at DESC, key DESC";
    some(folder, connection, sql)
}

/// Keys come from an index, each run for itself: a page that is broken hides only the runs that are on it.
fn some(folder: &Folder, connection: &Connection, keys: &str) -> Result<Vec<RunInfo>, JournalError> {
    let refuse = |error| fault(folder, error);
    let mut keys = connection.prepare_cached(keys).map_err(refuse)?;
    let keys = keys.query_map([], |row| row.get::<_, i64>(0)).map_err(refuse)?;
    let by_key = format!("SELECT {COLUMNS} FROM runs WHERE key = ?1");
    let mut by_key = connection.prepare_cached(&by_key).map_err(refuse)?;
    let (mut found, mut living) = (Vec::new(), Living::of(folder));
    for key in keys {
        let stored = by_key.query_row([key.map_err(refuse)?], Stored::read).ok();
        found.extend(stored.and_then(|stored| stored.verified(&mut living)));
    }
    Ok(found)
}

/// What a failure to read means when it concerns one run.
pub(super) fn of_run(folder: &Folder, run: &str, seq: Option<u64>, error: rusqlite::Error) -> JournalError {
    match fault(folder, error) {
        JournalError::Damaged { .. } => JournalError::Corrupt { run: run.to_owned(), seq },
        other => other,
    }
}

/// The status of a word.
pub(super) fn status(word: &str) -> Option<Status> {
    serde_json::from_value(word.into()).ok()
}

/// A run as the database has it.
struct Stored {
    info: RunInfo,
    status: String,
    owner: Option<String>,
    end_link: Option<Vec<u8>>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let info = RunInfo {
            id: row.get(0)?,
            workflow: row.get(1)?,
            status: Status::Starting,
            plan_hash: row.get(3)?,
            parent: row.get(4)?,
            started_at: row.get(5)?,
            ended_at: row.get(6)?,
            wake_at: row.get(7)?,
            owner: None,
            epoch: row.get::<_, i64>(9)? as u64,
            outcome: row.get(10)?,
        };
        Ok(Self { info, status: row.get(2)?, owner: row.get(8)?, end_link: row.get(11)? })
    }

    /// None when it isn't what was written.
    fn verified(self, living: &mut Living<'_>) -> Option<RunInfo> {
        let mut info = self.info;
        info.status = status(&self.status)?;
        let whole = match (info.ended_at, &info.outcome, self.end_link) {
            (Some(at), Some(outcome), Some(link)) => {
                Link::from_bytes(&link) == Some(Link::of_end(&info.id, &self.status, at, outcome))
            }
            (None, None, None) => !info.status.is_closed(),
            _ => false,
        };
        info.owner = self.owner.and_then(|name| living.owner(name));
        whole.then_some(info)
    }
}

/// Which owners live, each asked once.
struct Living<'a> {
    folder: &'a Folder,
    asked: BTreeMap<String, Option<Owner>>,
}

impl<'a> Living<'a> {
    const fn of(folder: &'a Folder) -> Self {
        Self { folder, asked: BTreeMap::new() }
    }

    fn owner(&mut self, name: String) -> Option<Owner> {
        let folder = self.folder;
        self.asked.entry(name).or_insert_with_key(|name| owners::living(folder, name)).clone()
    }
}
