use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use super::connection::is_lost_sync;
use super::writer::Signals;
use super::{JournalError, Options};

/// The log is copied into the database whenever it has grown by so many pages of 4 KiB: 16 MiB.
const STEP: u32 = 4096;
/// A log of so many pages, 64 MiB, is begun anew: writers wait for the rest of the copying, which is short.
const LONGEST: u32 = 4 * STEP;
/// How long a log that is to begin anew waits for readers, while writers wait for it.
const PATIENCE: Duration = Duration::from_millis(20);

thread_local! {
    /// The pages in the log, as SQLite told this thread after its last commit.
    static PAGES: Cell<u32> = const { Cell::new(0) };
}

/// The writer's side of the checkpoints: knows when one is due, and asks for it.
pub(super) struct Checkpoints {
    asking: SyncSender<Depth>,
    /// What the log had when a checkpoint was asked for.
    copied: u32,
}

/// How much of the log a checkpoint copies.
enum Depth {
    /// What can be copied while others write.
    Beside,
    /// All, so that the log begins anew.
    Whole,
}

impl Checkpoints {
    /// Starts the thread that makes them on a connection of its own. It ends with the returned handle.
    pub(super) fn start(
        connection: Connection,
        signals: Arc<Signals>,
        options: Options,
    ) -> Result<(Self, JoinHandle<()>), JournalError> {
        let (asking, asked) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(move || copy_when_asked(&connection, &asked, &signals, &options))
            .map_err(|error| JournalError::Thread { reason: error.to_string() })?;
        Ok((Self { asking, copied: 0 }, thread))
    }

    /// Has SQLite tell of the log's length after each commit of a connection.
    pub(super) fn watch(connection: &Connection) {
        connection.wal_hook(Some(|_, pages| {
            PAGES.set(pages.unsigned_abs());
            Ok(())
        }));
    }

    /// After a commit: asks for a checkpoint when one is due.
    pub(super) fn committed(&mut self) {
        let pages = PAGES.get();
        if pages < self.copied {
            self.copied = 0;
        }
        if pages >= self.copied + STEP {
            self.ask();
        }
    }

    /// Whether there is something in the log that no checkpoint was asked for.
    pub(super) fn has_work(&self) -> bool {
        PAGES.get() != self.copied
    }

    /// Asks for a checkpoint. When one is being made, the next one will copy this as well.
    pub(super) fn ask(&mut self) {
        let pages = PAGES.get();
        let depth = if pages >= LONGEST { Depth::Whole } else { Depth::Beside };
        if self.asking.try_send(depth).is_ok() {
            self.copied = pages;
        }
    }
}

fn copy_when_asked(connection: &Connection, asked: &Receiver<Depth>, signals: &Signals, options: &Options) {
    // Without it a checkpoint is made as far as it goes.
    let _ = connection.busy_timeout(PATIENCE);
    for depth in asked {
        let sql = match depth {
            Depth::Beside => "PRAGMA wal_checkpoint(PASSIVE)",
            Depth::Whole => "PRAGMA wal_checkpoint(RESTART)",
        };
        // Other failures are those of a log that stays as it is; the next checkpoint copies it.
        if let Err(error) = connection.query_row(sql, [], |_| Ok(()))
            && is_lost_sync(&error)
        {
            return signals.lose(options);
        }
    }
}

/// Copies the whole log, before anything is done: nobody else has the journal.
pub(super) fn copy_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
