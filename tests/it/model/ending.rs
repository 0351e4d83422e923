//! How a run ends, in the reference.

use serde_json::json;

use super::happening::Ended;
use super::program::Kind;
use super::reference::{Awaited, End, Failure, Open, Place, Reference, Status};

#[derive(Clone, Debug)]
pub(super) enum Phase {
    Running,
    Ending {
        cause: Cause,
        output: Option<serde_json::Value>,
        stage: Stage,
        current: Option<Place>,
        grace: Option<usize>,
    },
    Closed(Ended),
}

#[derive(Clone, Debug)]
pub(super) enum Cause {
    Completed,
    Failed(Failure),
    Cancelled,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    Unwinding,
    Undoing,
    OnFailure,
    Finally,
    Done,
}

impl Reference<'_> {
    pub(super) fn begin(&mut self) {
        self.open_scope(&self.program.graph, None);
        self.limit = self.program.timeout.map(|millis| self.timer((0, 0), Awaited::RunLimit, millis));
    }

    /// Lets the run end: nothing begins any more. Only the first reason counts.
    pub(super) fn stop(&mut self, cause: Cause) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        self.drop_scope(0);
        let output = matches!(cause, Cause::Completed).then(|| {
            let outputs = self.program.output.iter().enumerate();
            outputs.map(|(at, read)| (format!("o{at}"), json!(self.read(read, 0)))).collect()
        });
        let limit = self.limit.take();
        self.unset(limit);
        let is_lost = |open: &&Open| open.awaited == Awaited::Lost && self.is_activity(open);
        let has_lost = self.open.iter().flatten().any(|open| is_lost(&open));
        let grace = has_lost.then(|| self.timer((0, 0), Awaited::Grace, 5_000));
        self.phase = Phase::Ending { cause, output, stage: Stage::Unwinding, current: None, grace };
    }

    fn is_activity(&self, open: &Open) -> bool {
        matches!(self.node(open.place).kind, Kind::Activity(_))
    }

    /// Nobody knows what became of what was cancelled.
    pub(super) fn abandon(&mut self) {
        for ticket in 0..self.open.len() {
            let Some(open) =
                self.open[ticket].filter(|open| open.awaited == Awaited::Lost && self.is_activity(open))
            else {
                continue;
            };
            self.open[ticket] = None;
            let path = self.path(open.place);
            self.unknown.push(path);
        }
    }

    /// The undo or handler whose time has come.
    pub(super) fn due_aside(&self) -> Option<Place> {
        match &self.phase {
            Phase::Ending { current, .. } => {
                current.filter(|place| matches!(self.status(*place), Status::Idle))
            }
            _ => None,
        }
    }

    /// Takes the next step of the end; false when there is none now.
    pub(super) fn wind_up(&mut self) -> bool {
        let Phase::Ending { cause, stage, current, grace, .. } = self.phase.clone() else { return false };
        if current.is_some_and(|place| !self.has_ended(place)) {
            return false;
        }
        let is_awaited = |open: &Open| matches!(open.awaited, Awaited::Lost | Awaited::Kept);
        let is_failed = matches!(cause, Cause::Failed(_));
        let (on_failure, finally) = (self.program.on_failure, self.program.finally);
        match stage {
            Stage::Unwinding if self.open.iter().flatten().any(is_awaited) => return false,
            Stage::Unwinding => {
                self.unset(grace);
                let is_completed = matches!(cause, Cause::Completed);
                self.enter(if is_completed { Stage::Finally } else { Stage::Undoing }, None);
            }
            Stage::Undoing => match self.undos.pop() {
                Some((place, value)) => self.undo(place, value),
                None => self.enter(if is_failed { Stage::OnFailure } else { Stage::Finally }, None),
            },
            Stage::OnFailure => self.enter(Stage::Finally, on_failure),
            Stage::Finally => self.enter(Stage::Done, finally),
            Stage::Done => self.close(),
        }
        true
    }

    fn enter(&mut self, to: Stage, node: Option<usize>) {
        if let Phase::Ending { stage, current, .. } = &mut self.phase {
            (*stage, *current) = (to, node.map(|node| (0, node)));
        }
    }

    fn undo(&mut self, place: Place, value: Option<i64>) {
        if let Some(value) = value {
            let at = self.tick();
            let end = End::Succeeded { port: "ok", value, output: json!(null) };
            self.scopes[place.0].nodes[place.1] = Status::Ended(at, end);
        }
        let undo = self.node(place).undo.map(|undo| (place.0, undo));
        if let Phase::Ending { current, .. } = &mut self.phase {
            *current = undo;
        }
    }

    fn close(&mut self) {
        let Phase::Ending { cause, output, .. } = self.phase.clone() else { return };
        let pair = |failure: Failure| (failure.error, failure.node);
        let (status, cause) = match cause {
            Cause::Completed if self.with_failures => ("completed_with_failures", None),
            Cause::Completed => ("completed", None),
            Cause::Cancelled => ("cancelled", None),
            Cause::Failed(failure) => ("failed", Some(pair(failure))),
        };
        let failures = self.listed.drain(..).map(pair).collect();
        let unknown = if status == "failed" { std::mem::take(&mut self.unknown) } else { Vec::new() };
        self.phase = Phase::Closed(Ended { status, output, cause, failures, unknown });
        self.scopes.clear();
        self.queue.clear();
        self.loops.clear();
        self.open.iter_mut().for_each(|open| *open = None);
    }

    pub(super) fn ended(&self) -> Option<&Ended> {
        match &self.phase {
            Phase::Closed(ended) => Some(ended),
            _ => None,
        }
    }
}
