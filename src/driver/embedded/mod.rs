//! The engine in one process: runs are driven by tokio, their events are kept in a SQLite journal.
//!
//! *In*: plans and what happens to their runs. *Out*: durable outcomes.
//! *Never sees*: what an event means; the machine does.

pub mod journal;
