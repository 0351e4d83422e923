//! The states of a node in one graph of a run:
//!
//! | from | to | when |
//! |---|---|---|
//! | waiting | ready | its join has what it wants, or it is an undo or a handler whose time has come |
//! | waiting | skipped | its connections are decided, and the join can't have it any more |
//! | ready | running | nothing keeps it back: the run goes on and there is a slot |
//! | running | succeeded, failed | what it does has come to an end |
//! | waiting, ready, running | cancelled | a `first` starts, its iteration fails, or the run stops |

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::approval::Asking;
use super::slot::Slot;
use super::{Failure, Moment, Ticket};
use crate::plan::{GraphId, NodeId};
use crate::value::{EcoString, List, Map, Value};

/// One time that a graph runs: the workflow's own once, a loop's body once for each iteration. Never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct ScopeId(pub(super) u64);

impl ScopeId {
    pub(super) const ROOT: Self = Self(0);
}

/// A node of one scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) scope: ScopeId,
    pub(super) node: NodeId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) graph: GraphId,
    /// The loop whose iteration it is.
    pub(super) owner: Option<Place>,
    pub(super) index: u64,
    pub(super) item: Value,
    pub(super) state: Option<Value>,
    pub(super) first: NodeId,
    pub(super) cells: Vec<Cell>,
    /// How many steps are not decided.
    pub(super) live: u32,
    /// Whether an undo will read it, so that it outlives its iteration.
    pub(super) held: bool,
    /// Whether its iteration, or the run, is over: nothing starts in it but undos and handlers.
    pub(super) over: bool,
}

impl Scope {
    pub(super) fn cell(&self, node: NodeId) -> &Cell {
        &self.cells[node.index() - self.first.index()]
    }

    pub(super) fn cell_mut(&mut self, node: NodeId) -> &mut Cell {
        &mut self.cells[node.index() - self.first.index()]
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) state: State,
    /// The source of the first error connection that was taken to it.
    pub(super) cause: Option<NodeId>,
}

impl Cell {
    pub(super) const NEW: Self = Self { state: State::Waiting { decided: 0, taken: 0 }, cause: None };
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum State {
    Waiting { decided: u32, taken: u32 },
    Ready,
    Running(Box<Running>),
    Succeeded(Box<Success>),
    Failed(Box<Failure>),
    Skipped,
    Cancelled { started: bool },
}

impl State {
    pub(super) fn is_decided(&self) -> bool {
        !matches!(self, Self::Waiting { .. } | Self::Ready | Self::Running(_))
    }

    /// Whether it ever ran.
    pub(super) fn has_started(&self) -> bool {
        !matches!(
            self,
            Self::Waiting { .. } | Self::Ready | Self::Skipped | Self::Cancelled { started: false }
        )
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Success {
    /// The port that it ended on, by position.
    pub(super) port: u32,
    pub(super) output: Value,
}

/// A node that has started and isn't decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Running {
    pub(super) since: Moment,
    pub(super) doing: Doing,
    pub(super) slot: Slot,
    /// The timer of the time-out of the whole.
    pub(super) limit: Option<Ticket>,
    /// How often it ran before.
    pub(super) round: u32,
    /// When all attempts of an activity must be over.
    pub(super) deadline: Option<Moment>,
    /// An activity's evaluated fields: what it read is fixed when it starts.
    pub(super) input: Option<Value>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Doing {
    /// It has only just started.
    Nothing,
    /// An activity or a child.
    Work(Ticket),
    Delay(Ticket),
    /// Between two rounds.
    Pause(Ticket),
    Signal(Wait),
    Approval(Box<Asking>),
    Loop(Box<Repetition>),
}

/// A signal that is waited for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Wait {
    pub(super) name: EcoString,
    pub(super) correlation: Option<EcoString>,
}

/// A loop that is running.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Repetition {
    pub(super) items: Items,
    /// The index of the next iteration.
    pub(super) next: u64,
    pub(super) width: u64,
    pub(super) bound: Option<u64>,
    pub(super) enough: Option<u64>,
    pub(super) running: BTreeSet<ScopeId>,
    pub(super) succeeded: u64,
    /// What the iterations gave, by index; only where something is collected.
    pub(super) results: Vec<Option<Value>>,
    pub(super) dropped: Vec<Dropped>,
    pub(super) state: Option<Value>,
    /// Whether no further iteration starts.
    pub(super) ending: bool,
}

/// What a loop goes over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Items {
    List(List),
    #[serde(with = "entries")]
    Map(Map),
    Times(u64),
    While,
}

impl Items {
    /// How many iterations there are, where that is known.
    pub(super) fn count(&self) -> Option<u64> {
        match self {
            Self::List(list) => Some(list.len() as u64),
            Self::Map(map) => Some(map.len() as u64),
            Self::Times(times) => Some(*times),
            Self::While => None,
        }
    }

    /// The loop variable of an iteration.
    pub(super) fn item(&self, index: u64) -> Value {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        match self {
            Self::List(list) => list.get(at).cloned().unwrap_or(Value::Null),
            Self::Map(map) => map.entry(at).map_or(Value::Null, |(key, value)| {
                Value::Map(Map::record([("key", Value::from(key.clone())), ("value", value.clone())]))
            }),
            Self::Times(_) | Self::While => Value::Int(i64::try_from(index).unwrap_or(i64::MAX)),
        }
    }
}

/// An iteration that failed while the others went on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Dropped {
    pub(super) index: u64,
    pub(super) item: Value,
    pub(super) failure: Failure,
}

/// A map as the value that it is.
mod entries {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    use crate::value::{Map, Value};

    pub(super) fn serialize<S: Serializer>(map: &Map, serializer: S) -> Result<S::Ok, S::Error> {
        Value::Map(map.clone()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Map(map) => Ok(map),
            _ => Err(de::Error::custom("not a map")),
        }
    }
}
