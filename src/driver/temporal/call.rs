use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::driver::gates::Route;
use crate::nodes::{Call, Progress};
use crate::plan::{Activity, Argument, Effect, Node, Secret, Workflow};
use crate::value::{EcoString, ShapeId, Shapes, Value};

/// The second payload of an activity: what an attempt needs beside the fields of its kind, so that any worker can make
/// it, whatever files it has.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sheet {
    /// The version of this form.
    pub(super) v: u32,
    /// The node's path in its run.
    pub(super) path: EcoString,
    /// The idempotency key, the same on every attempt.
    pub(super) key: EcoString,
    /// How long an attempt may take, in milliseconds.
    pub(super) timeout_ms: u64,
    /// How long an attempt may go without progress, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) heartbeat_ms: Option<u64>,
    /// Attempts that were made before the server counted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) attempts_before: u32,
    /// What its attempts pass before they begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) route: Option<Route>,
    /// How often it was held back there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) refusals: u32,
    /// What is the same for all executions of the node.
    pub(super) node: Box<RawValue>,
}

/// What is the same for all executions of a node.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Nature {
    /// What the output is.
    output: ShapeId,
    /// The fields that hold a type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    borders: BTreeMap<EcoString, ShapeId>,
    /// The shapes of those.
    shapes: Shapes,
    /// Whether a second execution would do harm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    once: bool,
    /// Where the secrets of the workflow are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) secrets: Vec<Secret>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Sheet {
    /// The version that this program writes and reads.
    pub(super) const VERSION: u32 = 1;
}

/// The run that an attempt is of.
pub(super) struct Traced {
    /// Its id.
    pub(super) id: EcoString,
    /// What the names of its spans are made of.
    pub(super) trace: EcoString,
}

impl Nature {
    /// What is the same for all executions of a node that is an activity.
    pub(super) fn new(workflow: &Workflow, node: &Node, activity: &Activity) -> Self {
        let borders = activity.config.iter().filter_map(|(name, argument)| match argument {
            Argument::Shape(shape) => Some((EcoString::from(name.as_str()), *shape)),
            _ => None,
        });
        let (names, mut wanted): (Vec<_>, Vec<_>) = borders.unzip();
        wanted.push(node.output);
        let (shapes, mut places) = workflow.shapes.part(&wanted);
        let output = places.pop().unwrap_or(node.output);
        Self {
            output,
            borders: names.into_iter().zip(places).collect(),
            shapes,
            once: activity.effect == Effect::Once,
            secrets: workflow.secrets.clone(),
        }
    }

    /// The attempt of a kind with these fields.
    pub(super) fn call(
        self,
        kind: &str,
        run: Traced,
        input: Value,
        sheet: &Sheet,
        attempt: u32,
        timeout: Duration,
    ) -> Call {
        Call {
            run: run.id,
            path: sheet.path.clone(),
            trace: run.trace,
            kind: kind.into(),
            input,
            shapes: Arc::new(self.shapes),
            borders: self.borders,
            output: self.output,
            key: sheet.key.clone(),
            attempt,
            timeout,
            heartbeat: sheet.heartbeat_ms.map(Duration::from_millis),
            progress: Progress::default(),
            effect_once: self.once,
        }
    }
}
