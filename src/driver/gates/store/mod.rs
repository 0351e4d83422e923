//! Where processes share their breakers and limits: one row for each that isn't as good as new.
//!
//! *In*: the id of a gate, and a change of its state. *Out*: the changed state, in a transaction of its own.
//! *Never sees*: what a state means.

mod address;
mod error;
mod postgres;
mod shelf;
mod sqlite;

pub use address::Store;
pub use error::StoreError;
pub(super) use shelf::{Kept, Shelf};
