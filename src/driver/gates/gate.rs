use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::futures::Notified;
use tokio::sync::{MutexGuard, Notify};

use super::count::{Counts, Waiting};
use super::hold::Hold;
use super::machine::Machine;
use super::store::{Kept, Shelf};
use super::wait::Wait;
use crate::driver::embedded::now;
use crate::engine::breaker::{Admission, Circuit, Closed, Health};
use crate::engine::limit::{Full, Lane};
use crate::engine::machine::Moment;
use crate::value::EcoString;

/// How long a place in a store is held without a sign of life, in milliseconds.
pub(super) const LEASE: u64 = 30_000;
/// How often one looks again at what other processes change.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The longest sleep without a look at the clock, which may have been set.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// Who hears of a wait.
pub(super) type Tell<'t> = &'t (dyn Fn(&Wait) + Send + Sync);

/// An attempt that isn't let through yet.
struct Stay<'t> {
    give_up: Option<Moment>,
    tell: Tell<'t>,
    /// That it is counted.
    waiting: Option<Waiting>,
}

/// One circuit or count, and who waits at it.
pub(super) struct Gate<M: Machine> {
    id: String,
    pub(super) words: EcoString,
    pub(super) rules: M::Rules,
    state: Mutex<M>,
    changed: Notify,
    /// Whose turn it is to ask; the others stand in line.
    line: tokio::sync::Mutex<()>,
    pub(super) counts: Arc<Counts>,
    shelf: Option<Arc<Shelf>>,
}

impl<M: Machine> Gate<M> {
    pub(super) fn new(
        id: String,
        words: EcoString,
        rules: M::Rules,
        counts: Arc<Counts>,
        shelf: Option<Arc<Shelf>>,
    ) -> Self {
        let (state, changed, line) = (Mutex::default(), Notify::new(), tokio::sync::Mutex::default());
        Self { id, words, rules, state, changed, line, counts, shelf }
    }

    /// How long a place is held without a sign of life: for ever where nobody else could give it up.
    pub(super) fn lease(&self) -> u64 {
        if self.shelf.is_some() { LEASE } else { u64::MAX }
    }

    /// Whether other processes change it as well.
    pub(super) fn is_shared(&self) -> bool {
        self.shelf.is_some()
    }

    /// Changes the state: in the store, or here where there is none, or it doesn't answer.
    pub(super) async fn change<R: Send + 'static>(
        &self,
        how: impl Fn(&M::Rules, &mut M, Moment) -> R + Clone + Send + 'static,
    ) -> R {
        if let Some(shelf) = &self.shelf {
            let (rules, how) = (self.rules.clone(), how.clone());
            let changed = shelf
                .change(&self.id, move |text, now| {
                    let read = text.and_then(|text| serde_json::from_str::<M>(text).ok());
                    let mut state = read.unwrap_or_default();
                    let result = how(&rules, &mut state, now);
                    let text = serde_json::to_string(&state).expect("keys are numbers, and memory takes it");
                    (Kept { text, idle_at: state.idle_at(&rules) }, (state, result))
                })
                .await;
            if let Some((state, result)) = changed {
                *self.lock() = state;
                return result;
            }
        }
        self.change_here(how)
    }

    fn change_here<R>(&self, how: impl FnOnce(&M::Rules, &mut M, Moment) -> R) -> R {
        how(&self.rules, &mut self.lock(), now())
    }

    /// Those who wait may ask again.
    pub(super) fn tell_all(&self) {
        self.changed.notify_waiters();
    }

    /// Frees the place of an attempt that went away without a word.
    pub(super) fn let_go(self: &Arc<Self>, id: u64) {
        self.change_here(|_, state, _| state.release(id));
        self.tell_all();
        let runtime = tokio::runtime::Handle::try_current();
        if let (true, Ok(runtime)) = (self.is_shared(), runtime) {
            let gate = Arc::clone(self);
            runtime.spawn(async move { gate.change(move |_, state, _| state.release(id)).await });
        }
    }

    /// From when on nobody misses it.
    pub(super) fn idle_at(&self) -> Moment {
        self.lock().idle_at(&self.rules)
    }

    /// Looks at the state as this process knows it.
    pub(super) fn look<R>(&self, at: impl FnOnce(&M) -> R) -> R {
        at(&self.lock())
    }

    /// Ends when those who wait may ask again.
    fn next_change(&self) -> Pin<Box<Notified<'_>>> {
        let mut changed = Box::pin(self.changed.notified());
        // What changes from here on counts, not only from the first wait on.
        changed.as_mut().enable();
        changed
    }

    /// Stays until it is worth asking again, unless that is too late.
    async fn stay(
        &self,
        stay: &mut Stay<'_>,
        (wait, again): (Wait, Moment),
        changed: Pin<Box<Notified<'_>>>,
    ) -> Result<(), Wait> {
        if stay.waiting.is_none() {
            self.counts.turned_away();
            stay.waiting = Some(Counts::waits(&self.counts));
        }
        let now = now();
        if wait.is_over(now, stay.give_up) {
            return Err(wait);
        }
        (stay.tell)(&wait);
        let again = stay.give_up.map_or(again, |give_up| again.min(give_up));
        let longest = if self.is_shared() { LOOK_AGAIN } else { LONGEST_SLEEP };
        let pause = Duration::from_millis(again.since(now)).min(longest);
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
        }
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, M> {
        // A machine is whole between two of its methods.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate<Circuit> {
    /// Waits until an attempt may pass, and lets it through.
    pub(super) async fn pass(
        self: &Arc<Self>,
        give_up: Option<Moment>,
        tell: Tell<'_>,
    ) -> Result<(Hold<Circuit>, Admission), Wait> {
        let mut stay = Stay { give_up, tell, waiting: None };
        loop {
            let changed = self.next_change();
            match self.ask().await {
                Ok(admitted) => return Ok(admitted),
                Err(closed) => self.stay(&mut stay, self.wait(closed), changed).await?,
            }
        }
    }

    /// Waits until an attempt would be let through.
    pub(super) async fn stand_by(&self, give_up: Option<Moment>, tell: Tell<'_>) -> Result<(), Wait> {
        let mut stay = Stay { give_up, tell, waiting: None };
        loop {
            let changed = self.next_change();
            match self.change(|rules, circuit, now| circuit.peek(rules, now)).await {
                None => return Ok(()),
                Some(closed) => self.stay(&mut stay, self.wait(closed), changed).await?,
            }
        }
    }

    /// Lets an attempt through, if it may pass at once.
    pub(super) async fn ask(self: &Arc<Self>) -> Result<(Hold<Circuit>, Admission), Closed> {
        let (hold, lease) = (Hold::new(self), self.lease());
        let id = hold.id();
        let asked = self.change(move |rules, circuit, now| circuit.ask(rules, now, id, lease)).await;
        match asked {
            Ok(admission) => Ok((hold.kept(), admission)),
            Err(closed) => {
                hold.forget();
                Err(closed)
            }
        }
    }

    /// An attempt is over.
    pub(super) async fn report(&self, admission: Admission, health: Health) {
        let opened =
            self.change(move |rules, circuit, now| circuit.report(rules, now, admission, health)).await;
        if opened {
            self.counts.opened();
        }
        self.tell_all();
    }

    fn wait(&self, closed: Closed) -> (Wait, Moment) {
        let (until, again) = match closed {
            Closed::Until(until) => (Some(until), until),
            Closed::Probed(lease) => (None, lease),
        };
        (Wait { gate: self.words.clone(), is_breaker: true, until, crowd: 0 }, again)
    }
}

impl Gate<Lane> {
    /// Waits in line until an attempt may pass, and lets it through; gives when.
    pub(super) async fn pass(
        self: &Arc<Self>,
        give_up: Option<Moment>,
        tell: Tell<'_>,
    ) -> Result<(Hold<Lane>, Moment), Wait> {
        let mut stay = Stay { give_up, tell, waiting: None };
        let _in_line = match self.line.try_lock() {
            Ok(first) => first,
            Err(_) => self.stand_in_line(&mut stay).await?,
        };
        loop {
            let changed = self.next_change();
            match self.ask().await {
                Ok(place) => return Ok(place),
                Err(full) => self.stay(&mut stay, self.wait(full), changed).await?,
            }
        }
    }

    async fn stand_in_line(&self, stay: &mut Stay<'_>) -> Result<MutexGuard<'_, ()>, Wait> {
        self.counts.turned_away();
        stay.waiting = Some(Counts::waits(&self.counts));
        let wait = Wait { gate: self.words.clone(), is_breaker: false, until: None, crowd: self.crowd() };
        (stay.tell)(&wait);
        let turn = self.line.lock();
        let Some(give_up) = stay.give_up else { return Ok(turn.await) };
        let patience = Duration::from_millis(give_up.since(now()));
        tokio::time::timeout(patience, turn).await.map_err(|_| wait)
    }

    async fn ask(self: &Arc<Self>) -> Result<(Hold<Lane>, Moment), Full> {
        let (hold, lease) = (Hold::new(self), self.lease());
        let id = hold.id();
        let ask = move |rules: &_, lane: &mut Lane, now| lane.ask(rules, now, id, lease).map(|()| now);
        match self.change(ask).await {
            Ok(at) => Ok((hold.kept(), at)),
            Err(full) => {
                hold.forget();
                Err(full)
            }
        }
    }

    /// How long those who wait take, as far as the rate tells.
    fn crowd(&self) -> u64 {
        let waiting = u64::try_from(self.counts.waiting()).unwrap_or(u64::MAX);
        let rate =
            self.rules.rate.map(|rate| rate.per_ms.saturating_mul(waiting) / u64::from(rate.count).max(1));
        rate.unwrap_or(0)
    }

    fn wait(&self, full: Full) -> (Wait, Moment) {
        let (until, again) = match full {
            Full::Until(until) => (Some(until), until),
            Full::Taken(lease) => (None, lease),
        };
        let (gate, crowd) = (self.words.clone(), self.crowd());
        (Wait { gate, is_breaker: false, until, crowd }, again)
    }
}
