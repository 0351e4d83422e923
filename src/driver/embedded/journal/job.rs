use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::JournalError;
use super::ledger::Ledger;

/// What is written in one piece: all of it or nothing.
pub(super) trait Change: Send + 'static {
    /// What whoever asked is told, once it is durable.
    type Done: Send + 'static;

    /// Writes it into the open transaction. It may be done again after the transaction failed.
    fn apply(&mut self, ledger: &mut Ledger) -> Result<Self::Done, Failure>;
}

/// Why a change wasn't written.
#[derive(Debug)]
pub(super) enum Failure {
    /// It was found to be wrong before anything of it was written: the others of its group aren't touched.
    Refused(JournalError),
    /// It was found to be wrong after a part of it was written.
    HalfDone(JournalError),
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// A change of any kind in the queue of the writer.
pub(super) trait Job: Send {
    /// Applies it, and keeps the answer until the commit. A refusal is an answer.
    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure>;
    /// Gives the answer: what was applied is durable.
    fn answer(self: Box<Self>);
    /// Gives another answer: nothing was written.
    fn refuse(self: Box<Self>, error: JournalError);
}

/// What the one who asked waits for.
pub(super) type Reply<T> = oneshot::Receiver<Result<T, JournalError>>;

/// A change that waits to be written, and somebody for its answer.
pub(super) struct Pending<C: Change> {
    change: C,
    answer: Option<Result<C::Done, JournalError>>,
    reply: oneshot::Sender<Result<C::Done, JournalError>>,
    /// Its place in the queue, given back when it goes.
    _place: Option<OwnedSemaphorePermit>,
}

impl<C: Change> Pending<C> {
    /// A job, and what will hold its answer.
    pub(super) fn queued(change: C, place: Option<OwnedSemaphorePermit>) -> (Box<dyn Job>, Reply<C::Done>) {
        let (reply, receiver) = oneshot::channel();
        (Box::new(Self { change, answer: None, reply, _place: place }), receiver)
    }
}

// Whoever asked may have gone: then nobody misses the answer.
impl<C: Change> Job for Pending<C> {
    fn apply(&mut self, ledger: &mut Ledger) -> Result<(), Failure> {
        self.answer = match self.change.apply(ledger) {
            Ok(done) => Some(Ok(done)),
            Err(Failure::Refused(error)) => Some(Err(error)),
            Err(failure) => return Err(failure),
        };
        Ok(())
    }

    fn answer(self: Box<Self>) {
        let _ = self.reply.send(self.answer.unwrap_or(Err(JournalError::Closed)));
    }

    fn refuse(self: Box<Self>, error: JournalError) {
        let _ = self.reply.send(Err(error));
    }
}
