//! A limit of rate and concurrency as a pure machine. Time comes in as a value.
//!
//! | state | [`ask`](Lane::ask) | [`leave`](Lane::leave) | [`give_back`](Lane::give_back) |
//! |---|---|---|---|
//! | fewer than `concurrency` run, fewer than `rate` started within `per` | let through: it runs, and has started | it no longer runs | it no longer runs, and never started |
//! | `rate` started within `per` | turned away until the earliest of them is `per` ago | | |
//! | `concurrency` run | turned away until one is over | | |
//!
//! The window slides, so that no span of `per` has more than `rate` starts, wherever it begins. Who goes away without a
//! word runs until its lease is over.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::machine::Moment;
use crate::plan::{Limit, Rate};

/// How much later than it was let through an attempt may be seen by the other side, in milliseconds: a start counts for
/// so much longer, so that there, too, no span has more than it may.
const SEEN_LATER: u64 = 10;

/// One count: of a limit, and of a key where it has one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lane {
    /// When how many started, the earliest first.
    starts: VecDeque<(Moment, u32)>,
    /// How many that are.
    started: u32,
    /// Until when each of those that run holds its place.
    running: BTreeMap<u64, Moment>,
}

/// Why an attempt may not begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Full {
    /// Too many have started; one more may at this moment.
    Until(Moment),
    /// Too many run; until one is over, or at this moment at the latest.
    Taken(Moment),
}

impl Lane {
    /// Lets the attempt `id` through, whose place lapses after `lease` milliseconds unless it is
    /// [renewed](Self::renew).
    ///
    /// # Errors
    /// When it has to wait.
    pub fn ask(&mut self, rules: &Limit, now: Moment, id: u64, lease: u64) -> Result<(), Full> {
        self.running.retain(|_, lease| *lease > now);
        let is_full = rules.concurrency.is_some_and(|most| self.running.len() >= most as usize);
        if let Some(first) = self.running.values().min().filter(|_| is_full) {
            return Err(Full::Taken(*first));
        }
        if let Some(rate) = rules.rate {
            self.start(rate, now)?;
        }
        if rules.concurrency.is_some() {
            self.running.insert(id, now.after(lease));
        }
        Ok(())
    }

    fn start(&mut self, rate: Rate, now: Moment) -> Result<(), Full> {
        let span = rate.per_ms.saturating_add(SEEN_LATER);
        // Where the clock was set back, nothing has started later than now.
        self.starts.iter_mut().for_each(|(at, _)| *at = (*at).min(now));
        while let Some((_, count)) = self.starts.front().filter(|(at, _)| now.since(*at) >= span) {
            self.started -= count;
            self.starts.pop_front();
        }
        if let Some((first, _)) = self.starts.front().filter(|_| self.started >= rate.count) {
            return Err(Full::Until(first.after(span)));
        }
        match self.starts.back_mut().filter(|(at, _)| *at == now) {
            Some((_, count)) => *count += 1,
            None => self.starts.push_back((now, 1)),
        }
        self.started += 1;
        Ok(())
    }

    /// An attempt is over.
    pub fn leave(&mut self, id: u64) {
        self.running.remove(&id);
    }

    /// An attempt that was let through at `at` doesn't begin.
    pub fn give_back(&mut self, id: u64, at: Moment) {
        self.running.remove(&id);
        if let Some(place) = self.starts.iter().rposition(|(start, _)| *start == at) {
            let (_, count) = &mut self.starts[place];
            *count -= 1;
            self.started -= 1;
            if *count == 0 {
                self.starts.remove(place);
            }
        }
    }

    /// The attempt still runs.
    pub fn renew(&mut self, now: Moment, id: u64, lease: u64) {
        if let Some(until) = self.running.get_mut(&id) {
            *until = now.after(lease);
        }
    }

    /// How many run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// From when on it is as good as new, if nobody asks it before.
    #[must_use]
    pub fn idle_at(&self, rules: &Limit) -> Moment {
        let span = rules.rate.map_or(0, |rate| rate.per_ms.saturating_add(SEEN_LATER));
        let started = self.starts.back().map_or(Moment(i64::MIN), |(at, _)| at.after(span));
        self.running.values().max().map_or(started, |lease| started.max(*lease))
    }
}
