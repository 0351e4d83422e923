//! The engine in one process: runs are driven by tokio, their events are kept in a SQLite journal.
//!
//! *In*: plans and what happens to their runs. *Out*: durable outcomes.
//! *Never sees*: what an event means; the machine does.

mod clock;
mod engine;
mod entry;
mod error;
mod inbox;
pub mod journal;
mod live;
mod loaded;
mod message;
mod outstanding;
mod recovery;
mod shared;
mod story;
mod watching;
mod work;

pub use clock::now;
pub use engine::{Accepted, Engine, Options, Run, check_input};
pub use error::EngineError;
pub use story::story;
