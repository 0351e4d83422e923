//! The commands about databases that workflows use.
//!
//! In: where a database is. Out: a line on standard output. Never shows the connection, which is a secret.

mod arguments;
mod init;

pub(super) use arguments::Db;
pub(super) use init::perform;
