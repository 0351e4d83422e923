use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row, Statement};

use super::bind::Text;
use super::cell::{Raw, read};
use super::connect::Link;
use super::fault;
use crate::catalog::Dialect;
use crate::nodes::sql::address::Server;
use crate::nodes::sql::bind::Unfit;
use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::effects::Effects;
use crate::nodes::sql::fault::{code, connection_failed, query_failed};
use crate::nodes::sql::order::{Order, Values};
use crate::nodes::sql::pool::Pool;
use crate::nodes::sql::sink::{Column, Sink, Unreadable};
use crate::nodes::sql::transaction::{Claim, Session};
use crate::nodes::{Egress, NodeError};

/// Takes away what the last statement may have left. An answer shows that the connection lives.
const RESET: &str = "rollback; close all; set session authorization default; reset all; unlisten *; \
     select pg_advisory_unlock_all(); discard temp; discard sequences";

/// How long that may take: a connection of which nothing is heard is given up.
const RESET_TIME: Duration = Duration::from_secs(3);

/// How far a session is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is open.
    Idle,
    /// A transaction is, or a statement runs.
    Open,
    /// Something came that wasn't read to its end.
    Broken,
}

/// A connection while an attempt uses it. When it is dropped in between, the server is told to stop.
pub(in crate::nodes::sql) struct PgSession {
    link: Option<Link>,
    state: State,
    prepared: Option<Prepared>,
}

struct Prepared {
    statement: Statement,
    types: Vec<String>,
}

impl Drop for PgSession {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.cancel();
        }
    }
}

impl PgSession {
    /// A connection that lives: one of the pool, or a new one.
    pub(in crate::nodes::sql) async fn open(
        pool: &Pool<Link>,
        server: &Server,
        egress: &Egress,
        time: Duration,
    ) -> Result<Self, NodeError> {
        while let Some(link) = pool.take() {
            let reset = tokio::time::timeout(time.min(RESET_TIME), link.client.batch_execute(RESET));
            if !link.client.is_closed() && matches!(reset.await, Ok(Ok(()))) {
                return Ok(Self::of(link));
            }
        }
        Link::open(server, egress, time).await.map(Self::of)
    }

    fn of(link: Link) -> Self {
        Self { link: Some(link), state: State::Idle, prepared: None }
    }

    /// Gives the connection back to the pool if it is of use still.
    pub(in crate::nodes::sql) async fn settle(mut self, pool: &Arc<Pool<Link>>) {
        if self.state == State::Open && self.simple("rollback").await.is_ok() {
            self.state = State::Idle;
        }
        if self.state == State::Idle
            && let Some(link) = self.link.take()
        {
            pool.put(link);
        }
    }

    /// Executes a statement that is our own, outside of any transaction.
    pub(in crate::nodes::sql) async fn own(&mut self, text: &str) -> Result<(), NodeError> {
        self.simple(text).await.map_err(|error| fault::of_own(&error))
    }

    async fn simple(&mut self, text: &str) -> Result<(), tokio_postgres::Error> {
        match self.client() {
            Ok(client) => client.batch_execute(text).await,
            Err(_) => Ok(()),
        }
    }

    fn client(&self) -> Result<&Client, NodeError> {
        self.link.as_ref().map(|link| &link.client).ok_or_else(|| connection_failed("it is given back"))
    }

    async fn prepare(&mut self, order: &Order<'_>, sink: &mut Sink<'_>) -> Result<(), NodeError> {
        if self.prepared.is_some() {
            return Ok(());
        }
        let statement = self.client()?.prepare(&order.statement.text).await;
        let statement = statement.map_err(|error| fault::of_statement(&error, order))?;
        if statement.params().len() != order.statement.names.len() {
            return Err(query_failed("parameters have names here: write `:name`", None, None));
        }
        let column = |column: &tokio_postgres::Column| Column {
            name: column.name().to_owned(),
            ty: column.type_().name().to_owned(),
        };
        sink.describe(statement.columns().iter().map(column).collect())?;
        let types = statement.params().iter().map(|ty| ty.name().to_owned()).collect();
        self.prepared = Some(Prepared { statement, types });
        Ok(())
    }
}

impl Session for PgSession {
    const UNDOES: bool = true;

    async fn begin(&mut self, time: Duration) -> Result<(), NodeError> {
        self.state = State::Open;
        let begin = format!("begin; {}", settings("local", time));
        let begun = self.simple(&begin).await;
        begun.map_err(|error| fault::of_own(&error).before_effect())
    }

    async fn claim(&mut self, key: &str) -> Result<Claim, NodeError> {
        let effects = Effects::of(Dialect::Postgres);
        let client = self.client()?;
        let key: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&key, Type::TEXT)];
        let claimed =
            client.execute_typed(effects.claim, &key).await.map_err(|error| fault::of_own(&error))?;
        if claimed > 0 {
            return Ok(Claim::New);
        }
        let kept = client.query_typed(effects.find, &key).await.map_err(|error| fault::of_own(&error))?;
        let output = kept.first().and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten());
        Ok(Claim::Done(output.unwrap_or_default()))
    }

    async fn run(
        &mut self,
        order: &Order<'_>,
        values: &Values<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<u64, NodeError> {
        self.prepare(order, sink).await?;
        let Some(prepared) = &self.prepared else { return Ok(0) };
        let texts = bound(order, values, prepared.statement.params())?;
        let client = self.client()?;
        let rows = client.query_raw(&prepared.statement, texts).await;
        let rows = rows.map_err(|error| fault::of_binding(&error, order, &prepared.types))?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| fault::of_statement(&error, order))?;
            if sink.wants_rows()
                && let Err(error) = sink.take(|index| cell(&row, index))
            {
                self.state = State::Broken;
                return Err(error);
            }
        }
        Ok(rows.rows_affected().unwrap_or_default())
    }

    async fn keep(&mut self, key: &str, output: &str) -> Result<(), NodeError> {
        let keep = Effects::of(Dialect::Postgres).keep;
        let kept = self.client()?.execute_typed(keep, &[(&output, Type::TEXT), (&key, Type::TEXT)]).await;
        kept.map(drop).map_err(|error| fault::of_own(&error))
    }

    async fn commit(&mut self) -> Result<(), NodeError> {
        let committed = self.simple("commit").await;
        // Deferred constraints and serialisation are judged at the end; when the connection is lost there, nobody knows.
        let judged =
            |error: &tokio_postgres::Error| error.as_db_error().is_some_and(|refusal| !is_shutdown(refusal));
        committed.map_err(|error| {
            let failed = fault::of_own(&error);
            if judged(&error) { failed.before_effect() } else { failed }
        })?;
        self.state = State::Idle;
        Ok(())
    }

    fn is_against_transactions(&self, error: &NodeError) -> bool {
        matches!(code(error), Some("25001" | "2D000"))
    }

    async fn leave(&mut self, time: Duration) -> Result<(), NodeError> {
        let left = self.simple(&format!("rollback; {}", settings("session", time))).await;
        left.map_err(|error| fault::of_own(&error).before_effect())
    }
}

/// Whether the server was told to end, which may come between a commit and its answer.
fn is_shutdown(refusal: &tokio_postgres::error::DbError) -> bool {
    refusal.code().code().starts_with("57P")
}

/// What statements rely on: their time, that backslashes have no meaning in strings, and that a time without a zone is
/// in UTC.
fn settings(scope: &str, time: Duration) -> String {
    let time = time.as_millis().min(i32::MAX.unsigned_abs().into());
    format!(
        "set {scope} statement_timeout = {time}; set {scope} standard_conforming_strings = on; \
         set {scope} timezone = 'UTC'"
    )
}

fn bound(order: &Order<'_>, values: &Values<'_>, types: &[Type]) -> Result<Vec<Text>, NodeError> {
    let texts = order.statement.names.iter().zip(types).map(|(name, ty)| {
        let value = values.get(name).ok_or_else(|| Unfit("it has no value".to_owned()));
        value.and_then(|value| Text::of(value, ty)).map_err(|unfit| unfit.of(name))
    });
    texts.collect()
}

fn cell(row: &Row, index: usize) -> Result<Cell<'_>, Unreadable> {
    let cut = |_| Unreadable("the row is cut short".to_owned());
    match row.try_get::<_, Raw<'_>>(index).map_err(cut)?.0 {
        None => Ok(Cell::Null),
        Some(bytes) => match row.columns().get(index) {
            Some(column) => read(column.type_(), bytes),
            None => Ok(Cell::Null),
        },
    }
}
