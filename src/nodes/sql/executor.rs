use std::path::PathBuf;
use std::sync::Arc;

use super::address::{Address, File, Server};
use super::mysql::{self, MySession};
use super::order::Order;
use super::pool::Pools;
use super::postgres::{self, PgSession};
use super::sink::Sink;
use super::sqlite::{LiteSession, Memory, Stop, with_connection};
use super::{fault, transaction};
use crate::catalog::Dialect;
use crate::nodes::{Call, Context, Egress, Executor, Future, NodeError};
use crate::value::Value;

/// The executor of the kind, with the connections that its calls share.
#[derive(Default)]
pub(in crate::nodes) struct DatabaseQuery {
    /// What paths of files count from; the working folder where it is empty.
    folder: PathBuf,
    postgres: Pools<postgres::Link>,
    mysql: Pools<mysql::Link>,
    memory: Memory,
}

impl DatabaseQuery {
    /// One for which paths of files count from a folder.
    pub(in crate::nodes) fn in_folder(folder: PathBuf) -> Self {
        Self { folder, ..Self::default() }
    }

    async fn query(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let call = Call { input: context.secrets().fill(&call.input)?, ..call.clone() };
        let connection = call.text("connection").unwrap_or_default();
        let address = Address::read(connection)?;
        let order = Order::new(&call, address.dialect())?;
        if order.records.is_empty() {
            return Sink::new(&order).output(0);
        }
        match address {
            Address::Server(Dialect::MySql, server) => {
                self.mysql(&order, &server, connection, context.egress()).await
            }
            Address::Server(_, server) => self.postgres(&order, &server, connection, context.egress()).await,
            Address::Sqlite(file) => {
                drop(order);
                self.sqlite(call, file).await
            }
        }
    }

    async fn postgres(
        &self,
        order: &Order<'_>,
        server: &Server,
        connection: &str,
        egress: &Egress,
    ) -> Result<Value, NodeError> {
        let pool = self.postgres.of(connection, egress);
        let _permit = pool.enter(order.left()).await?;
        let mut session = PgSession::open(&pool, server, egress, order.left()).await?;
        let result = transaction::perform(&mut session, order).await;
        session.settle(&pool).await;
        result
    }

    async fn mysql(
        &self,
        order: &Order<'_>,
        server: &Server,
        connection: &str,
        egress: &Egress,
    ) -> Result<Value, NodeError> {
        let pool = self.mysql.of(connection, egress);
        let _permit = pool.enter(order.left()).await?;
        let mut session = MySession::open(&pool, server, egress, order.left()).await?;
        let result = transaction::perform(&mut session, order).await;
        session.settle(&pool).await;
        result
    }

    async fn sqlite(&self, call: Call, file: File) -> Result<Value, NodeError> {
        let stop = Stop::default();
        let (stopped, memory, folder) = (stop.sign(), self.memory.clone(), self.folder.clone());
        let runtime = tokio::runtime::Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            let order = Order::new(&call, Dialect::Sqlite)?;
            with_connection(&file, &folder, &memory, order.left(), &stopped, |connection| {
                let mut session = LiteSession::new(connection, Arc::clone(&stopped));
                runtime.block_on(transaction::perform(&mut session, &order))
            })
        });
        let result = work.await;
        drop(stop);
        result.unwrap_or_else(|_| Err(fault::connection_failed("its thread ended")))
    }
}

impl Executor for DatabaseQuery {
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a> {
        Box::pin(self.query(call, context))
    }
}
