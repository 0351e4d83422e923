//! How a run ends, stage by stage:
//!
//! | stage | until |
//! |---|---|
//! | unwinding | what was cancelled is gone or given up, and what must be undone has come to its end |
//! | undoing (failed, cancelled) | each undo has ended, the last completed first |
//! | `on_failure` (failed) | its node has ended |
//! | `finally` | its node has ended |

use serde::{Deserialize, Serialize};

use super::interpreter::{Awaited, Machine, Open, Phase, Undo};
use super::slot::Slot;
use super::state::{Place, ScopeId, State, Success};
use super::view::Vantage;
use super::{Failure, Outcome, Ticket};
use crate::plan::NodeId;
use crate::value::{Map, Value, eco_format};

/// How long what was cancelled may take to go, in milliseconds.
const GRACE: u64 = 5_000;

/// A run that is on its way to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ending {
    pub(super) cause: Cause,
    output: Option<Value>,
    stage: Stage,
    /// The undo or handler that runs.
    current: Option<Place>,
    grace: Option<Ticket>,
}

/// Why a run ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Cause {
    Completed,
    Failed(Failure),
    Cancelled,
}

impl Cause {
    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Completed | Self::Cancelled => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum Stage {
    Unwinding,
    Undoing,
    OnFailure,
    Finally,
}

fn is_lost_activity(open: &Open) -> bool {
    open.awaited == Awaited::Lost && open.slot == Slot::Activity
}

impl Machine {
    /// Lets the run end: nothing begins any more, and what runs is cancelled. The first reason counts.
    pub(super) fn stop(&mut self, cause: Cause) {
        if !self.is_going_on() {
            return;
        }
        self.cancel_all();
        let (cause, output) = match cause {
            Cause::Completed => match self.final_output() {
                Ok(output) => (Cause::Completed, Some(output)),
                Err(failure) => (Cause::Failed(failure), None),
            },
            cause => (cause, None),
        };
        let limit = self.run.limit.take();
        self.unset(limit);
        self.run.phase = Phase::Ending(Box::new(Ending {
            cause,
            output,
            stage: Stage::Unwinding,
            current: None,
            grace: None,
        }));
        if self.awaits_cancelled() {
            let place = Place { scope: ScopeId::ROOT, node: NodeId(0) };
            let grace = self.timer(place, Awaited::Grace, self.run.now.after(GRACE));
            self.set_grace(Some(grace));
        }
    }

    fn cancel_all(&mut self) {
        self.run.slots.clear();
        self.agenda.ready.clear();
        self.agenda.loops.clear();
        self.drop_scope(ScopeId::ROOT);
    }

    /// The workflow's output. What it evaluates to must be something that can be written down.
    fn final_output(&mut self) -> Result<Value, Failure> {
        let wired = std::sync::Arc::clone(&self.wired);
        let mut output = Map::new();
        for (name, code) in &wired.workflow(self.run.workflow).output {
            let value = self.evaluate(*code, Vantage::ROOT)?;
            if let Err(error) = value.to_json() {
                return Err(super::view::unfit(*code, &eco_format!("json can't hold {}", error.reason)));
            }
            output.insert(name.as_str().into(), value);
        }
        let output = Value::Map(output);
        super::work::check_size(&output)?;
        Ok(output)
    }

    /// Whether an activity that was cancelled is still there. Children are awaited however long they take: they undo
    /// what they did.
    fn awaits_cancelled(&self) -> bool {
        self.run.open.values().any(is_lost_activity)
    }

    fn awaits_anything(&self) -> bool {
        self.run.open.values().any(|open| matches!(open.awaited, Awaited::Lost | Awaited::Kept))
    }

    fn set_grace(&mut self, grace: Option<Ticket>) {
        if let Phase::Ending(ending) = &mut self.run.phase {
            ending.grace = grace;
        }
    }

    /// Gives up what was cancelled and isn't gone; nobody knows what it does.
    pub(super) fn abandon(&mut self) {
        self.set_grace(None);
        let (lost, open) =
            std::mem::take(&mut self.run.open).into_iter().partition(|it| is_lost_activity(&it.1));
        self.run.open = open;
        for open in lost.into_values() {
            self.run.slots.release(open.slot);
            self.run.unknown_effects.push(open.path);
        }
    }

    /// Takes the next step of the run's end. False when it waits for an event, or is over.
    pub(super) fn wind_up(&mut self) -> bool {
        let Phase::Ending(ending) = &self.run.phase else { return false };
        let is_running =
            ending.current.and_then(|place| self.cell(place)).is_some_and(|cell| !cell.state.is_decided());
        if is_running {
            return false;
        }
        match ending.stage {
            Stage::Unwinding => self.unwind(),
            Stage::Undoing => self.undo_next(),
            Stage::OnFailure => self.handle_end(Stage::Finally),
            Stage::Finally => self.close(),
        }
    }

    fn unwind(&mut self) -> bool {
        if self.awaits_anything() {
            return false;
        }
        let Phase::Ending(ending) = &mut self.run.phase else { return false };
        let grace = ending.grace.take();
        let is_undone = !matches!(ending.cause, Cause::Completed);
        self.unset(grace);
        if is_undone {
            self.enter(Stage::Undoing);
            return true;
        }
        self.run.undos.clear();
        self.handle_end(Stage::Finally)
    }

    fn enter(&mut self, stage: Stage) {
        if let Phase::Ending(ending) = &mut self.run.phase {
            ending.stage = stage;
        }
    }

    /// Starts the undo of what was completed last.
    fn undo_next(&mut self) -> bool {
        let Some(Undo { place, output }) = self.run.undos.pop() else {
            let is_failed = self.run.failure().is_some();
            return self.handle_end(if is_failed { Stage::OnFailure } else { Stage::Finally });
        };
        let Some(undo) = self.node(place.node).compensate else { return true };
        if let (Some(output), Some(cell)) = (output, self.cell_mut(place)) {
            cell.state = State::Succeeded(Box::new(Success { port: 0, output }));
        }
        self.begin_aside(Place { node: undo, ..place });
        true
    }

    /// Starts the handler of a stage, if there is one.
    fn handle_end(&mut self, stage: Stage) -> bool {
        self.enter(stage);
        let handler = match stage {
            Stage::OnFailure => self.workflow().on_failure,
            Stage::Finally => self.workflow().finally,
            Stage::Unwinding | Stage::Undoing => None,
        };
        if let Some(node) = handler {
            self.begin_aside(Place { scope: ScopeId::ROOT, node });
        }
        true
    }

    fn begin_aside(&mut self, place: Place) {
        if let Phase::Ending(ending) = &mut self.run.phase {
            ending.current = Some(place);
        }
        self.make_ready(place);
    }

    fn close(&mut self) -> bool {
        let failures = std::mem::take(&mut self.run.listed);
        let unknown_effects = std::mem::take(&mut self.run.unknown_effects);
        let Phase::Ending(ending) = &mut self.run.phase else { return false };
        let outcome = match &ending.cause {
            Cause::Completed => Outcome::Completed {
                output: ending.output.take().unwrap_or(Value::Null),
                with_failures: self.run.with_failures,
                failures,
            },
            Cause::Cancelled => Outcome::Cancelled { failures },
            Cause::Failed(cause) => Outcome::Failed(Box::new(super::RunFailure {
                cause: cause.clone(),
                unknown_effects,
                failures,
            })),
        };
        self.run.phase = Phase::Closed(Box::new(outcome));
        self.run.scopes.clear();
        self.run.open.clear();
        false
    }
}
