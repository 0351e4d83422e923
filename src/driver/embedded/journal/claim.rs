use rusqlite::params;

use super::JournalError;
use super::job::{Change, Failure};
use super::ledger::{Ledger, Standing};
use crate::engine::machine::Status;

/// This process takes a run: its own, one without an owner, or, when it is told so, one that has another. A run that
/// was parked goes on.
pub(super) struct Claim {
    pub(super) run: String,
    pub(super) take_over: bool,
}

impl Change for Claim {
    type Done = u64;

    fn apply(&mut self, ledger: &mut Ledger) -> Result<u64, Failure> {
        let standing = ledger.open_standing(&self.run)?;
        if !self.take_over {
            self.expect_free(ledger, standing.key)?;
        }
        let epoch = standing.epoch + 1;
        ledger
            .statement(
                "UPDATE runs SET owner = ?2, epoch = ?3, status = iif(status = ?4, ?5, status) WHERE key = ?1",
            )?
            .execute(params![
                standing.key,
                ledger.own_name(),
                epoch as i64,
                Status::Parked.word(),
                Status::Running.word(),
            ])?;
        ledger.remember(&self.run, Standing { epoch, ..standing });
        Ok(epoch)
    }
}

impl Claim {
    fn expect_free(&self, ledger: &Ledger, key: i64) -> Result<(), Failure> {
        let name: Option<String> =
            ledger.statement("SELECT owner FROM runs WHERE key = ?1")?.query_row([key], |row| row.get(0))?;
        let other = name.filter(|name| name != ledger.own_name());
        match other.and_then(|name| ledger.living(&name)) {
            Some(owner) => Err(Failure::Refused(JournalError::Owned {
                run: self.run.to_owned(),
                owner: owner.to_string(),
            })),
            None => Ok(()),
        }
    }
}
