use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::desk::{At, Desk, Item};
use crate::driver::Waiting;
use crate::engine::machine::{Command, Listed, Notice, Question};
use crate::value::EcoString;

/// How many signals that were turned away are remembered.
const MOST_REJECTED: usize = 20;
/// How many paths are told of at most.
const MOST_PATHS: usize = 100;

/// What nodes wait for and what was turned away, as the notices of a machine tell.
#[derive(Debug, Default)]
pub(super) struct Watch {
    waits: BTreeMap<EcoString, EcoString>,
    questions: BTreeMap<EcoString, Question>,
    rejected: Vec<Rejected>,
}

/// A signal that was turned away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Its name.
    pub signal: EcoString,
    /// Why.
    pub reason: EcoString,
}

/// What the query `status` answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The workflow's name.
    pub workflow: String,
    /// What the run is at, in a word.
    pub status: String,
    /// The paths of activities and children that are under way, a hundred at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub running: Vec<EcoString>,
    /// The signal that each node waits for, by the node's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waiting: BTreeMap<EcoString, EcoString>,
    /// The questions of approvals that are open, by the node's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub questions: BTreeMap<EcoString, Question>,
    /// The breaker or limit that holds each node back, by the node's path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub held: BTreeMap<EcoString, Waiting>,
    /// Signals that were turned away, the last twenty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
    /// What failed without deciding how the run ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Listed>,
}

/// What the query for a signal answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reception {
    /// The workflow takes it.
    Fits,
    /// It would be turned away, for this reason.
    Misfit(String),
    /// The run doesn't have its plan yet.
    NotYet,
}

impl Watch {
    pub(super) fn note(&mut self, notice: &Notice) {
        match notice {
            Notice::Waits { path, name, .. } => drop(self.waits.insert(path.clone(), name.clone())),
            Notice::Asks { path, question } => drop(self.questions.insert(path.clone(), question.clone())),
            Notice::Ended { path, .. } => {
                self.waits.remove(path);
                self.questions.remove(path);
            }
            Notice::Rejected { name, reason } => {
                if self.rejected.len() == MOST_REJECTED {
                    self.rejected.remove(0);
                }
                self.rejected.push(Rejected { signal: name.clone(), reason: reason.clone() });
            }
            Notice::Started { .. } | Notice::Consumed { .. } => {}
        }
    }

    /// What a run is at.
    pub(super) fn status(&self, workflow: &str, status: &str, desk: &Desk, failures: &[Listed]) -> Status {
        let is_running = |at: &At| !matches!(at, At::Waiting | At::Timer(_));
        let path = |command: &Command| match command {
            Command::Run(execution) => Some(execution.path.clone()),
            Command::StartChild(child) => Some(child.path.clone()),
            _ => None,
        };
        let running = desk.items().filter(|item| is_running(&item.at)).filter_map(|item| path(&item.command));
        Status {
            workflow: workflow.to_owned(),
            status: status.to_owned(),
            running: running.take(MOST_PATHS).collect(),
            waiting: self.waits.clone(),
            questions: self.questions.clone(),
            held: desk.items().filter_map(held).take(MOST_PATHS).collect(),
            rejected: self.rejected.clone(),
            failures: failures.to_vec(),
        }
    }
}

/// What holds a node back, if anything does.
fn held(item: &Item) -> Option<(EcoString, Waiting)> {
    match &item.command {
        Command::Run(execution) => Some((execution.path.clone(), item.held.as_ref()?.waiting())),
        _ => None,
    }
}
