use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::fault;
use crate::nodes::{Egress, NodeError};

/// How many connections to one database there are at most.
const MOST_CONNECTIONS: usize = 10;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// How long an attempt waits at most for one of them.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// How many databases' connections are kept.
const MOST_POOLS: usize = 100;

/// The connections of one kind of database, by whom they are for.
pub(super) struct Pools<C>(Mutex<BTreeMap<Name, Arc<Pool<C>>>>);

/// A digest of a connection's text, which is a secret, and what may be reached.
type Name = ([u8; 32], Egress);

/// The connections to one database.
pub(super) struct Pool<C> {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<(C, Instant)>>,
}

/// That one of a pool's connections may be used.
pub(super) struct Permit(
    #[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit,
);

impl<C> Default for Pools<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> fmt::Debug for Pools<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pools")
    }
}

impl<C: Send + 'static> Pools<C> {
    /// The connections that a text stands for.
    pub(super) fn of(&self, connection: &str, egress: &Egress) -> Arc<Pool<C>> {
        let name = (Sha256::digest(connection).into(), egress.clone());
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pools.len() >= MOST_POOLS && !pools.contains_key(&name) {
            pools.clear();
        }
        pools.entry(name).or_insert_with(|| Arc::new(Pool::new())).clone()
    }
}

impl<C: Send + 'static> Pool<C> {
    fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(MOST_CONNECTIONS)), idle: Mutex::default() }
    }

    /// Waits for the right to use a connection, up to half of the time that there is.
    pub(super) async fn enter(&self, time: Duration) -> Result<Permit, NodeError> {
        let wait = (time / 2).min(LONGEST_WAIT);
        let permit = tokio::time::timeout(wait, self.permits.clone().acquire_owned()).await;
        match permit {
            Ok(Ok(permit)) => Ok(Permit(permit)),
            _ => {
                let reason = format!("all {MOST_CONNECTIONS} connections of this process are in use");
                Err(fault::connection_failed(reason).before_effect())
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(C, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last, if one is kept.
    pub(super) fn take(&self) -> Option<C> {
        self.idle().pop().map(|(connection, _)| connection)
    }

    /// Keeps a connection for a while.
    pub(super) fn put(self: &Arc<Self>, connection: C) {
        self.idle().push((connection, Instant::now()));
        let pool = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            if let Some(pool) = pool.upgrade() {
                pool.forget();
            }
        });
    }

    /// Closes what nobody has used for long.
    fn forget(&self) {
        let old: Vec<(C, Instant)>;
        {
            let mut idle = self.idle();
            let (kept, gone) = idle.drain(..).partition(|(_, since)| since.elapsed() < IDLE);
            (*idle, old) = (kept, gone);
        }
        // Closed without the lock.
        drop(old);
    }
}
