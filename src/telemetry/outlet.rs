use crate::driver::Watched;
use crate::driver::gates::Snapshot;
use crate::engine::machine::{End, Moment, Outcome};
use crate::nodes::Attempt;

/// An execution of a node that is decided.
#[derive(Clone, Copy)]
pub(super) struct NodeOver<'a> {
    pub(super) run: Watched<'a>,
    pub(super) path: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    /// When it started, where that is known.
    pub(super) since: Option<Moment>,
    pub(super) at: Moment,
    pub(super) end: &'a End,
}

/// One way in which what happens is told.
pub(super) trait Outlet: Send + Sync {
    /// A run was accepted.
    fn began(&self, _run: Watched<'_>) {}

    /// A node has started.
    fn started(&self, _run: Watched<'_>, _path: &str, _at: Moment) {}

    /// A node that had started is decided.
    fn node_over(&self, _node: NodeOver<'_>) {}

    /// A signal was turned away.
    fn rejected(&self, _run: Watched<'_>, _signal: &str, _reason: &str) {}

    /// An attempt that this process made is over.
    fn attempted(&self, _attempt: Attempt<'_>) {}

    /// What breakers and limits are at, again and again.
    fn gates(&self, _snapshot: &Snapshot) {}

    /// A run is over.
    fn run_over(&self, _run: Watched<'_>, _at: Moment, _outcome: &Outcome) {}
}
