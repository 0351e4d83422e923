use rusqlite::{Connection, OptionalExtension, Row, params};

use super::folder::Folder;
use super::info::{self, of_run};
use super::link::Link;
use super::{JournalError, Record, Recovered, RunInfo};

/// Which records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Those after the newest snapshot.
    AfterSnapshot,
    /// All.
    All,
}

/// Reads a run and verifies it; all of it as it was at one moment.
pub(super) fn load(
    folder: &Folder,
    connection: &Connection,
    run: &str,
    extent: Extent,
) -> Result<Recovered, JournalError> {
    let moment = connection.unchecked_transaction().map_err(|error| of_run(folder, run, None, error))?;
    let Some(info) = info::one(folder, &moment, run)? else {
        return Err(JournalError::UnknownRun(run.to_owned()));
    };
    Loader { folder, connection: &moment, run }.read(info, extent)
}

/// Reads the parts of one run.
struct Loader<'a> {
    folder: &'a Folder,
    connection: &'a Connection,
    run: &'a str,
}

/// A record with its place and its link, as the database has them.
type Linked = (u64, Record, Vec<u8>);

impl Loader<'_> {
    fn read(&self, info: RunInfo, extent: Extent) -> Result<Recovered, JournalError> {
        let (key, last_seq, last_link) = self.tail()?;
        let (header, link) = self.header(&info, key)?;
        let plan = self.plan(&info)?;
        let snapshot = match extent {
            Extent::AfterSnapshot => self.snapshot(key),
            Extent::All => None,
        };
        let (start, snapshot) = match snapshot {
            Some((snapshot, link)) => ((snapshot.0, link), Some(snapshot)),
            None => ((0, link), None),
        };
        let (records, end) = self.records(key, start)?;
        if end != (last_seq, last_link) {
            return Err(self.corrupt(Some(end.0 + 1)));
        }
        Ok(Recovered { info, header, plan, snapshot, records })
    }

    /// The run's key, and the last record as the run names it: one that is cut off the end is missed.
    fn tail(&self) -> Result<(i64, u64, Link), JournalError> {
        let sql = "SELECT key, last_seq, last_link FROM runs WHERE id = ?1";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get::<_, Vec<u8>>(2)?));
        let (key, seq, link) = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([self.run], read))
            .map_err(|error| self.fault(None, error))?;
        let link = Link::from_bytes(&link).ok_or_else(|| self.corrupt(None))?;
        Ok((key, seq, link))
    }

    fn header(&self, info: &RunInfo, key: i64) -> Result<(Vec<u8>, Link), JournalError> {
        let sql = "SELECT seq, kind, at, payload, link FROM records WHERE run = ?1 AND seq = 0";
        let found = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_row([key], linked).optional())
            .map_err(|error| self.fault(Some(0), error))?;
        let corrupt = || self.corrupt(Some(0));
        let (_, record, stored) = found.ok_or_else(corrupt)?;
        let parent = info.parent.as_deref().unwrap_or_default();
        let link = Link::of_fixed(
            &info.id,
            &info.workflow,
            &info.plan_hash,
            parent,
            info.started_at,
            &record.payload,
        );
        if stored == link.as_bytes() { Ok((record.payload, link)) } else { Err(corrupt()) }
    }

    fn plan(&self, info: &RunInfo) -> Result<Vec<u8>, JournalError> {
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found: Option<(Vec<u8>, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT bytes, link FROM plans WHERE hash = ?1")
            .and_then(|mut statement| statement.query_row([&info.plan_hash], read).optional())
            .map_err(|error| self.fault(None, error))?;
        let whole = |(bytes, link): &(Vec<u8>, Vec<u8>)| {
            Link::of_plan(&info.plan_hash, bytes).as_bytes() == link.as_slice()
        };
        found.filter(whole).map(|(bytes, _)| bytes).ok_or_else(|| self.corrupt(None))
    }

    /// The snapshot with the link of the record that it stands beside; none when anything is wrong with it, as all
    /// that it saves is time.
    fn snapshot(&self, key: i64) -> Option<((u64, Vec<u8>), Link)> {
        let sql = "SELECT seq, bytes, record_link, link FROM snapshots WHERE run = ?1";
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let found = self.connection.prepare_cached(sql).ok()?.query_row([key], read).ok()?;
        let (seq, bytes, beside, link): (i64, Vec<u8>, Vec<u8>, Vec<u8>) = found;
        let beside = Link::from_bytes(&beside)?;
        let whole = beside.of_snapshot(seq as u64, &bytes).as_bytes() == link;
        whole.then_some(((seq as u64, bytes), beside))
    }

    /// The records after a place and its link, and where they end.
    fn records(&self, key: i64, start: (u64, Link)) -> Result<(Vec<Record>, (u64, Link)), JournalError> {
        let sql = "SELECT seq, kind, at, payload, link FROM records WHERE run = ?1 AND seq > ?2 ORDER BY seq";
        let (mut seq, mut link) = start;
        let refuse = |seq, error| self.fault(Some(seq), error);
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| refuse(seq + 1, error))?;
        let rows = statement.query_map(params![key, seq as i64], linked);
        let mut records = Vec::new();
        for row in rows.map_err(|error| refuse(seq + 1, error))? {
            let (place, record, stored) = row.map_err(|error| refuse(seq + 1, error))?;
            seq += 1;
            link = link.then(seq, record.kind, record.at, &record.payload);
            if place != seq || stored != link.as_bytes() {
                return Err(self.corrupt(Some(seq)));
            }
            records.push(record);
        }
        Ok((records, (seq, link)))
    }

    fn corrupt(&self, seq: Option<u64>) -> JournalError {
        JournalError::Corrupt { run: self.run.to_owned(), seq }
    }

    /// A value of a kind that was never written is as wrong as a page that can't be read.
    fn fault(&self, seq: Option<u64>, error: rusqlite::Error) -> JournalError {
        match error.sqlite_error_code() {
            None => self.corrupt(seq),
            Some(_) => of_run(self.folder, self.run, seq, error),
        }
    }
}

fn linked(row: &Row<'_>) -> rusqlite::Result<Linked> {
    let seq = row.get::<_, i64>(0)? as u64;
    let record = Record { kind: row.get(1)?, at: row.get(2)?, payload: row.get(3)?, consumes: None };
    Ok((seq, record, row.get(4)?))
}
