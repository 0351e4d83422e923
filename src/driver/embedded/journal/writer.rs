use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::checkpoint::Checkpoints;
use super::connection::{fault, is_busy, is_lost_sync, is_passing};
use super::job::{Failure, Job};
use super::ledger::Ledger;
use super::{Health, JournalError, Options};

/// So many jobs share a commit at most.
const GROUP: usize = 1024;
/// Without a job for so long, there is time for a checkpoint.
const IDLE: Duration = Duration::from_millis(500);
/// The pauses before another attempt at what there was no room for.
const PAUSES: [u64; 6] = [10, 20, 50, 100, 200, 500];
const LONGEST_PAUSE: u64 = 1000;

/// What the journal's threads and those who give them work see of each other.
#[derive(Debug, Default)]
pub(super) struct Signals {
    disk_full: AtomicBool,
    closing: AtomicBool,
    lost: AtomicBool,
}

impl Signals {
    /// Whether the journal takes what it is given.
    pub(super) fn health(&self) -> Health {
        if self.disk_full.load(Ordering::Acquire) { Health::DiskFull } else { Health::Healthy }
    }

    /// The writer gives up what it can't write.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    /// The disk lost data: the process ends here, or, where that is prevented, nothing is answered any more.
    pub(super) fn lose(&self, options: &Options) {
        self.lost.store(true, Ordering::Release);
        (options.fatal)(&JournalError::NotDurable.to_string());
    }
}

/// The one thread that writes: all that is queued in one commit, and the answers after it.
pub(super) struct Writer {
    pub(super) ledger: Ledger,
    pub(super) checkpoints: Checkpoints,
    pub(super) signals: Arc<Signals>,
    pub(super) options: Options,
}

/// The disk lost data.
struct Lost;

impl Writer {
    /// Writes until nobody can give it work any more, or until the disk lost data.
    pub(super) fn run(mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Some(first) = self.next(jobs) {
            let group: Vec<_> = std::iter::once(first).chain(jobs.try_iter()).take(GROUP).collect();
            if self.write(group).is_err() {
                return;
            }
        }
    }

    /// The next job; a checkpoint on the way when there is none for a while.
    fn next(&mut self, jobs: &Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
        if self.checkpoints.has_work() {
            match jobs.recv_timeout(IDLE) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.checkpoints.ask(),
            }
        }
        jobs.recv().ok()
    }

    /// Writes a group and answers it, however long there is no room for it.
    fn write(&mut self, mut group: Vec<Box<dyn Job>>) -> Result<(), Lost> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let failure = match self.attempt(&mut group) {
                Ok(()) => return self.acknowledge(group),
                Err(failure) => failure,
            };
            self.ledger.roll_back();
            match failure {
                Failure::Sqlite(error) if is_lost_sync(&error) => {
                    self.signals.lose(&self.options);
                    return Err(Lost);
                }
                Failure::Sqlite(error) if is_passing(&error) => {
                    self.signals.disk_full.store(!is_busy(&error), Ordering::Release);
                    if self.signals.closing.load(Ordering::Acquire) {
                        group.into_iter().for_each(|job| job.refuse(JournalError::DiskFull));
                        return Ok(());
                    }
                    thread::park_timeout(Duration::from_millis(pauses.next().unwrap_or(LONGEST_PAUSE)));
                }
                failure => return self.write_apart(group, failure),
            }
        }
    }

    /// The group is durable, unless the disk lost data while the log was copied.
    fn acknowledge(&mut self, group: Vec<Box<dyn Job>>) -> Result<(), Lost> {
        if self.signals.lost.load(Ordering::Acquire) {
            return Err(Lost);
        }
        self.signals.disk_full.store(false, Ordering::Release);
        group.into_iter().for_each(Job::answer);
        self.checkpoints.committed();
        Ok(())
    }

    fn attempt(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Failure> {
        if let Some(limit) = &self.options.page_limit {
            self.ledger.limit_pages(limit.load(Ordering::Acquire))?;
        }
        self.ledger.begin()?;
        for job in group {
            job.apply(&mut self.ledger)?;
        }
        Ok(self.ledger.commit()?)
    }

    /// One of a group is wrong: each for itself, so that only that one fails.
    fn write_apart(&mut self, mut group: Vec<Box<dyn Job>>, failure: Failure) -> Result<(), Lost> {
        if group.len() > 1 {
            return group.into_iter().try_for_each(|job| self.write(vec![job]));
        }
        if let Some(job) = group.pop() {
            job.refuse(match failure {
                Failure::Refused(error) | Failure::HalfDone(error) => error,
                Failure::Sqlite(error) => fault(self.ledger.folder(), error),
            });
        }
        Ok(())
    }
}
