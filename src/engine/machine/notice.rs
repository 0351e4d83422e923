use super::Question;
use super::state::State;
use crate::plan::{Node, NodeId};
use crate::value::{EcoString, Value};

/// Something that happened inside a run, for whoever watches or records it.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A node has started.
    Started {
        /// Its path.
        path: EcoString,
        /// The nodes whose connections let it start.
        by: Vec<EcoString>,
        /// Which node of the workflow it is.
        node: NodeId,
    },
    /// A node is decided.
    Ended {
        /// Its path.
        path: EcoString,
        /// Which node of the workflow it is.
        node: NodeId,
        /// How.
        end: End,
    },
    /// A node has begun to wait for a signal.
    Waits {
        /// The node's path.
        path: EcoString,
        /// Which node of the workflow it is.
        node: NodeId,
        /// The signal's name.
        name: EcoString,
        /// Which of several signals of that name it takes; none for any.
        correlation: Option<EcoString>,
    },
    /// An approval asks people, for the first time or others than before.
    Asks {
        /// The node's path.
        path: EcoString,
        /// What.
        question: Question,
    },
    /// A node has taken a signal.
    Consumed {
        /// The node's path.
        path: EcoString,
        /// The signal's name.
        name: EcoString,
        /// The number of the signal among all that came.
        index: u64,
    },
    /// A signal was turned away.
    Rejected {
        /// Its name.
        name: EcoString,
        /// Why.
        reason: EcoString,
    },
}

/// How a node was decided.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// It succeeded.
    Succeeded {
        /// On this port.
        port: EcoString,
        /// With this output.
        output: Value,
    },
    /// It failed for good.
    Failed(super::Failure),
    /// It didn't run.
    Skipped,
    /// It was taken back.
    Cancelled,
}

impl Notice {
    pub(super) fn ended(path: EcoString, node: &Node, id: NodeId, state: &State) -> Self {
        let end = match state {
            State::Succeeded(success) => End::Succeeded {
                port: node.ports.get(success.port as usize).map_or("", String::as_str).into(),
                output: success.output.clone(),
            },
            State::Failed(failure) => End::Failed(failure.as_ref().clone()),
            State::Skipped => End::Skipped,
            _ => End::Cancelled,
        };
        Self::Ended { path, node: id, end }
    }
}
