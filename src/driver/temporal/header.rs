use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::plan::{Plan, WorkflowId};
use crate::value::{EcoString, Value};

/// The first record of a run: all that decides how it behaves, whatever files and programs there are later.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// The version of this form.
    pub(super) version: u32,
    /// The program that wrote it.
    pub(super) engine: String,
    /// Numbered behaviours that the run relies on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) flags: Vec<u32>,
    /// Which workflow of the plan it runs.
    pub(super) workflow: WorkflowId,
    /// The settings that the run reads, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) settings: BTreeMap<EcoString, Value>,
    /// The plan's hash, by which it is read once, however many runs have it.
    pub(super) plan_hash: String,
    /// The plan.
    pub(super) plan: Packed,
}

/// Bytes that are compressed by zstd and written as Base64.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Packed(Arc<str>);

/// The largest that something packed may be, in bytes: what is larger would not have been accepted.
const LARGEST: u64 = 64 << 20;

/// Some speed for some size: plans are packed once, and each history holds one.
const LEVEL: i32 = 9;

impl Packed {
    pub(super) fn new(bytes: &[u8]) -> Self {
        // Memory takes any bytes; if it didn't, the empty text would be refused when it is read.
        let packed = zstd::encode_all(bytes, LEVEL).unwrap_or_default();
        Self(STANDARD.encode(packed).into())
    }

    /// How long it is.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The bytes; none where something else was packed, or too much.
    pub(super) fn open(&self) -> Option<Vec<u8>> {
        let packed = STANDARD.decode(self.0.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        let decoder = zstd::Decoder::new(packed.as_slice()).ok()?;
        decoder.take(LARGEST).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Header {
    /// What this program writes.
    const VERSION: u32 = 1;

    pub(super) fn new(
        plan: &Plan,
        packed: Packed,
        workflow: WorkflowId,
        settings: BTreeMap<EcoString, Value>,
    ) -> Self {
        Self {
            version: Self::VERSION,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            flags: Vec::new(),
            workflow,
            settings,
            plan_hash: plan.hash().to_owned(),
            plan: packed,
        }
    }

    /// Whether this program behaves as the run relies on.
    pub(super) fn is_known(&self) -> bool {
        self.version == Self::VERSION && self.flags.is_empty()
    }
}
