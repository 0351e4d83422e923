use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio_postgres::{Client, Error, Statement, Transaction};

use super::StoreError;
use super::shelf::Change;
use crate::engine::machine::Moment;
use crate::nodes::open_postgres;

/// How many connections there are at most.
const CONNECTIONS: usize = 8;
/// After how many changes rows are looked for that nobody needs.
const TIDY_EVERY: u32 = 1_000;

/// A server, whose clock is the time of all who use it.
pub(super) struct Postgres {
    address: String,
    permits: Semaphore,
    idle: Mutex<Vec<Session>>,
    changes: AtomicU32,
}

/// A connection that has the table.
struct Session {
    client: Client,
    lock: Statement,
    read: Statement,
    write: Statement,
}

impl Postgres {
    /// The server of a URL.
    pub(super) fn at(url: &str) -> Self {
        let (permits, idle) = (Semaphore::new(CONNECTIONS), Mutex::default());
        Self { address: url.to_owned(), permits, idle, changes: AtomicU32::new(0) }
    }

    pub(super) async fn change<R: Send + 'static>(
        &self,
        id: &str,
        change: impl Change<R>,
    ) -> Result<R, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut session = match self.kept() {
            Some(session) => session,
            None => Session::open(&self.address).await?,
        };
        let is_tidied = self.changes.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY);
        // After a failure it is closed.
        let result = session.change(id, change, is_tidied).await.map_err(|error| failed(&error))?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        Ok(result)
    }

    /// A connection that is open and that nobody uses.
    fn kept(&self) -> Option<Session> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find(|session| !session.client.is_closed())
    }
}

impl Session {
    async fn open(address: &str) -> Result<Self, StoreError> {
        let client = open_postgres(address).await.map_err(|error| StoreError::Failed(error.message))?;
        Self::prepare(client).await.map_err(|error| failed(&error))
    }

    /// Those who make the table at once get in each other's way, so one after the other does.
    async fn prepare(client: Client) -> Result<Self, Error> {
        client
            .batch_execute(
                "SET lock_timeout = 1500;
                 BEGIN;
                 SELECT pg_advisory_xact_lock(hashtextextended('citadel_gates', 0));
                 CREATE TABLE IF NOT EXISTS citadel_gates (id text PRIMARY KEY, state text NOT NULL, idle_at bigint NOT NULL);
                 COMMIT;",
            )
            .await?;
        // A row that isn't there can't be locked; its name can.
        let lock = client.prepare("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))").await?;
        let read = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
                           (SELECT state FROM citadel_gates WHERE id = $1)";
        let read = client.prepare(read).await?;
        let write = "INSERT INTO citadel_gates (id, state, idle_at) VALUES ($1, $2, $3)
                     ON CONFLICT (id) DO UPDATE SET state = excluded.state, idle_at = excluded.idle_at";
        let write = client.prepare(write).await?;
        Ok(Self { client, lock, read, write })
    }

    async fn change<R: Send + 'static>(
        &mut self,
        id: &str,
        change: impl Change<R>,
        is_tidied: bool,
    ) -> Result<R, Error> {
        let Self { client, lock, read, write } = self;
        let transaction = client.transaction().await?;
        transaction.query(&*lock, &[&id]).await?;
        let row = transaction.query_one(&*read, &[&id]).await?;
        let (now, known): (i64, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        let (kept, result) = change(known.as_deref(), Moment(now));
        if kept.idle_at.0 <= now {
            if known.is_some() {
                transaction.execute("DELETE FROM citadel_gates WHERE id = $1", &[&id]).await?;
            }
        } else if known.as_deref() != Some(kept.text.as_str()) {
            transaction.execute(&*write, &[&id, &kept.text, &kept.idle_at.0]).await?;
        }
        if is_tidied {
            tidy(&transaction, now).await?;
        }
        transaction.commit().await?;
        Ok(result)
    }
}

async fn tidy(transaction: &Transaction<'_>, now: i64) -> Result<(), Error> {
    transaction.execute("DELETE FROM citadel_gates WHERE idle_at <= $1", &[&now]).await.map(drop)
}

/// In the server's own words, where it said something.
fn failed(error: &Error) -> StoreError {
    let said = error.as_db_error().map(|said| said.message().to_owned());
    StoreError::Failed(said.unwrap_or_else(|| error.to_string()))
}
