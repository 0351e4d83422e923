use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

/// Sees whether the journal was written since it last looked.
#[derive(Debug)]
pub(super) struct Watch(Mutex<Look>);

#[derive(Debug)]
struct Look {
    connection: Connection,
    version: i64,
}

impl Watch {
    /// Looks with a connection of its own: SQLite counts what the others write.
    pub(super) const fn new(connection: Connection) -> Self {
        Self(Mutex::new(Look { connection, version: 0 }))
    }

    /// Whether there is something new. When it can't be told, there may be.
    pub(super) fn changed(&self) -> bool {
        let mut look = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || look.connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0));
        let Ok(version) = read() else { return true };
        std::mem::replace(&mut look.version, version) != version
    }
}
