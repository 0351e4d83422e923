//! The form of a graph: its nodes in topological order, who leads to whom, who can cancel whom.

use super::graph::{ConnectionIx, Graph, NodeIx, Port, Role};
use super::order::{Cycle, Groups, sort};

/// A connection, or the bond of an undo to its node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) source: NodeIx,
    pub(super) target: NodeIx,
    /// None for the bond of an undo.
    pub(super) connection: Option<ConnectionIx>,
}

impl Arc {
    /// Where it leaves its source; the bond of an undo hangs on success.
    pub(super) fn port(self, graph: &Graph) -> &Port {
        self.connection.map_or(&Port::Ok, |ix| &graph.connections[ix].port)
    }
}

#[derive(Debug)]
pub(super) struct Shape {
    /// The nodes in topological order, and the place of each in it.
    pub(super) order: Vec<NodeIx>,
    pub(super) place: Vec<usize>,
    pub(super) arcs: Vec<Arc>,
    /// The arcs into each node, by the place of their source, and those out of it.
    incoming: Groups,
    outgoing: Groups,
    /// Nodes about which nothing negative can be said: a connection to them or to what is before them is lost.
    pub(super) doubtful: Vec<bool>,
}

impl Shape {
    pub(super) fn new(graph: &Graph) -> (Self, Vec<Cycle>) {
        let nodes = graph.nodes.len();
        let mut doubtful: Vec<bool> = graph.nodes.iter().map(|node| node.unresolved).collect();
        let all = arcs(graph, &mut doubtful);
        let mut ends: Vec<_> = all.iter().map(|arc| arc.map(|arc| (arc.source, arc.target))).collect();
        let (order, cycles) = sort(nodes, &mut ends);
        cycles.iter().flat_map(|cycle| &cycle.path).for_each(|node| doubtful[*node] = true);
        let mut place = vec![0; nodes];
        order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
        let mut arcs: Vec<Arc> =
            all.iter().zip(&ends).filter_map(|(arc, ends)| arc.filter(|_| ends.is_some())).collect();
        arcs.sort_by_key(|arc| place[arc.source]);
        let by_target = arcs.iter().enumerate().map(|(ix, arc)| (arc.target, ix));
        let by_source = arcs.iter().enumerate().map(|(ix, arc)| (arc.source, ix));
        let (incoming, outgoing) = (Groups::new(nodes, by_target), Groups::new(nodes, by_source));
        let mut shape = Self { order, place, arcs, incoming, outgoing, doubtful };
        shape.spread_doubt();
        (shape, cycles)
    }

    pub(super) fn incoming(
        &self,
        node: NodeIx,
    ) -> impl DoubleEndedIterator<Item = (usize, Arc)> + ExactSizeIterator + Clone + '_ {
        self.incoming.of(node).map(|ix| (ix, self.arcs[ix]))
    }

    pub(super) fn outgoing(
        &self,
        node: NodeIx,
    ) -> impl DoubleEndedIterator<Item = (usize, Arc)> + ExactSizeIterator + Clone + '_ {
        self.outgoing.of(node).map(|ix| (ix, self.arcs[ix]))
    }

    fn spread_doubt(&mut self) {
        for node in &self.order {
            let mut sources = self.incoming.of(*node).map(|arc| self.arcs[arc].source);
            let doubt = sources.any(|source| self.doubtful[source]);
            self.doubtful[*node] |= doubt;
        }
    }
}

/// The arcs of a graph. An undo or a handler takes part in no connection: what such a one names is doubtful.
fn arcs(graph: &Graph, doubtful: &mut [bool]) -> Vec<Option<Arc>> {
    let mut arcs = Vec::with_capacity(graph.connections.len());
    for (ix, connection) in graph.connections.iter().enumerate() {
        let (source, target) = (connection.source, connection.target);
        let steps = [source, target].iter().all(|end| graph.nodes[*end].role == Role::Step);
        if !steps {
            doubtful[target] = true;
        }
        arcs.push(steps.then_some(Arc { source, target, connection: Some(ix) }));
    }
    for (target, node) in graph.nodes.iter().enumerate() {
        if let Role::Undo(source) = node.role {
            arcs.push(Some(Arc { source, target, connection: None }));
        }
    }
    arcs
}
