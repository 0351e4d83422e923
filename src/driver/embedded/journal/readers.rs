use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::connection;
use super::folder::Folder;
use super::{Access, JournalError};

/// So many connections are kept for the next reader.
const KEPT: usize = 4;

/// Connections that only read. Nobody waits for one: there is another when all are in use.
#[derive(Debug)]
pub(super) struct Readers {
    folder: Folder,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Of the journal of a folder.
    pub(super) const fn new(folder: Folder) -> Self {
        Self { folder, idle: Mutex::new(Vec::new()) }
    }

    /// Whose journal they read.
    pub(super) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Reads with one of them.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Folder, &Connection) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| connection::open(&self.folder, Access::Read), Ok)?;
        let result = read(&self.folder, &connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(connection);
        }
        result
    }
}
