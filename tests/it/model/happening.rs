//! What happens to a run and what follows, as the model and the machine have it in common.

/// What happens; tickets are numbers in the order in which they were made.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Start,
    Done(usize, i64),
    Failed(usize, &'static str),
    Child(usize, ChildEnd),
    Released(usize),
    Fired(usize),
    Signal(&'static str, Option<i64>),
    Cancel,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ChildEnd {
    Completed { value: i64, with_failures: bool },
    Failed(&'static str),
    Cancelled,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Command {
    Run { ticket: usize, path: String, url: String, deadline: Option<i64> },
    Child { ticket: usize, path: String, x: i64, round: u32 },
    Timer { ticket: usize, at: i64 },
    Cancel(usize),
    Unset(usize),
}

/// How a run ended, in one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ended {
    pub(super) status: &'static str,
    pub(super) output: Option<serde_json::Value>,
    /// Error and node.
    pub(super) cause: Option<(String, String)>,
    pub(super) failures: Vec<(String, String)>,
    pub(super) unknown: Vec<String>,
}
