//! What must have happened whenever a node runs, as far as the form of the graph alone says it: a tree in which
//! the success and the failure of a node stand below its run, and the run of a node below whatever all the ways
//! to it have in common. It answers most questions before any function is built.

use super::graph::{Graph, Join, NodeIx};
use super::shape::{Arc, Shape};
use super::tree::{Tree, VertexIx};

#[derive(Debug)]
pub(super) struct Certain {
    tree: Tree,
    /// The vertex of a node's run; its success and its failure follow it.
    runs: Vec<VertexIx>,
}

impl Certain {
    pub(super) fn new(graph: &Graph, shape: &Shape) -> Self {
        let mut certain = Self { tree: Tree::new(), runs: vec![Tree::ROOT; graph.nodes.len()] };
        for node in &shape.order {
            let ways = shape.incoming(*node).map(|(_, arc)| certain.way(graph, arc));
            let above = match graph.nodes[*node].join {
                Join::Every => ways.reduce(|a, b| certain.tree.deeper(a, b)),
                Join::All | Join::AtLeast { .. } => ways.reduce(|a, b| certain.tree.common(a, b)),
            };
            let runs = certain.tree.add(above.unwrap_or(Tree::ROOT));
            certain.tree.add(runs);
            certain.tree.add(runs);
            certain.runs[*node] = runs;
        }
        certain
    }

    /// `source` has succeeded whenever `reader` runs.
    pub(super) fn succeeded(&self, reader: NodeIx, source: NodeIx) -> bool {
        self.tree.is_above(self.runs[source] + 1, self.runs[reader])
    }

    /// `source` has failed whenever `reader` runs.
    pub(super) fn failed(&self, reader: NodeIx, source: NodeIx) -> bool {
        self.tree.is_above(self.runs[source] + 2, self.runs[reader])
    }

    fn way(&self, graph: &Graph, arc: Arc) -> VertexIx {
        let failure = arc.port(graph).is_error();
        self.runs[arc.source] + if failure { 2 } else { 1 }
    }
}
