//! MySQL and MariaDB: statements are prepared, so that there is never more than one, and values are bound.

mod bind;
mod cell;
mod connect;
mod fault;
mod session;

pub(super) use connect::Link;
pub(super) use session::MySession;
