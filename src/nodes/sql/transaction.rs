use std::time::Duration;

use super::fault;
use super::order::{Order, Values};
use super::sink::Sink;
use crate::nodes::{NodeError, crash};
use crate::value::Value;

/// Whose a key is.
pub(super) enum Claim {
    /// This transaction's.
    New,
    /// One's that took effect, and what it gave.
    Done(String),
}

/// A connection to a database, as one attempt uses it.
pub(super) trait Session: Send {
    /// Whether all that is done before the commit is undone when it doesn't come to it.
    const UNDOES: bool;

    /// Begins a transaction whose statements have so long.
    fn begin(&mut self, time: Duration) -> impl Future<Output = Result<(), NodeError>> + Send;

    /// Takes the key of an effect. Waits for another transaction that has taken it.
    fn claim(&mut self, key: &str) -> impl Future<Output = Result<Claim, NodeError>> + Send;

    /// Executes the statement with some values, and gives how many rows were affected.
    fn run(
        &mut self,
        order: &Order<'_>,
        values: &Values<'_>,
        sink: &mut Sink<'_>,
    ) -> impl Future<Output = Result<u64, NodeError>> + Send;

    /// Keeps what an effect gave.
    fn keep(&mut self, key: &str, output: &str) -> impl Future<Output = Result<(), NodeError>> + Send;

    /// Makes the transaction durable.
    fn commit(&mut self) -> impl Future<Output = Result<(), NodeError>> + Send;

    /// Whether an error says that the statement can't stand in a transaction.
    fn is_against_transactions(&self, error: &NodeError) -> bool;

    /// Leaves the transaction, for statements that have so long.
    fn leave(&mut self, time: Duration) -> impl Future<Output = Result<(), NodeError>> + Send;
}

/// Carries an order out: in one transaction, with the key of the effect where it is to happen once.
pub(super) async fn perform<S: Session>(session: &mut S, order: &Order<'_>) -> Result<Value, NodeError> {
    session.begin(order.left()).await?;
    let output = match in_transaction(session, order).await {
        Err(error) if order.is_bare() && session.is_against_transactions(&error) => {
            return alone(session, order).await;
        }
        Err(error) if S::UNDOES => return Err(error.before_effect()),
        Err(error) => return Err(error),
        Ok(Ended::Before(output)) => return Ok(output),
        Ok(Ended::Now(output)) => output,
    };
    crash::point("before_sql_commit");
    session.commit().await?;
    crash::point("after_sql_commit");
    Ok(output)
}

enum Ended {
    /// In an earlier attempt.
    Before(Value),
    /// In this one, once it is committed.
    Now(Value),
}

async fn in_transaction<S: Session>(session: &mut S, order: &Order<'_>) -> Result<Ended, NodeError> {
    if let Some(key) = order.key
        && let Claim::Done(output) = session.claim(key).await?
    {
        return kept(order, &output).map(Ended::Before);
    }
    let mut sink = Sink::new(order);
    let mut affected = 0_u64;
    for values in &order.records {
        affected = affected.saturating_add(session.run(order, values, &mut sink).await?);
    }
    let output = sink.output(affected)?;
    if let Some(key) = order.key {
        let json = output.to_json().map_err(|error| fault::mismatch(error.to_string()))?;
        session.keep(key, &json.to_string()).await?;
    }
    Ok(Ended::Now(output))
}

/// What an earlier attempt gave.
fn kept(order: &Order<'_>, output: &str) -> Result<Value, NodeError> {
    let shapes = &order.call.shapes;
    let json = serde_json::from_str(output).ok();
    json.and_then(|json| shapes.decode(order.call.output, &json).ok()).ok_or_else(|| {
        fault::query_failed("what the table of effects keeps is not what this node gives", None, None)
    })
}

/// For statements such as `VACUUM`, which take effect at once.
async fn alone<S: Session>(session: &mut S, order: &Order<'_>) -> Result<Value, NodeError> {
    session.leave(order.left()).await?;
    let mut sink = Sink::new(order);
    let mut affected = 0;
    for values in &order.records {
        affected = session.run(order, values, &mut sink).await?;
    }
    sink.output(affected)
}
