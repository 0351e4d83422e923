use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::address::Address;
use super::effects;
use super::effects::Effects;
use super::fault;
use super::mysql::{self, MySession};
use super::pool::Pools;
use super::postgres::{self, PgSession};
use super::sqlite::{LiteSession, Memory, Stop, with_connection};
use crate::catalog::Dialect;
use crate::nodes::{Egress, NodeError};

/// How long it may take.
const TIME: Duration = Duration::from_secs(60);

/// Makes a database ready for nodes that take effect exactly once: its table of their keys is there after it, and
/// keys older than 90 days are forgotten. Paths of files count from `folder`. Gives the table's name.
///
/// # Errors
/// Those of `database_query`.
pub async fn prepare_database(
    connection: &str,
    folder: &Path,
    egress: &Egress,
) -> Result<&'static str, NodeError> {
    let address = Address::read(connection)?;
    let wanted = Effects::of(address.dialect());
    let statements = wanted.create.iter().copied().chain([wanted.prune]);
    match address {
        Address::Server(Dialect::MySql, server) => {
            let pool = Pools::<mysql::Link>::default().of(connection, egress);
            let mut session = MySession::open(&pool, &server, egress, TIME).await?;
            for statement in statements {
                session.own(statement).await?;
            }
            session.settle(&pool).await;
        }
        Address::Server(_, server) => {
            let pool = Pools::<postgres::Link>::default().of(connection, egress);
            let mut session = PgSession::open(&pool, &server, egress, TIME).await?;
            for statement in statements {
                session.own(statement).await?;
            }
            session.settle(&pool).await;
        }
        Address::Sqlite(file) => {
            let (stop, memory) = (Stop::default(), Memory::default());
            with_connection(&file, folder, &memory, TIME, &stop.sign(), |connection| {
                let session = LiteSession::new(connection, Arc::clone(&stop.sign()));
                statements.into_iter().try_for_each(|statement| session.simple(statement))
            })?;
        }
    }
    Ok(effects::TABLE)
}

/// A connection to a PostgreSQL for what Citadel itself keeps. Whoever operates it says where that is, which is not
/// bound by what nodes may reach.
///
/// # Errors
/// Those of `database_query`.
pub async fn open_postgres(connection: &str) -> Result<tokio_postgres::Client, NodeError> {
    match Address::read(connection)? {
        Address::Server(Dialect::Postgres, server) => {
            Ok(postgres::Link::open(&server, &Egress::allow_private(), TIME).await?.into_client())
        }
        _ => Err(fault::invalid("it must begin with `postgres://`")),
    }
}
