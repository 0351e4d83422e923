use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::count::Counts;
use super::gate::{Gate, Tell};
use super::machine::Machine;
use super::pass::{Pass, give_back};
use super::route::{Keyed, Route};
use super::snapshot::Snapshot;
use super::store::{Shelf, Store};
use super::wait::Wait;
use crate::driver::embedded::now;
use crate::engine::breaker::Circuit;
use crate::engine::limit::Lane;
use crate::engine::machine::Moment;
use crate::plan::{Breaker, Limit};
use crate::value::EcoString;

/// How many gates there may be before those are looked for that nobody misses.
const MANY: usize = 1_024;

/// All circuit breakers and limits of a process. A clone is the same.
#[derive(Clone, Default)]
pub struct Gates(Arc<Inner>);

#[derive(Default)]
struct Inner {
    circuits: Mutex<Room<Circuit>>,
    lanes: Mutex<Room<Lane>>,
    shelf: Option<Arc<Shelf>>,
}

/// The gates of a kind by id, and what happened at them by name.
pub(super) struct Room<M: Machine> {
    pub(super) gates: BTreeMap<String, Arc<Gate<M>>>,
    pub(super) counts: BTreeMap<String, Arc<Counts>>,
    /// At how many gates one looks for those that nobody misses.
    many: usize,
}

impl<M: Machine> Default for Room<M> {
    fn default() -> Self {
        Self { gates: BTreeMap::new(), counts: BTreeMap::new(), many: MANY }
    }
}

impl std::fmt::Debug for Gates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shared = self.0.shelf.is_some();
        f.debug_struct("Gates").field("shared", &shared).finish_non_exhaustive()
    }
}

impl Gates {
    /// Those that are shared with all processes that use the same store. `complain` is told when the store is lost, and
    /// when it is back; in between each process goes on with what it knew.
    #[must_use]
    pub fn shared(store: Store, complain: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let shelf = Some(Arc::new(Shelf::new(store, Box::new(complain))));
        Self(Arc::new(Inner { shelf, ..Inner::default() }))
    }

    /// What they are at.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&lock(&self.0.circuits), &lock(&self.0.lanes))
    }

    /// How many attempts wait at gates.
    pub(in crate::driver) fn waiting(&self) -> usize {
        fn of<M: Machine>(room: &Room<M>) -> usize {
            room.counts.values().map(|counts| counts.waiting()).sum()
        }
        of(&lock(&self.0.circuits)) + of(&lock(&self.0.lanes))
    }

    /// Waits until an attempt may begin: its circuit lets attempts through, then its limit lets this one through, in the
    /// order of those who wait, then its circuit does. `tell` hears of each wait.
    ///
    /// # Errors
    /// What it would have to wait for beyond `give_up`, as soon as that is known.
    pub(in crate::driver) async fn enter(
        &self,
        route: &Route,
        give_up: Option<Moment>,
        tell: Tell<'_>,
    ) -> Result<Pass, Wait> {
        let circuit = route.breaker.as_ref().map(|breaker| self.circuit(breaker));
        let lane = route.limit.as_ref().map(|limit| self.lane(limit));
        loop {
            let (circuit, lane) = match (&circuit, &lane) {
                (None, None) => (None, None),
                (Some(circuit), None) => (Some(circuit.pass(give_up, tell).await?), None),
                (None, Some(lane)) => (None, Some(lane.pass(give_up, tell).await?)),
                (Some(circuit), Some(lane)) => {
                    circuit.stand_by(give_up, tell).await?;
                    let place = lane.pass(give_up, tell).await?;
                    match circuit.ask().await {
                        Ok(admitted) => (Some(admitted), Some(place)),
                        // It has closed meanwhile.
                        Err(_) => {
                            give_back(place).await;
                            continue;
                        }
                    }
                }
            };
            return Ok(Pass { circuit, lane });
        }
    }

    fn circuit(&self, used: &Keyed<Breaker>) -> Arc<Gate<Circuit>> {
        let (id, words, rules) = (used.id(), used.words(), &used.policy);
        find(&mut lock(&self.0.circuits), id, words, rules, &rules.name, self.0.shelf.as_ref())
    }

    fn lane(&self, used: &Keyed<Limit>) -> Arc<Gate<Lane>> {
        let (id, words, rules) = (used.id(), used.words(), &used.policy);
        find(&mut lock(&self.0.lanes), id, words, rules, &rules.name, self.0.shelf.as_ref())
    }
}

fn find<M: Machine>(
    room: &mut Room<M>,
    id: String,
    words: EcoString,
    rules: &M::Rules,
    name: &str,
    shelf: Option<&Arc<Shelf>>,
) -> Arc<Gate<M>> {
    if let Some(gate) = room.gates.get(&id) {
        return Arc::clone(gate);
    }
    if room.gates.len() >= room.many {
        let now = now();
        room.gates.retain(|_, gate| Arc::strong_count(gate) > 1 || gate.idle_at() > now);
        room.many = (2 * room.gates.len()).max(MANY);
    }
    let counts = Arc::clone(room.counts.entry(name.to_owned()).or_default());
    let gate = Arc::new(Gate::new(id.clone(), words, rules.clone(), counts, shelf.cloned()));
    room.gates.insert(id, Arc::clone(&gate));
    gate
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these is whole between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
