use super::live::Live;
use crate::driver::Watched;
use crate::engine::machine::Notice;

impl Live {
    /// Tells who watches what has happened.
    pub(super) fn told(&mut self, notices: &[Notice]) {
        let (run, at) = (self.watched(false), self.machine.now());
        for notice in notices {
            self.observers.each(|observer| observer.notice(run, at, notice));
        }
        if let Some(outcome) = self.machine.outcome().filter(|_| !self.is_told) {
            self.observers.each(|observer| observer.ended(run, at, outcome));
            self.is_told = true;
        }
    }

    pub(super) fn watched(&self, is_replay: bool) -> Watched<'_> {
        Watched {
            run: &self.id,
            workflow: self.machine.workflow(),
            trace: self.trace(),
            started_at: self.machine.started_at(),
            is_replay,
        }
    }

    /// What the names of its spans are made of.
    pub(super) fn trace(&self) -> &str {
        self.trace.as_deref().unwrap_or(&self.id)
    }

    /// The journal has it.
    pub(super) fn accepted(&self) {
        self.observers.each(|observer| observer.began(self.watched(false)));
    }

    /// Tells what an earlier process, or an earlier life of the run, has told.
    pub(super) fn taken_up(&self) {
        if self.observers.is_empty() {
            return;
        }
        for (path, node, since) in self.machine.running_nodes() {
            let started = Notice::Started { path, by: Vec::new(), node };
            self.observers.each(|observer| observer.notice(self.watched(true), since, &started));
        }
    }
}
