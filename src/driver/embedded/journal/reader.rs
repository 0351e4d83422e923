use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chain::{self, Sum};
use super::{JournalError, Message, Record, Recovered, RunInfo};
use crate::engine::machine::Status;

const COLUMNS: &str =
    "id, workflow, status, plan, parent, started_at, ended_at, wake_at, owner, epoch, outcome";

/// A row of the list of runs, its owner by name.
pub(super) fn info(row: &Row<'_>) -> rusqlite::Result<(RunInfo, Option<String>)> {
    let status: String = row.get(2)?;
    let epoch: i64 = row.get(9)?;
    let info = RunInfo {
        id: row.get(0)?,
        workflow: row.get(1)?,
        status: serde_json::from_value(status.into()).unwrap_or(Status::Parked),
        plan_hash: row.get(3)?,
        parent: row.get(4)?,
        started_at: row.get(5)?,
        ended_at: row.get(6)?,
        wake_at: row.get(7)?,
        owner: None,
        epoch: epoch.unsigned_abs(),
        outcome: row.get(10)?,
    };
    Ok((info, row.get(8)?))
}

/// Which runs to list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Which {
    All,
    Open,
}

/// Runs, the newest first.
pub(super) fn runs(db: &Connection, which: Which) -> rusqlite::Result<Vec<(RunInfo, Option<String>)>> {
    let filter = match which {
        Which::All => "",
        Which::Open => "WHERE ended_at IS NULL",
    };
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM runs {filter} ORDER BY key DESC"))?;
    let rows = statement.query_map([], info)?;
    rows.collect()
}

/// One run.
pub(super) fn run(db: &Connection, id: &str) -> rusqlite::Result<Option<(RunInfo, Option<String>)>> {
    db.prepare_cached(&format!("SELECT {COLUMNS} FROM runs WHERE id = ?"))?.query_row([id], info).optional()
}

/// All that is recorded of a run, verified. With `all`, every record; else those after the newest snapshot.
pub(super) fn load(db: &Connection, id: &str, all: bool) -> Result<Recovered, JournalError> {
    let snapshot = load_once(db, id, all)?;
    db.execute_batch("COMMIT")?;
    Ok(snapshot)
}

fn load_once(db: &Connection, id: &str, all: bool) -> Result<Recovered, JournalError> {
    db.execute_batch("BEGIN")?;
    let loaded = load_within(db, id, all);
    if loaded.is_err() {
        db.execute_batch("ROLLBACK")?;
    }
    loaded
}

fn load_within(db: &Connection, id: &str, all: bool) -> Result<Recovered, JournalError> {
    let Some((info, _)) = run(db, id)? else { return Err(JournalError::UnknownRun(id.to_owned())) };
    let (key, header, plan, seq, sum): (i64, Vec<u8>, Vec<u8>, u64, Vec<u8>) = db
        .prepare_cached(
            "SELECT key, header, document, seq, sum FROM runs JOIN plans ON plans.hash = runs.plan WHERE id = ?",
        )?
        .query_row([id], |row| {
            let seq: i64 = row.get(3)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, seq.unsigned_abs(), row.get(4)?))
        })?;
    let mut records = verified(db, id, key, seq, &sum)?;
    let snapshot = if all { None } else { snapshot(db, key, seq)? };
    if let Some((seen, _)) = &snapshot {
        records.drain(..usize::try_from(*seen).unwrap_or(usize::MAX).min(records.len()));
    }
    Ok(Recovered { info, header, plan, snapshot, records })
}

fn snapshot(db: &Connection, key: i64, seq: u64) -> rusqlite::Result<Option<(u64, Vec<u8>)>> {
    let kept = db
        .prepare_cached("SELECT seq, state FROM snapshots WHERE run = ?")?
        .query_row([key], |row| {
            let seen: i64 = row.get(0)?;
            Ok((seen.unsigned_abs(), row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    Ok(kept.filter(|(seen, _)| *seen <= seq))
}

/// The records of a run, whose checksums lead to the one that the list of runs has.
fn verified(
    db: &Connection,
    id: &str,
    key: i64,
    count: u64,
    sum: &[u8],
) -> Result<Vec<Record>, JournalError> {
    let corrupt = |seq| JournalError::Corrupt { run: id.to_owned(), seq };
    let mut statement =
        db.prepare_cached("SELECT seq, kind, at, payload, sum FROM records WHERE run = ? ORDER BY seq")?;
    let mut rows = statement.query(params![key])?;
    let (mut records, mut at): (Vec<Record>, Sum) = (Vec::new(), chain::START);
    while let Some(row) = rows.next()? {
        let expected = records.len() as u64 + 1;
        let (seq, kind, time): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = u8::try_from(kind).map_err(|_| corrupt(expected))?;
        let record = Record { kind, at: time, payload: row.get(3)?, consumes: None };
        at = chain::next(&at, expected, &record);
        let stored: Vec<u8> = row.get(4)?;
        if seq.unsigned_abs() != expected || stored != at {
            return Err(corrupt(expected));
        }
        records.push(record);
    }
    if records.len() as u64 == count && at == *sum {
        Ok(records)
    } else {
        Err(corrupt(records.len() as u64 + 1))
    }
}

/// Messages to the runs that an owner drives.
pub(super) fn inbox(db: &Connection, owner: &str) -> rusqlite::Result<Vec<(String, i64, Message)>> {
    let mut statement = db.prepare_cached(
        "SELECT runs.id, inbox.id, inbox.payload FROM inbox JOIN runs ON runs.key = inbox.run
         WHERE runs.owner = ? ORDER BY inbox.id",
    )?;
    let rows = statement
        .query_map([owner], |row| Ok((row.get(0)?, row.get(1)?, Message { payload: row.get(2)? })))?;
    rows.collect()
}
