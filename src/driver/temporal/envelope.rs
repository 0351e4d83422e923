use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use temporalio_protos::temporal::api::common::v1::Payload;

use super::header::{Header, Packed};
use super::payload;
use crate::engine::machine::{Command, Moment};
use crate::value::EcoString;

/// The second payload of a start, which only Citadel's own clients and runs send: the first is the author's input,
/// untouched.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    /// The plan that the client checked the input with: a worker without it leaves the run to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan_hash: Option<String>,
    /// What a parent hands its child, and a run its continuation: then no worker is asked for a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) header: Option<Header>,
    /// Where the run before was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<State>,
    /// When a schedule wanted it to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scheduled_at: Option<Moment>,
}

/// Why an envelope can't be read.
pub(super) enum Unopened {
    /// It is one, and holds what this program doesn't know.
    Newer(String),
    /// It is none.
    Foreign,
}

impl Envelope {
    /// What stands in the second payload of a start.
    pub(super) fn read(payload: &Payload) -> Result<Self, Unopened> {
        payload::read(payload).map_err(|error| {
            let object = payload::read::<Map<String, Json>>(payload).unwrap_or_default();
            let is_envelope = ["plan_hash", "header"].iter().any(|name| object.contains_key(*name));
            if is_envelope { Unopened::Newer(error.to_string()) } else { Unopened::Foreign }
        })
    }
}

/// What a run hands to its continuation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// The machine's state.
    pub(super) machine: Packed,
    /// What it had commanded and not seen answered, as JSON; nothing of it was under way. Of a wide fan-out that are
    /// thousands.
    commands: Packed,
    /// Stands for the run in the keys of its activities, as long as it lives.
    pub(super) key: String,
}

impl State {
    pub(super) fn new(machine: &[u8], commands: &[&Command], key: String) -> Self {
        let commands = serde_json::to_vec(commands).expect("keys are texts, and memory takes any text");
        Self { machine: Packed::new(machine), commands: Packed::new(&commands), key }
    }

    /// What it had commanded; none where something else was packed.
    pub(super) fn commands(&self) -> Option<Vec<Command>> {
        serde_json::from_slice(&self.commands.open()?).ok()
    }
}

/// The second payload of a signal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Aim {
    /// Which of several waits for this name is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) correlate: Option<EcoString>,
}
