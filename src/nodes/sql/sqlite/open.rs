use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::fault;
use crate::nodes::NodeError;
use crate::nodes::sql::address::{File, FileAccess};

/// How long a file that another one writes to is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// After how many steps of a statement it is seen whether anybody waits for it.
const STEPS: i32 = 1_000;

/// The database in memory, which all attempts of a process share.
pub(in crate::nodes::sql) type Memory = Arc<Mutex<Option<Connection>>>;

/// Tells a thread that nobody waits for it any more, when it is dropped.
#[derive(Default)]
pub(in crate::nodes::sql) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// What the thread looks at.
    pub(in crate::nodes::sql) fn sign(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Does something with a connection to a file, whose path counts from a folder, or to the database in memory.
pub(in crate::nodes::sql) fn with_connection<T>(
    file: &File,
    folder: &Path,
    memory: &Memory,
    time: Duration,
    stopped: &Arc<AtomicBool>,
    work: impl FnOnce(&mut Connection) -> Result<T, NodeError>,
) -> Result<T, NodeError> {
    let failed = |error: rusqlite::Error| fault::of_opening(&error);
    let Some(path) = &file.path else {
        let mut shared = memory.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.is_none() {
            *shared = Some(Connection::open_in_memory().map_err(failed)?);
        }
        return match shared.as_mut() {
            Some(connection) => {
                made_ready(connection, time, stopped).map_err(failed).and_then(|()| work(connection))
            }
            None => Err(fault::of_opening(&rusqlite::Error::InvalidQuery)),
        };
    };
    let mut connection =
        Connection::open_with_flags(folder.join(path), flags(file.access)).map_err(failed)?;
    made_ready(&connection, time, stopped).map_err(failed)?;
    work(&mut connection)
}

fn made_ready(connection: &Connection, time: Duration, stopped: &Arc<AtomicBool>) -> rusqlite::Result<()> {
    let stopped = stopped.clone();
    connection.busy_timeout(time.min(BUSY))?;
    connection.progress_handler(STEPS, Some(move || stopped.load(Ordering::SeqCst)))?;
    connection.pragma_update(None, "foreign_keys", true)
}

fn flags(access: FileAccess) -> OpenFlags {
    // A path is a path, and no URI with options.
    let access = match access {
        FileAccess::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        FileAccess::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
        FileAccess::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}
