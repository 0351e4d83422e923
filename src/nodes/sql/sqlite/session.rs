use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::{CachedStatement, Connection, OptionalExtension};

use super::bind::{bound, cell};
use super::fault;
use crate::catalog::Dialect;
use crate::nodes::NodeError;
use crate::nodes::sql::bind::Unfit;
use crate::nodes::sql::effects::Effects;
use crate::nodes::sql::fault::{code, query_failed, timeout};
use crate::nodes::sql::order::{Order, Values};
use crate::nodes::sql::sink::{Column, Sink, Unreadable};
use crate::nodes::sql::transaction::{Claim, Session};

/// A connection while an attempt uses it. What it is asked is done at once: it lives on a thread that may wait.
pub(in crate::nodes::sql) struct LiteSession<'c> {
    connection: &'c mut Connection,
    stopped: Arc<AtomicBool>,
}

impl Drop for LiteSession<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit() {
            // Of no use for a connection that is lost.
            let _ = self.connection.execute_batch("rollback");
        }
    }
}

impl<'c> LiteSession<'c> {
    /// On a connection that is ready.
    pub(in crate::nodes::sql) fn new(connection: &'c mut Connection, stopped: Arc<AtomicBool>) -> Self {
        Self { connection, stopped }
    }

    /// Executes statements that are our own.
    pub(in crate::nodes::sql) fn simple(&self, text: &str) -> Result<(), NodeError> {
        self.connection.execute_batch(text).map_err(|error| fault::of_own(&error))
    }

    fn execute(&self, order: &Order<'_>, values: &Values<'_>, sink: &mut Sink<'_>) -> Result<u64, NodeError> {
        let failed = |error: rusqlite::Error| fault::of_statement(&error, order);
        let before = self.connection.total_changes();
        let mut statement = self.connection.prepare_cached(&order.statement.text).map_err(failed)?;
        bind(&mut statement, order, values)?;
        let declared = describe(&statement, sink)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            if sink.wants_rows() {
                sink.take(|index| match (row.get_ref(index), declared.get(index)) {
                    (Ok(value), Some(declared)) => cell(value, declared),
                    _ => Err(Unreadable("the row is cut short".to_owned())),
                })?;
            }
        }
        drop(rows);
        // The number is that of the last change, whenever that was.
        let has_changed = self.connection.total_changes() != before;
        Ok(if has_changed { self.connection.changes() } else { 0 })
    }
}

impl Session for LiteSession<'_> {
    const UNDOES: bool = true;

    async fn begin(&mut self, _: Duration) -> Result<(), NodeError> {
        self.simple("begin").map_err(NodeError::before_effect)
    }

    async fn claim(&mut self, key: &str) -> Result<Claim, NodeError> {
        let effects = Effects::of(Dialect::Sqlite);
        let failed = |error: rusqlite::Error| fault::of_own(&error);
        if self.connection.execute(effects.claim, [key]).map_err(failed)? > 0 {
            return Ok(Claim::New);
        }
        let kept = self.connection.query_row(effects.find, [key], |row| row.get::<_, Option<String>>(0));
        Ok(Claim::Done(kept.optional().map_err(failed)?.flatten().unwrap_or_default()))
    }

    async fn run(
        &mut self,
        order: &Order<'_>,
        values: &Values<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<u64, NodeError> {
        self.execute(order, values, sink)
    }

    async fn keep(&mut self, key: &str, output: &str) -> Result<(), NodeError> {
        let keep = Effects::of(Dialect::Sqlite).keep;
        self.connection.execute(keep, [output, key]).map(drop).map_err(|error| fault::of_own(&error))
    }

    async fn commit(&mut self) -> Result<(), NodeError> {
        if self.stopped.load(Ordering::SeqCst) {
            return Err(timeout());
        }
        if self.connection.is_autocommit() {
            let message = "the statement ended the transaction, which the node ends itself";
            return Err(query_failed(message, None, None));
        }
        // What can't be committed is undone.
        self.simple("commit").map_err(NodeError::before_effect)
    }

    fn is_against_transactions(&self, error: &NodeError) -> bool {
        code(error) == Some(fault::AGAINST)
    }

    async fn leave(&mut self, _: Duration) -> Result<(), NodeError> {
        self.simple("rollback").map_err(NodeError::before_effect)
    }
}

fn bind(
    statement: &mut CachedStatement<'_>,
    order: &Order<'_>,
    values: &Values<'_>,
) -> Result<(), NodeError> {
    if statement.parameter_count() != order.statement.names.len() {
        return Err(query_failed("parameters have names here: write `:name`", None, None));
    }
    for (index, name) in order.statement.names.iter().enumerate() {
        let value = values.get(name).ok_or_else(|| Unfit("it has no value".to_owned()));
        let value = value.and_then(bound).map_err(|unfit| unfit.of(name))?;
        let taken = statement.raw_bind_parameter(index + 1, value);
        taken.map_err(|error| fault::of_statement(&error, order))?;
    }
    Ok(())
}

/// Tells the columns, and gives the types that they were declared with.
fn describe(statement: &CachedStatement<'_>, sink: &mut Sink<'_>) -> Result<Vec<String>, NodeError> {
    let columns = statement.columns();
    let declared: Vec<String> =
        columns.iter().map(|column| column.decl_type().unwrap_or_default().to_owned()).collect();
    let column = |(column, ty): (&rusqlite::Column<'_>, &String)| Column {
        name: column.name().to_owned(),
        ty: if ty.is_empty() { "no declared type".to_owned() } else { ty.clone() },
    };
    sink.describe(columns.iter().zip(&declared).map(column).collect())?;
    Ok(declared)
}
