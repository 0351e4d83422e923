use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::driver::gates::{Route, refused};
use crate::engine::breaker::{Admission, Circuit, Closed, Health};
use crate::engine::limit::{Full, Lane};
use crate::engine::machine::{Failure, Moment, Ticket};

/// The circuit breakers and limits of a simulation: its runs are those of one process.
#[derive(Debug, Default)]
pub(super) struct Gates {
    circuits: BTreeMap<String, Guarded>,
    lanes: BTreeMap<String, Lined>,
    /// How many attempts have asked.
    asked: u64,
}

/// A circuit, and who waits for it.
#[derive(Debug, Default)]
struct Guarded {
    circuit: Circuit,
    waiting: BTreeSet<Asker>,
}

/// A count, and who stands in line for it.
#[derive(Debug, Default)]
struct Lined {
    lane: Lane,
    line: VecDeque<Asker>,
}

/// An execution: of a run, by its ticket.
pub(super) type Asker = (usize, Ticket);

/// That an attempt may begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    id: u64,
    admission: Option<Admission>,
}

/// What an attempt waits for.
#[derive(Debug)]
pub(super) struct Wait {
    gate: String,
    pub(super) is_breaker: bool,
    /// When it is worth asking again; none where something else has to happen first.
    until: Option<Moment>,
}

impl Wait {
    /// When to ask again at the latest; none where nothing but somebody else's end is worth it.
    ///
    /// # Errors
    /// What the execution fails with after so many attempts, where its time for all of them isn't enough.
    pub(super) fn again(
        &self,
        now: Moment,
        deadline: Option<Moment>,
        attempts: u32,
    ) -> Result<Option<Moment>, Failure> {
        let is_late = |deadline| now >= deadline || self.until.is_some_and(|until| until >= deadline);
        match deadline {
            Some(deadline) if is_late(deadline) => {
                Err(Failure { attempts, ..refused(&self.gate, self.is_breaker) })
            }
            deadline => Ok(self.until.or(deadline)),
        }
    }
}

impl Gates {
    /// Lets an attempt through, or says what it waits for.
    pub(super) fn ask(&mut self, route: &Route, now: Moment, asker: Asker) -> Result<Pass, Wait> {
        self.asked += 1;
        let id = self.asked;
        if let Some(used) = &route.breaker {
            let guarded = self.circuits.entry(used.id()).or_default();
            if let Some(closed) = guarded.circuit.peek(&used.policy, now) {
                guarded.waiting.insert(asker);
                if let Some(lined) = self.lined(route) {
                    lined.line.retain(|other| *other != asker);
                }
                let until = match closed {
                    Closed::Until(until) => Some(until),
                    Closed::Probed(_) => None,
                };
                return Err(Wait { gate: used.words().to_string(), is_breaker: true, until });
            }
            guarded.waiting.remove(&asker);
        }
        if let Some(used) = &route.limit {
            let lined = self.lanes.entry(used.id()).or_default();
            if let Err(until) = lined.ask(|lane| lane.ask(&used.policy, now, id, u64::MAX), asker) {
                return Err(Wait { gate: used.words().to_string(), is_breaker: false, until });
            }
        }
        // Nothing has happened since it was looked at.
        let admission = route.breaker.as_ref().and_then(|used| {
            let guarded = self.circuits.get_mut(&used.id())?;
            guarded.circuit.ask(&used.policy, now, id, u64::MAX).ok()
        });
        Ok(Pass { id, admission })
    }

    /// An attempt is over. Gives who may ask again.
    pub(super) fn report(&mut self, route: &Route, now: Moment, pass: Pass, health: Health) -> Vec<Asker> {
        let mut woken = Vec::new();
        if let Some(used) = &route.breaker
            && let Some(guarded) = self.circuits.get_mut(&used.id())
            && let Some(admission) = pass.admission
        {
            guarded.circuit.report(&used.policy, now, admission, health);
            woken.extend(guarded.waiting.iter().copied());
        }
        if let Some(lined) = self.lined(route) {
            lined.lane.leave(pass.id);
            woken.extend(lined.line.front().copied());
        }
        woken
    }

    /// An execution doesn't wait any more. Gives who may ask again.
    pub(super) fn leave(&mut self, route: &Route, asker: Asker) -> Option<Asker> {
        if let Some(guarded) = route.breaker.as_ref().and_then(|used| self.circuits.get_mut(&used.id())) {
            guarded.waiting.remove(&asker);
        }
        let lined = self.lined(route)?;
        lined.line.retain(|other| *other != asker);
        lined.line.front().copied()
    }

    /// Who is the first in line.
    pub(super) fn first(&mut self, route: &Route) -> Option<Asker> {
        self.lined(route)?.line.front().copied()
    }

    fn lined(&mut self, route: &Route) -> Option<&mut Lined> {
        self.lanes.get_mut(&route.limit.as_ref()?.id())
    }
}

impl Lined {
    /// Lets the first in line through; else says when it may ask again.
    fn ask(
        &mut self,
        ask: impl FnOnce(&mut Lane) -> Result<(), Full>,
        asker: Asker,
    ) -> Result<(), Option<Moment>> {
        if !self.line.contains(&asker) {
            self.line.push_back(asker);
        }
        if self.line.front() != Some(&asker) {
            return Err(None);
        }
        match ask(&mut self.lane) {
            Ok(()) => {
                self.line.pop_front();
                Ok(())
            }
            Err(Full::Until(until)) => Err(Some(until)),
            Err(Full::Taken(_)) => Err(None),
        }
    }
}
