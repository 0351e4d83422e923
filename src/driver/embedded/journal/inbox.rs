use rusqlite::{Connection, Params, Row};

use super::link::Link;
use super::{Message, Posted};

const COLUMNS: &str = "inbox.row, runs.id, inbox.payload, inbox.link";

/// The messages of all runs that an owner has, oldest first.
pub(super) fn of_owner(connection: &Connection, owner: &str) -> rusqlite::Result<Vec<Posted>> {
    let from = "inbox JOIN runs ON runs.key = inbox.run WHERE runs.owner = ?1";
    read(connection, from, [owner])
}

/// The messages of a run, oldest first.
pub(super) fn of_run(connection: &Connection, run: &str) -> rusqlite::Result<Vec<Posted>> {
    let from = "runs JOIN inbox ON inbox.run = runs.key WHERE runs.id = ?1";
    read(connection, from, [run])
}

/// A message that isn't what was posted is left out: acting on it would be wrong, and stopping at it would stop all
/// that come after it.
fn read(connection: &Connection, from: &str, params: impl Params) -> rusqlite::Result<Vec<Posted>> {
    let sql = format!("SELECT {COLUMNS} FROM {from} ORDER BY inbox.row");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params, verified)?;
    rows.filter_map(Result::transpose).collect()
}

fn verified(row: &Row<'_>) -> rusqlite::Result<Option<Posted>> {
    let (run, payload): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let whole = row.get::<_, Vec<u8>>(3)? == Link::of_message(&run, &payload).as_bytes();
    Ok(whole.then_some((run, row.get(0)?, Message { payload })))
}

/// Whether all messages of a run are what was posted.
pub(super) fn is_whole(connection: &Connection, run: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT count(*) FROM runs JOIN inbox ON inbox.run = runs.key WHERE runs.id = ?1";
    let posted: i64 = connection.prepare_cached(sql)?.query_row([run], |row| row.get(0))?;
    Ok(of_run(connection, run)?.len() as i64 == posted)
}
