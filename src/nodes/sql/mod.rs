//! The kind `database_query`: one statement on PostgreSQL, MySQL or SQLite, in a transaction of its own.
//!
//! *In*: a call, whose statement is a literal and whose values are bound. *Out*: typed rows and how many were affected,
//! or one of the kind's errors, without any value of a parameter or of a row. *Never sees*: other attempts.

mod address;
mod bind;
mod cell;
mod clock;
mod effects;
mod executor;
mod fault;
mod mysql;
mod order;
mod pool;
mod postgres;
mod preparation;
mod reach;
mod sink;
mod sqlite;
mod statement;
mod transaction;

pub(super) use executor::DatabaseQuery;
pub use preparation::{open_postgres, prepare_database};
