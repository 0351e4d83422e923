use super::job::{Change, Failure};
use super::ledger::Ledger;

/// So many runs go in one transaction, so that others needn't wait long.
const AT_ONCE: i64 = 100;

/// Old runs go, with all that is theirs. Open ones stay, and so do those that a run started which stays.
pub(super) struct Prune {
    /// Runs that ended before this go, in milliseconds since 1970.
    pub(super) closed_before: i64,
}

impl Change for Prune {
    /// How many went; when none did, none is left.
    type Done = usize;

    fn apply(&mut self, ledger: &mut Ledger) -> Result<usize, Failure> {
        let keys = self.keys(ledger)?;
        for key in &keys {
            for table in ["records", "snapshots", "inbox"] {
                ledger.statement(&format!("DELETE FROM {table} WHERE run = ?1"))?.execute([key])?;
            }
            ledger.statement("DELETE FROM runs WHERE key = ?1")?.execute([key])?;
        }
        if !keys.is_empty() {
            ledger.statement("DELETE FROM plans WHERE hash NOT IN (SELECT plan FROM runs)")?.execute([])?;
            ledger.forget_all();
        }
        Ok(keys.len())
    }
}

impl Prune {
    fn keys(&self, ledger: &Ledger) -> rusqlite::Result<Vec<i64>> {
        ledger
            .statement(
                "SELECT key FROM runs WHERE ended_at < ?1 AND NOT EXISTS (
                   SELECT 1 FROM runs AS starter WHERE starter.id = runs.parent
                   AND (starter.ended_at IS NULL OR starter.ended_at >= ?1)
                 ) LIMIT ?2",
            )?
            .query_map([self.closed_before, AT_ONCE], |row| row.get(0))?
            .collect()
    }
}
