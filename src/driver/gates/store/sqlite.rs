use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::StoreError;
use super::shelf::Change;
use crate::driver::embedded::now;

/// How long one process waits for another's transaction.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// After how many changes rows are looked for that nobody needs.
const TIDY_EVERY: u32 = 1_000;

/// A file. Its processes are on one machine, whose clock is the time.
pub(super) struct Sqlite(Arc<File>);

struct File {
    path: PathBuf,
    open: Mutex<Option<Open>>,
}

struct Open {
    connection: Connection,
    changes: u32,
}

impl Sqlite {
    pub(super) fn at(path: PathBuf) -> Self {
        Self(Arc::new(File { path, open: Mutex::default() }))
    }

    pub(super) async fn change<R: Send + 'static>(
        &self,
        id: String,
        change: impl Change<R>,
    ) -> Result<R, StoreError> {
        let file = Arc::clone(&self.0);
        let changed = tokio::task::spawn_blocking(move || file.change(&id, change));
        let changed = changed.await.map_err(|error| StoreError::Failed(error.to_string()))?;
        changed.map_err(|error| StoreError::Failed(error.to_string()))
    }
}

impl File {
    fn change<R: Send + 'static>(&self, id: &str, change: impl Change<R>) -> rusqlite::Result<R> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut opened = match open.take() {
            Some(opened) => opened,
            None => Open { connection: connect(&self.path)?, changes: 0 },
        };
        // After a failure it is opened anew.
        let result = opened.change(id, change)?;
        *open = Some(opened);
        Ok(result)
    }
}

impl Open {
    fn change<R: Send + 'static>(&mut self, id: &str, change: impl Change<R>) -> rusqlite::Result<R> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let at = now();
        let known: Option<String> = transaction
            .prepare_cached("SELECT state FROM citadel_gates WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        let (kept, result) = change(known.as_deref(), at);
        if kept.idle_at <= at {
            if known.is_some() {
                transaction.prepare_cached("DELETE FROM citadel_gates WHERE id = ?1")?.execute([id])?;
            }
        } else if known.as_deref() != Some(kept.text.as_str()) {
            transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO citadel_gates (id, state, idle_at) VALUES (?1, ?2, ?3)",
                )?
                .execute((id, &kept.text, kept.idle_at.0))?;
        }
        if self.changes.is_multiple_of(TIDY_EVERY) {
            transaction.execute("DELETE FROM citadel_gates WHERE idle_at <= ?1", [at.0])?;
        }
        transaction.commit()?;
        self.changes = self.changes.wrapping_add(1);
        Ok(result)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA trusted_schema = OFF;
         CREATE TABLE IF NOT EXISTS citadel_gates (id TEXT PRIMARY KEY, state TEXT NOT NULL, idle_at INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    Ok(connection)
}
