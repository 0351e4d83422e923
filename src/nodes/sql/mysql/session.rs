use std::sync::Arc;
use std::time::Duration;

use mysql_async::consts::StatusFlags;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Params, Row, Statement};

use super::bind::bound;
use super::cell::{name, read};
use super::connect::Link;
use super::fault;
use crate::catalog::Dialect;
use crate::nodes::sql::address::Server;
use crate::nodes::sql::bind::Unfit;
use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::effects::Effects;
use crate::nodes::sql::fault::{connection_failed, deadlock, query_failed};
use crate::nodes::sql::order::{Order, Values};
use crate::nodes::sql::pool::Pool;
use crate::nodes::sql::sink::{Column, Sink, Unreadable};
use crate::nodes::sql::transaction::{Claim, Session};
use crate::nodes::{Egress, NodeError};

/// How long a connection may take to be made ready again: one of which nothing is heard is given up.
const RESET_TIME: Duration = Duration::from_secs(3);

/// How far a session is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing is open.
    Idle,
    /// A transaction is.
    Open,
    /// A statement runs, or something came that wasn't read to its end.
    Broken,
}

/// A connection while an attempt uses it. When it is dropped in between, the server is told to stop.
pub(in crate::nodes::sql) struct MySession {
    link: Option<Link>,
    state: State,
    statement: Option<Statement>,
}

impl Drop for MySession {
    fn drop(&mut self) {
        if let Some(link) = self.link.take() {
            link.cancel();
        }
    }
}

impl MySession {
    /// A connection that lives: one of the pool, or a new one.
    pub(in crate::nodes::sql) async fn open(
        pool: &Pool<Link>,
        server: &Server,
        egress: &Egress,
        time: Duration,
    ) -> Result<Self, NodeError> {
        while let Some(mut link) = pool.take() {
            let reset = tokio::time::timeout(time.min(RESET_TIME), link.conn.reset()).await;
            if matches!(reset, Ok(Ok(true))) {
                return Ok(Self::of(link));
            }
        }
        Link::open(server, egress, time).await.map(Self::of)
    }

    fn of(link: Link) -> Self {
        Self { link: Some(link), state: State::Idle, statement: None }
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

    async fn simple(&mut self, text: &str) -> Result<(), Error> {
        match self.conn() {
            Ok(conn) => conn.query_drop(text).await,
            Err(_) => Ok(()),
        }
    }

    fn conn(&mut self) -> Result<&mut Conn, NodeError> {
        self.link.as_mut().map(|link| &mut link.conn).ok_or_else(|| connection_failed("it is given back"))
    }

    /// Sets what statements rely on: their time, UTC, and that strings have backslashes and are never cut.
    async fn set(&mut self, time: Duration) -> Result<(), NodeError> {
        let is_maria = self.conn()?.server_version() >= (10, 0, 0);
        let limit = if is_maria {
            format!("max_statement_time = {}", time.as_secs_f64())
        } else {
            format!("max_execution_time = {}", time.as_millis().min(u32::MAX.into()))
        };
        let lock = time.as_secs().clamp(1, 3_600);
        let text = format!(
            "set time_zone = '+00:00', sql_mode = concat_ws(',', 'STRICT_ALL_TABLES', \
             nullif(replace(replace(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', ''), '')), \
             innodb_lock_wait_timeout = {lock}, {limit}"
        );
        self.simple(&text).await.map_err(|error| fault::of_own(&error).before_effect())
    }

    async fn prepare(&mut self, order: &Order<'_>, sink: &mut Sink<'_>) -> Result<Statement, NodeError> {
        if let Some(statement) = &self.statement {
            return Ok(statement.clone());
        }
        let text = order.statement.text.as_str();
        let statement = self
            .conn()?
            .prep(text)
            .await
            .map_err(|error| fault::of_statement(&error, order).before_effect())?;
        if usize::from(statement.num_params()) != order.statement.names.len() {
            return Err(query_failed("parameters have names here: write `:name`", None, None).before_effect());
        }
        // Which columns a procedure or `returning` gives is known only when it does.
        if statement.num_columns() > 0 {
            describe(&statement.columns(), sink).map_err(NodeError::before_effect)?;
        }
        self.statement = Some(statement.clone());
        Ok(statement)
    }

    async fn rows(
        &mut self,
        order: &Order<'_>,
        statement: Statement,
        params: Params,
        sink: &mut Sink<'_>,
    ) -> Result<u64, NodeError> {
        let failed = |error: Error| fault::of_statement(&error, order);
        let mut rows = self.conn()?.exec_iter(statement, params).await.map_err(failed)?;
        // A call of a procedure has several sets of rows, of which the first is the answer.
        describe(rows.columns_ref(), sink)?;
        while let Some(row) = rows.next().await.map_err(failed)? {
            if sink.wants_rows() {
                sink.take(|index| cell(&row, index))?;
            }
        }
        let affected = rows.affected_rows();
        rows.drop_result().await.map_err(failed)?;
        Ok(affected)
    }
}

impl Session for MySession {
    /// Tables of some engines, and changes of the schema, stay changed.
    const UNDOES: bool = false;

    async fn begin(&mut self, time: Duration) -> Result<(), NodeError> {
        self.state = State::Broken;
        self.set(time).await?;
        let begun = self.simple("start transaction").await;
        begun.map_err(|error| fault::of_own(&error).before_effect())?;
        self.state = State::Open;
        Ok(())
    }

    async fn claim(&mut self, key: &str) -> Result<Claim, NodeError> {
        let effects = Effects::of(Dialect::MySql);
        let conn = self.conn()?;
        match conn.exec_drop(effects.claim, (key,)).await {
            Ok(()) => return Ok(Claim::New),
            Err(Error::Server(refusal)) if refusal.code == fault::DUPLICATE => {}
            Err(error) => return Err(fault::of_own(&error).before_effect()),
        }
        let kept: Result<Option<Option<String>>, Error> = conn.exec_first(effects.find, (key,)).await;
        let kept = kept.map_err(|error| fault::of_own(&error).before_effect())?;
        // Whoever held the key may have let it go.
        kept.map(|output| Claim::Done(output.unwrap_or_default())).ok_or_else(deadlock)
    }

    async fn run(
        &mut self,
        order: &Order<'_>,
        values: &Values<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<u64, NodeError> {
        if order.key.is_some() && !is_of_transactions(&order.statement.text) {
            let message = "a statement of this kind ends the transaction, so it can't be `transactional`";
            return Err(query_failed(message, None, None).before_effect());
        }
        let statement = self.prepare(order, sink).await?;
        let params = bind(order, values)?;
        self.state = State::Broken;
        let affected = self.rows(order, statement, params, sink).await;
        match &affected {
            // The server has answered, and waits for the next statement.
            Ok(_) => self.state = State::Open,
            Err(error) if error.name != "ConnectionFailed" && !is_of_rows(error) => self.state = State::Open,
            Err(_) => {}
        }
        affected
    }

    async fn keep(&mut self, key: &str, output: &str) -> Result<(), NodeError> {
        let keep = Effects::of(Dialect::MySql).keep;
        let conn = self.conn()?;
        conn.exec_drop(keep, (output, key)).await.map_err(|error| fault::of_own(&error))?;
        let in_transaction = conn
            .last_ok_packet()
            .is_some_and(|ok| ok.status_flags().contains(StatusFlags::SERVER_STATUS_IN_TRANS));
        if !in_transaction {
            let message = "the statement ended the transaction, so it can't be `transactional`";
            return Err(query_failed(message, None, None));
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), NodeError> {
        self.simple("commit").await.map_err(|error| fault::of_own(&error))?;
        self.state = State::Idle;
        Ok(())
    }

    fn is_against_transactions(&self, _: &NodeError) -> bool {
        false
    }

    async fn leave(&mut self, _: Duration) -> Result<(), NodeError> {
        Ok(())
    }
}

/// Whether the rows were refused, and not the statement: then more of them may be on their way.
fn is_of_rows(error: &NodeError) -> bool {
    ["TooManyRows", "TypeMismatch", "PayloadTooLarge"].contains(&error.name.as_str())
}

/// Whether a statement stays inside of its transaction, which those that change the schema don't.
fn is_of_transactions(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    ["select", "insert", "update", "delete", "replace", "with", "call", "do"]
        .contains(&word.to_ascii_lowercase().as_str())
}

fn bind(order: &Order<'_>, values: &Values<'_>) -> Result<Params, NodeError> {
    let params = order.statement.names.iter().map(|name| {
        let value = values.get(name).ok_or_else(|| Unfit("it has no value".to_owned()));
        value.and_then(bound).map_err(|unfit| unfit.of(name))
    });
    let params: Vec<mysql_async::Value> = params.collect::<Result<_, _>>()?;
    Ok(if params.is_empty() { Params::Empty } else { Params::Positional(params) })
}

fn describe(columns: &[mysql_async::Column], sink: &mut Sink<'_>) -> Result<(), NodeError> {
    let column =
        |column: &mysql_async::Column| Column { name: column.name_str().into_owned(), ty: name(column) };
    sink.describe(columns.iter().map(column).collect())
}

fn cell(row: &Row, index: usize) -> Result<Cell<'_>, Unreadable> {
    match (row.columns_ref().get(index), row.as_ref(index)) {
        (Some(column), Some(value)) => read(column, value),
        _ => Err(Unreadable("the row is cut short".to_owned())),
    }
}
