use std::collections::BTreeMap;

use super::registry::Room;
use crate::engine::breaker::{Circuit, Standing};
use crate::engine::limit::Lane;

/// What the breakers and limits of a process are at, by their names. Keys are data of runs and stand nowhere here: there
/// are as many readings as there are policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The breakers.
    pub breakers: BTreeMap<String, BreakerReading>,
    /// The limits.
    pub limits: BTreeMap<String, LimitReading>,
}

/// What the circuits of a breaker are at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BreakerReading {
    /// How many let attempts pass; what nothing has happened at for long isn't counted.
    pub closed: usize,
    /// How many let none pass.
    pub open: usize,
    /// How many let some pass, to see what they come to.
    pub half_open: usize,
    /// How often one has opened since the process began.
    pub openings: u64,
    /// How many attempts were not let through when they came, since the process began.
    pub turned_away: u64,
    /// How many attempts wait.
    pub waiting: usize,
}

/// What a limit is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitReading {
    /// How many attempts run, where it counts them.
    pub running: usize,
    /// How many attempts were not let through when they came, since the process began.
    pub turned_away: u64,
    /// How many attempts wait.
    pub waiting: usize,
}

impl Snapshot {
    pub(super) fn of(circuits: &Room<Circuit>, lanes: &Room<Lane>) -> Self {
        let mut snapshot = Self::default();
        for (name, counts) in &circuits.counts {
            let reading = BreakerReading {
                openings: counts.openings(),
                turned_away: counts.all_turned_away(),
                waiting: counts.waiting(),
                ..BreakerReading::default()
            };
            snapshot.breakers.insert(name.clone(), reading);
        }
        for gate in circuits.gates.values() {
            let reading = snapshot.breakers.entry(gate.rules.name.clone()).or_default();
            match gate.look(Circuit::standing) {
                Standing::Closed => reading.closed += 1,
                Standing::Open => reading.open += 1,
                Standing::HalfOpen => reading.half_open += 1,
            }
        }
        for (name, counts) in &lanes.counts {
            let (turned_away, waiting) = (counts.all_turned_away(), counts.waiting());
            snapshot.limits.insert(name.clone(), LimitReading { running: 0, turned_away, waiting });
        }
        for gate in lanes.gates.values() {
            let reading = snapshot.limits.entry(gate.rules.name.clone()).or_default();
            reading.running += gate.look(Lane::running);
        }
        snapshot
    }
}
