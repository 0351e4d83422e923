//! A circuit breaker as a pure machine. Time comes in as a value.
//!
//! | state | [`ask`](Circuit::ask) | success | failure | neither |
//! |---|---|---|---|---|
//! | closed | let through | – | counted; the `failure_threshold`th within `window` → open | – |
//! | open, before the end of `cooldown` | turned away until then | – | – | – |
//! | open, after it | → half-open, as its first probe | – | – | – |
//! | half-open, fewer probes than wanted | let through as a probe | counted; the `half_open_probes`th → closed | → open | its place is free |
//! | half-open, enough of them | turned away until one is over | | | |
//!
//! What an attempt came to counts only in the state that let it through: the circuit's *turn* tells. A probe whose holder
//! went away without a word holds its place until its lease is over.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::machine::Moment;
use crate::plan::Breaker;

/// After how long a circuit that nobody asks is forgotten, in milliseconds after it could have let a probe through.
const FORGOTTEN: u64 = 3_600_000;

/// One circuit: of a breaker, and of a key where it has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circuit {
    state: State,
    /// How often the state has changed.
    turn: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum State {
    Closed {
        /// When attempts failed, the earliest first.
        failures: VecDeque<Moment>,
    },
    Open {
        until: Moment,
    },
    HalfOpen {
        since: Moment,
        /// Until when each probe holds its place.
        probes: BTreeMap<u64, Moment>,
        successes: u32,
    },
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: VecDeque::new() }
    }
}

/// The state of a circuit, in a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// Attempts pass.
    Closed,
    /// No attempt passes.
    Open,
    /// Some attempts pass, to see what they come to.
    HalfOpen,
}

/// What let an attempt through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Admission {
    id: u64,
    turn: u64,
}

/// Why an attempt may not begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closed {
    /// The circuit is open until then.
    Until(Moment),
    /// Probes are under way; until one is over, or at this moment at the latest.
    Probed(Moment),
}

/// What an attempt says about what it reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// It answered.
    Well,
    /// It is ill.
    Ill,
    /// Nothing: it was not reached.
    Unknown,
}

/// What a failed attempt says: what another attempt may mend is an illness of the other side, and what is the caller's
/// own mistake is an answer, unless it was found before anybody was asked.
#[must_use]
pub fn health(error: &str, is_retryable: bool, is_before_effect: bool) -> Health {
    match error {
        "TotalTimeout" => Health::Ill,
        "NodePanicked" | "WorkerLost" => Health::Unknown,
        _ if is_retryable => Health::Ill,
        _ if is_before_effect => Health::Unknown,
        _ => Health::Well,
    }
}

impl Circuit {
    /// Lets the attempt `id` through, whose place lapses after `lease` milliseconds unless it is
    /// [renewed](Self::renew).
    ///
    /// # Errors
    /// When it has to wait.
    pub fn ask(&mut self, rules: &Breaker, now: Moment, id: u64, lease: u64) -> Result<Admission, Closed> {
        if let Some(closed) = self.peek(rules, now) {
            return Err(closed);
        }
        if let State::Open { .. } = self.state {
            self.change(State::HalfOpen { since: now, probes: BTreeMap::new(), successes: 0 });
        }
        if let State::HalfOpen { probes, .. } = &mut self.state {
            probes.insert(id, now.after(lease));
        }
        Ok(Admission { id, turn: self.turn })
    }

    /// Why an attempt would have to wait now; none where it would be let through.
    #[must_use]
    pub fn peek(&mut self, rules: &Breaker, now: Moment) -> Option<Closed> {
        match &mut self.state {
            State::Closed { .. } => None,
            State::Open { until } => {
                // Where the clock was set back, the rest is never longer than the whole.
                *until = (*until).min(now.after(rules.cooldown_ms));
                (now < *until).then_some(Closed::Until(*until))
            }
            State::HalfOpen { probes, successes, .. } => {
                probes.retain(|_, lease| *lease > now);
                let taken = u32::try_from(probes.len()).unwrap_or(u32::MAX).saturating_add(*successes);
                let first = probes.values().min().copied();
                first.filter(|_| taken >= rules.half_open_probes).map(Closed::Probed)
            }
        }
    }

    /// An attempt is over. True where the circuit has opened.
    pub fn report(&mut self, rules: &Breaker, now: Moment, admission: Admission, health: Health) -> bool {
        if admission.turn != self.turn {
            return false;
        }
        match &mut self.state {
            State::Closed { failures } if health == Health::Ill => {
                failures.push_back(now);
                failures.retain(|failure| now.since(*failure) < rules.window_ms);
                if failures.len() >= rules.failure_threshold as usize {
                    return self.open(rules, now);
                }
            }
            State::Closed { .. } | State::Open { .. } => {}
            State::HalfOpen { probes, successes, .. } => {
                let is_held = probes.remove(&admission.id).is_some();
                match health {
                    Health::Ill => return self.open(rules, now),
                    Health::Well if is_held => *successes += 1,
                    Health::Well | Health::Unknown => {}
                }
                if *successes >= rules.half_open_probes {
                    self.change(State::default());
                }
            }
        }
        false
    }

    /// Frees the place of an attempt, whether it has one or not.
    pub fn release(&mut self, id: u64) {
        if let State::HalfOpen { probes, .. } = &mut self.state {
            probes.remove(&id);
        }
    }

    /// The attempt still runs.
    pub fn renew(&mut self, now: Moment, id: u64, lease: u64) {
        if let State::HalfOpen { probes, .. } = &mut self.state
            && let Some(until) = probes.get_mut(&id)
        {
            *until = now.after(lease);
        }
    }

    /// Its state.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.state {
            State::Closed { .. } => Standing::Closed,
            State::Open { .. } => Standing::Open,
            State::HalfOpen { .. } => Standing::HalfOpen,
        }
    }

    /// From when on it is as good as new, if nobody asks it before.
    #[must_use]
    pub fn idle_at(&self, rules: &Breaker) -> Moment {
        match &self.state {
            State::Closed { failures } => {
                failures.back().map_or(Moment(i64::MIN), |failure| failure.after(rules.window_ms))
            }
            State::Open { until } => until.after(FORGOTTEN),
            State::HalfOpen { since, probes, .. } => {
                probes.values().copied().max().unwrap_or(*since).max(*since).after(FORGOTTEN)
            }
        }
    }

    fn open(&mut self, rules: &Breaker, now: Moment) -> bool {
        self.change(State::Open { until: now.after(rules.cooldown_ms) });
        true
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.turn += 1;
    }
}
