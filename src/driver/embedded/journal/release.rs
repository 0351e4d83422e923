use super::job::{Change, Failure};
use super::ledger::Ledger;

/// This process gives a run up: anybody may claim it.
pub(super) struct Release {
    pub(super) run: String,
    pub(super) epoch: u64,
}

impl Change for Release {
    type Done = ();

    /// Of a run that has ended, or that somebody else has by now, there is nothing to give up.
    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let standing = ledger.standing(&self.run)?;
        if standing.epoch == self.epoch {
            ledger.statement("UPDATE runs SET owner = NULL WHERE key = ?1")?.execute([standing.key])?;
        }
        Ok(())
    }
}
