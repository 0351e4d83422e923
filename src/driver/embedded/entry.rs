use serde::{Deserialize, Serialize};

use super::journal::Record;
use crate::engine::machine::{Event, Failure, Moment, Ticket};
use crate::value::EcoString;

/// What the journal holds of a run, in the order in which it happened. Only events are the machine's; the rest is
/// what keeps attempts from being forgotten in a crash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Entry {
    /// The machine was told.
    Event(Event),
    /// An attempt failed, and there will be another.
    Attempted {
        /// Of which execution.
        ticket: Ticket,
        /// Its number.
        attempt: u32,
        /// Why.
        failure: Box<Failure>,
        /// When the next begins.
        next: Moment,
    },
    /// An attempt that must not be repeated is about to begin.
    Begun {
        /// Of which execution.
        ticket: Ticket,
        /// Its number.
        attempt: u32,
    },
    /// An attempt has run so long that its loss would count.
    Alive {
        /// Of which execution.
        ticket: Ticket,
        /// Its number.
        attempt: u32,
    },
    /// The next attempt waits for its breaker or limit.
    Waits {
        /// Of which execution.
        ticket: Ticket,
        /// For what, as people read it.
        gate: EcoString,
        /// Until when, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
    },
    /// It has waited.
    Passed {
        /// Of which execution.
        ticket: Ticket,
    },
    /// A message came that changed nothing.
    Ignored {
        /// What it was.
        what: EcoString,
    },
}

/// The only kind of record: the entry's JSON says what it is.
const KIND: u8 = 1;

impl Entry {
    /// As a record of the journal; `consumes` is the message that it answers.
    pub(super) fn record(&self, at: Moment, consumes: Option<i64>) -> Record {
        let payload = serde_json::to_vec(self).expect("keys are texts, and memory takes any text");
        Record { kind: KIND, at: at.0, payload, consumes }
    }

    /// From a record of the journal.
    ///
    /// # Errors
    /// When it is none that this program knows.
    pub(super) fn read(record: &Record) -> Result<(Moment, Self), serde_json::Error> {
        Ok((Moment(record.at), serde_json::from_slice(&record.payload)?))
    }
}
