use rusqlite::params;

use super::job::{Change, Failure};
use super::ledger::{Ledger, Standing};
use super::link::Link;
use super::{Created, JournalError, NewRun, Record, append, info};
use crate::engine::machine::Status;

/// The epoch of a run that was never claimed.
const FIRST_EPOCH: u64 = 1;

/// A run begins, owned by this process.
pub(super) struct Create {
    pub(super) run: NewRun,
}

impl Change for Create {
    type Done = Created;

    fn apply(&mut self, ledger: &mut Ledger) -> Result<Created, Failure> {
        let link = Link::of_header(&self.run);
        if self.insert(ledger, link)? == 0 {
            return existing(ledger, &self.run.id);
        }
        let key = ledger.connection().last_insert_rowid();
        self.insert_plan(ledger)?;
        let header = std::mem::take(&mut self.run.header);
        let record = Record { kind: 0, at: self.run.started_at, payload: header, consumes: None };
        let inserted = append::insert(ledger, key, 0, &record, link);
        // Put back, for the transaction may have to be repeated.
        self.run.header = record.payload;
        inserted?;
        let start = Standing { key, epoch: FIRST_EPOCH, seq: 0, link, ended: None };
        let standing =
            self.run.records.iter().try_fold(start, |last, record| append::write(ledger, last, record))?;
        append::set_end(ledger, &standing)?;
        ledger.remember(&self.run.id, standing);
        Ok(Created::New(FIRST_EPOCH))
    }
}

impl Create {
    fn insert(&self, ledger: &Ledger, link: Link) -> rusqlite::Result<usize> {
        let run = &self.run;
        ledger
            .statement(
                "INSERT INTO runs (id, workflow, plan, parent, started_at, status, owner, epoch, last_seq, last_link)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9) ON CONFLICT (id) DO NOTHING",
            )?
            .execute(params![
                run.id,
                run.workflow,
                run.plan_hash,
                run.parent,
                run.started_at,
                Status::Starting.word(),
                ledger.own_name(),
                FIRST_EPOCH as i64,
                link.as_bytes(),
            ])
    }

    /// Runs of the same plan share it.
    fn insert_plan(&self, ledger: &Ledger) -> rusqlite::Result<()> {
        let (hash, bytes) = (&self.run.plan_hash, &self.run.plan);
        ledger
            .statement(
                "INSERT INTO plans (hash, bytes, link) SELECT ?1, ?2, ?3
                 WHERE NOT EXISTS (SELECT 1 FROM plans WHERE hash = ?1)",
            )?
            .execute(params![hash, bytes, Link::of_plan(hash, bytes).as_bytes()])
            .map(drop)
    }
}

fn existing(ledger: &Ledger, run: &str) -> Result<Created, Failure> {
    let found = info::one(ledger.folder(), ledger.connection(), run).map_err(Failure::Refused)?;
    found
        .map(|info| Created::Exists(Box::new(info)))
        .ok_or_else(|| Failure::Refused(JournalError::Corrupt { run: run.to_owned(), seq: None }))
}
