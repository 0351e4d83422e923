//! The journal: what happened to runs, kept in SQLite so that it outlives the process.
//!
//! *In*: runs, records, messages, all of them opaque bytes. *Out*: acknowledgements once they are durable, and
//! the same bytes again, verified.
//! *Never sees*: what a record means, a plan's content, tokio's tasks.

mod error;
mod health;
mod journal;
mod message;
mod options;
mod record;
mod report;
mod run;

pub use error::JournalError;
pub use health::Health;
pub use journal::{Ack, Journal};
pub use message::{Message, Posted};
pub use options::{Access, Options};
pub use record::{Record, Recovered, Snapshot, StoredRecord};
pub use report::{Broken, Report};
pub use run::{Created, NewRun, Owner, RunChange, RunFilter, RunId, RunInfo, Status};
