//! What a test sees of a run when it is over.

use std::collections::BTreeMap;

use ecow::EcoString;

use crate::check::failure::{error_type, failure_type};
use crate::check::program::{Node, NodeIx, Workflow};
use crate::types::Type;

/// How a run may have ended.
const RUN_STATUS: [&str; 4] = ["completed", "completed_with_failures", "failed", "cancelled"];

/// How a node may have ended.
const NODE_STATUS: [&str; 4] = ["completed", "failed", "cancelled", "skipped"];

/// The reports of a run and its nodes, as expectations read them. What a node doesn't have is no optional there:
/// reading it fails the expectation.
#[derive(Debug)]
pub(in crate::check) struct Reports {
    /// `run`
    pub(in crate::check) run: Type,
    /// By the node's name.
    pub(in crate::check) nodes: BTreeMap<EcoString, (NodeIx, Type)>,
}

impl Reports {
    /// Those of a workflow's runs; nodes in bodies run many times and have none.
    pub(super) fn of(workflow: &Workflow) -> Self {
        let run = Type::record([
            ("status", Type::one_of(&RUN_STATUS)),
            ("duration", Type::Duration),
            ("output", workflow.output_type.plain()),
            ("error", failure_type().plain()),
        ]);
        let own = workflow.graphs.first().map_or(&[][..], |graph| &graph.nodes);
        let nodes = own.iter().map(|ix| {
            let node = &workflow.nodes[*ix];
            (node.name.clone(), (*ix, report(node)))
        });
        Self { run, nodes: nodes.collect() }
    }
}

fn report(node: &Node) -> Type {
    Type::record([
        ("ran", Type::Bool),
        ("status", Type::one_of(&NODE_STATUS)),
        ("attempts", Type::Int),
        ("started_at", Type::Timestamp),
        ("ended_at", Type::Timestamp),
        ("input", Type::Json),
        ("output", node.output.plain()),
        ("error", error_type(&node.errors).plain()),
    ])
}
