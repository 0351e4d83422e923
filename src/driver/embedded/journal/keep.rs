use rusqlite::{OptionalExtension, params};

use super::job::{Change, Failure};
use super::ledger::Ledger;
use super::link::Link;

/// A snapshot takes the place of the one before it.
pub(super) struct KeepSnapshot {
    pub(super) run: String,
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) bytes: Vec<u8>,
}

impl Change for KeepSnapshot {
    type Done = ();

    /// One that stands beside no record isn't kept: it is a cache, and would never be read.
    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let key = ledger.owned_standing(&self.run, self.epoch)?.key;
        let beside: Option<Vec<u8>> = ledger
            .statement("SELECT link FROM records WHERE run = ?1 AND seq = ?2")?
            .query_row(params![key, self.seq as i64], |row| row.get(0))
            .optional()?;
        let Some(beside) = beside.and_then(|bytes| Link::from_bytes(&bytes)) else { return Ok(()) };
        let link = beside.of_snapshot(self.seq, &self.bytes);
        ledger
            .statement(
                "INSERT OR REPLACE INTO snapshots (run, seq, bytes, record_link, link)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![key, self.seq as i64, self.bytes, beside.as_bytes(), link.as_bytes()])?;
        Ok(())
    }
}
