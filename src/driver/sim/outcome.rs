use std::collections::BTreeMap;

use crate::driver::{NodeReport, Trace};
use crate::engine::machine::{Moment, Outcome};
use crate::value::EcoString;

/// What a simulated run came to.
#[derive(Debug)]
pub struct Report {
    /// How it ended; none where it still waits for something that never comes.
    pub outcome: Option<Outcome>,
    /// When it started.
    pub started_at: Moment,
    /// When the outermost run was over; none where it isn't.
    pub closed_at: Option<Moment>,
    /// When the last thing happened.
    pub ended_at: Moment,
    /// What happened to each node that was decided or started, by its path; those of a child behind the path of its
    /// node: `pay/charge`.
    pub nodes: BTreeMap<EcoString, NodeReport>,
    /// The paths of the nodes that started, in that order.
    pub order: Vec<EcoString>,
    /// The signals that were turned away: name and reason.
    pub rejected: Vec<(EcoString, EcoString)>,
    /// The canonical trace.
    pub trace: Trace,
}
