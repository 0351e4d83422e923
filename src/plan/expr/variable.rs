use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a name of an expression stands for, by index into the tables of the plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// `input`: the record that the run was started with.
    Input,
    /// `run`: `{ id, workflow, started_at, scheduled_at }`; in the expectations of a test `{ status, duration, output,
    /// error }`.
    Run,
    /// A constant.
    Constant(u32),
    /// A setting, as it was when the run started.
    Setting(u32),
    /// A secret: a template that refers to it.
    Secret(u32),
    /// A node that has certainly succeeded: its output record. In the expectations of a test its report.
    Node(u32),
    /// A node that may not have succeeded: an optional of its output record.
    MaybeNode(u32),
    /// `n.error` of a node that has certainly failed.
    NodeError(u32),
    /// `n.?error`: an optional.
    MaybeNodeError(u32),
    /// `error` behind error routes.
    Error,
    /// `failure` in `on_failure` and `finally`.
    Failure,
    /// The loop variable, of the loop so many bodies further out (0 is the innermost).
    Item(u32),
    /// `index` of that loop.
    Index(u32),
    /// `state` of that loop.
    State(u32),
    /// What came with the request that a trigger was fired by.
    Body,
    /// `link` in an approval's `notify`: where a person answers it.
    Link,
    /// `now`: the recorded time at which the node started.
    Now,
    /// A variable of a macro.
    Local(Slot),
    /// A binding of `citadel eval`.
    Binding(u32),
}

/// The place of a macro's variable. Macros that don't enclose each other may use the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Slot(pub u8);
