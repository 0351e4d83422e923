use super::reports::took;
use crate::driver::sim::{NodeStatus, Report};
use crate::value::EcoString;

/// What happened in the run of a test, in virtual time.
#[derive(Debug, Default)]
pub struct Timeline {
    /// How the run ended, in a word.
    pub status: EcoString,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// The nodes that started, in that order.
    pub rows: Vec<Row>,
    /// The paths of those that were skipped.
    pub skipped: Vec<EcoString>,
}

/// What happened to one execution of a node.
#[derive(Debug)]
pub struct Row {
    /// How many milliseconds after the run it started.
    pub at: u64,
    /// For how many milliseconds it ran; none where it didn't end.
    pub took: Option<u64>,
    /// Its path.
    pub path: EcoString,
    /// How it ended.
    pub status: NodeStatus,
    /// How many attempts there were.
    pub attempts: u32,
    /// The name of its error and what it says.
    pub error: Option<(EcoString, EcoString)>,
}

impl Timeline {
    pub(super) fn of(report: &Report) -> Self {
        let row = |path: &EcoString| {
            let node = report.nodes.get(path)?;
            let started = node.started_at?;
            Some(Row {
                at: started.since(report.started_at),
                took: node.ended_at.map(|ended| ended.since(started)),
                path: path.clone(),
                status: node.status,
                attempts: node.attempts,
                error: node.error.as_ref().map(|failure| (failure.error.clone(), failure.message.clone())),
            })
        };
        let skipped = report.nodes.iter().filter(|(_, node)| node.status == NodeStatus::Skipped);
        Self {
            status: report.outcome.as_ref().map_or("not over", |outcome| outcome.status().word()).into(),
            took: took(report),
            rows: report.order.iter().filter_map(row).collect(),
            skipped: skipped.map(|(path, _)| path.clone()).collect(),
        }
    }
}
