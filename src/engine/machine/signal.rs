use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::answer::is_answer;
use super::interpreter::Machine;
use super::state::{Doing, Place, State, Success, Wait};
use super::work::check_size;
use super::{Notice, Signal};
use crate::plan::{Task, WaitSignal};
use crate::value::{EcoString, Map, Value};

/// How many signals a run keeps that nothing waits for yet.
pub const MAX_SIGNALS: usize = 1_000;

/// Signals that came before anything waited for them, and who waits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Signals {
    /// In the order in which they came.
    early: VecDeque<(u64, Signal)>,
    /// By the signal's name, in the order in which the nodes started. Some may have been cancelled since.
    waiting: BTreeMap<EcoString, VecDeque<Place>>,
    arrived: u64,
    /// The approvals that ask people, by their node's name, in the order in which they started. Some may have been
    /// cancelled since.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    asking: BTreeMap<EcoString, VecDeque<Place>>,
}

impl Signals {
    /// The number of a signal that has come.
    pub(super) fn number(&mut self) -> u64 {
        self.arrived += 1;
        self.arrived - 1
    }

    /// An approval asks people.
    pub(super) fn asks(&mut self, node: &str, place: Place) {
        self.asking.entry(node.into()).or_default().push_back(place);
    }

    /// The approvals of a node that have asked.
    pub(super) fn asked(&self, node: &str) -> impl Iterator<Item = Place> {
        self.asking.get(node).into_iter().flatten().copied()
    }

    /// All approvals that have asked.
    pub(super) fn all_asked(&self) -> impl Iterator<Item = Place> {
        self.asking.values().flatten().copied()
    }

    /// An approval asks no more.
    pub(super) fn answered(&mut self, node: &str, place: Place) {
        if let Some(places) = self.asking.get_mut(node) {
            places.retain(|asking| *asking != place);
            if places.is_empty() {
                self.asking.remove(node);
            }
        }
    }
}

impl Wait {
    fn takes(&self, signal: &Signal) -> bool {
        self.name == signal.name && (self.correlation.is_none() || self.correlation == signal.correlation)
    }
}

impl Machine {
    /// Lets a node wait for a signal, unless one that it takes has come before. What doesn't fit is rejected.
    pub(super) fn wait_for(&mut self, place: Place, wait: Wait) -> Option<Success> {
        while let Some(at) = self.run.signals.early.iter().position(|(_, signal)| wait.takes(signal)) {
            let (number, signal) = self.run.signals.early.remove(at)?;
            match self.received(place, &signal) {
                Ok(success) => {
                    self.consumed(place, number, &signal);
                    return Some(success);
                }
                Err(reason) => self.reject(&signal, &reason),
            }
        }
        if self.is_observed {
            let (path, node, name) = (self.path(place), place.node, wait.name.clone());
            self.notice(Notice::Waits { path, node, name, correlation: wait.correlation.clone() });
        }
        self.run.signals.waiting.entry(wait.name.clone()).or_default().push_back(place);
        self.set_doing(place, Doing::Signal(wait));
        None
    }

    /// A signal has come: the first node takes it that waits for it and whose type it fits. One that nothing can ever
    /// take has no number, as an engine that refuses it at its door gives it none.
    pub(super) fn signalled(&mut self, signal: Signal) {
        if is_answer(&signal) {
            return self.answered(&signal);
        }
        if let Err(reason) = self.check_signal(&signal) {
            return self.reject(&signal, &reason);
        }
        let number = self.run.signals.number();
        let mut waiting = self.run.signals.waiting.remove(&signal.name).unwrap_or_default();
        let (mut passed, mut refusal, mut taken) = (Vec::new(), None, None);
        while let Some(place) = waiting.pop_front() {
            let Some(wait) = self.wait_of(place) else { continue };
            match wait.takes(&signal).then(|| self.received(place, &signal)) {
                Some(Ok(success)) => {
                    taken = Some((place, success));
                    break;
                }
                Some(Err(reason)) => refusal = Some(reason),
                None => {}
            }
            passed.push(place);
        }
        passed.into_iter().rev().for_each(|place| waiting.push_front(place));
        if !waiting.is_empty() {
            self.run.signals.waiting.insert(signal.name.clone(), waiting);
        }
        match (taken, refusal) {
            (Some((place, success)), _) => {
                self.consumed(place, number, &signal);
                self.conclude(place, Ok(Some(success)));
            }
            (None, Some(reason)) => self.reject(&signal, &reason),
            (None, None) if self.run.signals.early.len() < MAX_SIGNALS => {
                self.run.signals.early.push_back((number, signal));
            }
            (None, None) => self.reject(&signal, "too many signals wait already"),
        }
    }

    /// What a node waits for, if it does.
    fn wait_of(&self, place: Place) -> Option<&Wait> {
        match &self.cell(place)?.state {
            State::Running(running) => match &running.doing {
                Doing::Signal(wait) => Some(wait),
                _ => None,
            },
            _ => None,
        }
    }

    /// Decodes what came with a signal.
    fn received(&self, place: Place, signal: &Signal) -> Result<Success, String> {
        match &self.node(place.node).task {
            Task::WaitSignal(wait) => {
                let payload = self.payload(wait, signal)?;
                let output = Value::Map(Map::record([("payload", payload)]));
                Ok(Success { port: 0, output })
            }
            _ => Err("it waits for no signal".to_owned()),
        }
    }

    fn payload(&self, wait: &WaitSignal, signal: &Signal) -> Result<Value, String> {
        let payload = self.workflow().shapes.decode(wait.payload, &signal.payload);
        let payload = payload.map_err(|mismatches| mismatches.to_string())?;
        check_size(&payload).map_err(|_| "it is larger than 1 MiB".to_owned())?;
        Ok(payload)
    }

    pub(super) fn consumed(&mut self, place: Place, number: u64, signal: &Signal) {
        if self.is_observed {
            let (path, name) = (self.path(place), signal.name.clone());
            self.notice(Notice::Consumed { path, name, index: number });
        }
    }

    pub(super) fn reject(&mut self, signal: &Signal, reason: &str) {
        if self.is_observed {
            let (name, reason) = (signal.name.clone(), reason.into());
            self.notice(Notice::Rejected { name, reason });
        }
    }

    /// Why a signal would be refused: nothing of the workflow takes it.
    ///
    /// # Errors
    /// One sentence.
    pub fn check_signal(&self, signal: &Signal) -> Result<(), String> {
        if is_answer(signal) {
            return self.check_answer(signal);
        }
        let mut reason = None;
        for node in &self.workflow().nodes {
            match &node.task {
                Task::WaitSignal(wait) if wait.signal == *signal.name => match self.payload(wait, signal) {
                    Ok(_) => return Ok(()),
                    Err(unfit) => reason = Some(unfit),
                },
                _ => {}
            }
        }
        Err(reason
            .unwrap_or_else(|| format!("`{}` waits for no signal `{}`", self.workflow().name, signal.name)))
    }
}
