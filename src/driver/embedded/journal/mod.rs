//! The journal: what happened to runs, kept in SQLite so that it outlives the process.
//!
//! *In*: runs, records, messages, all of them opaque bytes. *Out*: acknowledgements once they are durable, and
//! the same bytes again, verified.
//! *Never sees*: what a record means, a plan's content, a clock.

mod ack;
mod append;
mod backup;
mod check;
mod checkpoint;
mod claim;
mod connection;
mod create;
mod error;
mod file_system;
mod folder;
mod handle;
mod health;
mod inbox;
mod info;
mod job;
mod keep;
mod ledger;
mod link;
mod load;
mod message;
mod options;
mod owners;
mod post;
mod prune;
mod queue;
mod readers;
mod record;
mod release;
mod report;
mod run;
mod schema;
mod watch;
mod writer;

pub use ack::Ack;
pub use error::JournalError;
pub use handle::Journal;
pub use health::Health;
pub use message::{Message, Posted};
pub use options::{Access, Options};
pub use record::{Record, Recovered};
pub use report::{Broken, Report};
pub use run::{Created, NewRun, Owner, RunChange, RunInfo};
pub use schema::VERSION;
