use rusqlite::params;

use super::Message;
use super::job::{Change, Failure};
use super::ledger::Ledger;
use super::link::Link;

/// A message goes into the inbox of an open run, whoever owns it.
pub(super) struct Post {
    pub(super) run: String,
    pub(super) message: Message,
}

impl Change for Post {
    type Done = ();

    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        let key = ledger.open_standing(&self.run)?.key;
        let payload = &self.message.payload;
        let link = Link::of_message(&self.run, payload);
        ledger.statement("INSERT INTO inbox (run, payload, link) VALUES (?1, ?2, ?3)")?.execute(params![
            key,
            payload,
            link.as_bytes()
        ])?;
        Ok(())
    }
}
