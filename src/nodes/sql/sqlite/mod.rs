//! SQLite: a connection for each attempt, on a thread of its own that ends its work when nobody waits for it.

mod bind;
mod fault;
mod open;
mod session;

pub(super) use open::{Memory, Stop, with_connection};
pub(super) use session::LiteSession;
