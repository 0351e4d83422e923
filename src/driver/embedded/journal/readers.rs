use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::connection;
use super::folder::Folder;
use super::{Access, JournalError};

/// So many read at the same time; more would only be in each other's way.
const AT_ONCE: usize = 4;

/// Connections that only read, opened when they are first needed.
#[derive(Debug)]
pub(super) struct Readers {
    folder: Folder,
    idle: Mutex<Vec<Connection>>,
    turns: Semaphore,
}

impl Readers {
    /// Of the journal of a folder.
    pub(super) const fn new(folder: Folder) -> Self {
        Self { folder, idle: Mutex::new(Vec::new()), turns: Semaphore::const_new(AT_ONCE) }
    }

    /// Whose journal they read.
    pub(super) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Waits until not too many read. It is never closed.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Reads with one of them, in one's turn.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Folder, &Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connection::open(&self.folder, Access::Read), Ok)?;
        let result = read(&self.folder, &connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result
    }
}
