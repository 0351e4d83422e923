use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::{self, JoinHandle};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::checkpoint::Checkpoints;
use super::job::{Change, Job, Pending, Reply};
use super::ledger::Ledger;
use super::writer::{Signals, Writer};
use super::{Health, JournalError};

/// So many changes that nobody has to make may wait to be written; then who wants another waits.
const PLACES: usize = 1024;

/// The way to the writer. What is put into it is written in that order.
#[derive(Debug)]
pub(super) struct Queue {
    /// None once it is closed.
    jobs: RwLock<Option<Sender<Box<dyn Job>>>>,
    places: Arc<Semaphore>,
    signals: Arc<Signals>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Queue {
    /// Starts the writer.
    pub(super) fn start(
        ledger: Ledger,
        checkpoints: (Checkpoints, JoinHandle<()>),
        signals: Arc<Signals>,
        options: super::Options,
    ) -> Result<Self, JournalError> {
        let (sender, jobs) = channel();
        let (checkpoints, copying) = checkpoints;
        let writer = Writer { ledger, checkpoints, signals: Arc::clone(&signals), options };
        let writing = thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run(&jobs))
            .map_err(|error| JournalError::Thread { reason: error.to_string() })?;
        Ok(Self {
            jobs: RwLock::new(Some(sender)),
            places: Arc::new(Semaphore::new(PLACES)),
            signals,
            threads: Mutex::new(vec![writing, copying]),
        })
    }

    /// Puts a change into the queue at once.
    pub(super) fn put<C: Change>(&self, change: C) -> Result<Reply<C::Done>, JournalError> {
        self.put_at(change, None)
    }

    /// Puts a change into the queue when there is a place, and waits until it is durable.
    pub(super) async fn write<C: Change>(&self, change: C) -> Result<C::Done, JournalError> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| JournalError::Closed)?;
        let reply = self.put_at(change, Some(place))?;
        reply.await.unwrap_or(Err(JournalError::Closed))
    }

    fn put_at<C: Change>(
        &self,
        change: C,
        place: Option<OwnedSemaphorePermit>,
    ) -> Result<Reply<C::Done>, JournalError> {
        let (job, reply) = Pending::queued(change, place);
        let jobs = self.jobs.read().unwrap_or_else(PoisonError::into_inner);
        let sent = jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if sent { Ok(reply) } else { Err(JournalError::Closed) }
    }

    /// Whether the writer gets on.
    pub(super) fn health(&self) -> Health {
        self.signals.health()
    }

    /// Takes nothing more, and waits until all that was put in is written.
    pub(super) fn close(&self) {
        self.signals.close();
        self.places.close();
        drop(self.jobs.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // The writer may be in a pause. A thread that panicked has nothing left to do.
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.close();
    }
}
