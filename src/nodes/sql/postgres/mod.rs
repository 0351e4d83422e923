//! PostgreSQL: values go as text, which the server reads as the types that it wants; rows come in its binary form.

mod array;
mod bind;
mod cell;
mod connect;
mod fault;
mod number;
mod session;
mod span;
mod tls;

pub(super) use cell::widened;
pub(super) use connect::Link;
pub(super) use session::PgSession;
