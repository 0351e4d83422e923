//! The journal of the embedded engine: records of runs in one SQLite file, durable when they are acknowledged.
//!
//! *In*: records as bytes, messages to runs, claims. *Out*: acknowledgements after the commit, and what was recorded,
//! verified. One thread writes, all that is queued in one commit.
//! *Never sees*: what a record means.

mod chain;
mod checkup;
mod error;
mod owner;
mod reader;
mod run;
mod schema;
mod store;
mod writer;

pub use checkup::{Broken, Report};
pub use error::JournalError;
pub use owner::Owner;
pub use run::{Created, Message, NewRun, Record, Recovered, RunChange, RunInfo};
pub use schema::VERSION;
pub use store::{Access, Health, Journal};
