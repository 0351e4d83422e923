use rusqlite::params;

use super::job::{Change, Failure};
use super::ledger::{Ledger, Standing};
use super::link::Link;
use super::{JournalError, Record, RunChange};
use crate::engine::machine::Status;

/// The next records of a run, and what changes of the run with them.
pub(super) struct Append {
    pub(super) run: String,
    pub(super) epoch: u64,
    pub(super) records: Vec<Record>,
    pub(super) change: RunChange,
}

impl Change for Append {
    type Done = ();

    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let mut standing = ledger.owned_standing(&self.run, self.epoch)?;
        self.expect_whole_end()?;
        for record in &self.records {
            self.take_message(ledger, &standing, record)?;
            standing = write(ledger, standing, record)?;
        }
        self.change_run(ledger, &standing)?;
        if let Some((at, outcome)) = &self.change.ended {
            standing.ended = self.change.status;
            self.end(ledger, &standing, *at, outcome)?;
        }
        ledger.remember(&self.run, standing);
        Ok(())
    }
}

impl Append {
    fn expect_whole_end(&self) -> Result<(), Failure> {
        let closed = self.change.status.is_some_and(Status::is_closed);
        if closed == self.change.ended.is_some() {
            return Ok(());
        }
        Err(Failure::Refused(JournalError::HalfEnded { run: self.run.to_owned() }))
    }

    fn take_message(&self, ledger: &Ledger, standing: &Standing, record: &Record) -> Result<(), Failure> {
        let Some(row) = record.consumes else { return Ok(()) };
        let taken = ledger
            .statement("DELETE FROM inbox WHERE row = ?1 AND run = ?2")?
            .execute(params![row, standing.key])?;
        if taken == 1 {
            return Ok(());
        }
        Err(Failure::HalfDone(JournalError::MessageGone { run: self.run.to_owned(), row }))
    }

    fn change_run(&self, ledger: &Ledger, standing: &Standing) -> rusqlite::Result<()> {
        ledger
            .statement(
                "UPDATE runs SET last_seq = ?2, last_link = ?3, status = coalesce(?4, status),
                 wake_at = iif(?5, ?6, wake_at) WHERE key = ?1",
            )?
            .execute(params![
                standing.key,
                standing.seq as i64,
                standing.link.as_bytes(),
                self.change.status.map(Status::word),
                self.change.wake_at.is_some(),
                self.change.wake_at.flatten(),
            ])
            .map(drop)
    }

    fn end(&self, ledger: &Ledger, standing: &Standing, at: i64, outcome: &[u8]) -> rusqlite::Result<()> {
        let status = standing.ended.map_or("", Status::word);
        let link = Link::of_end(&self.run, status, at, outcome);
        ledger
            .statement(
                "UPDATE runs SET ended_at = ?2, outcome = ?3, end_link = ?4, owner = NULL, wake_at = NULL
                 WHERE key = ?1",
            )?
            .execute(params![standing.key, at, outcome, link.as_bytes()])?;
        // Nobody goes on from there.
        ledger.statement("DELETE FROM snapshots WHERE run = ?1")?.execute([standing.key]).map(drop)
    }
}

/// Puts a record behind the last.
pub(super) fn write(ledger: &Ledger, last: Standing, record: &Record) -> rusqlite::Result<Standing> {
    let seq = last.seq + 1;
    let link = last.link.then(seq, record.kind, record.at, &record.payload);
    insert(ledger, last.key, seq, record, link)?;
    Ok(Standing { seq, link, ..last })
}

/// Tells the run where its records end.
pub(super) fn set_end(ledger: &Ledger, standing: &Standing) -> rusqlite::Result<()> {
    ledger
        .statement("UPDATE runs SET last_seq = ?2, last_link = ?3 WHERE key = ?1")?
        .execute(params![standing.key, standing.seq as i64, standing.link.as_bytes()])
        .map(drop)
}

/// Puts a record to its place.
pub(super) fn insert(
    ledger: &Ledger,
    key: i64,
    seq: u64,
    record: &Record,
    link: Link,
) -> rusqlite::Result<()> {
    ledger
        .statement("INSERT INTO records (run, seq, kind, at, payload, link) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![key, seq as i64, record.kind, record.at, record.payload, link.as_bytes()])
        .map(drop)
}
