//! The form of a graph: its nodes in topological order, who leads to whom, who can cancel whom.

use std::collections::BTreeMap;

use super::graph::{ConnectionIx, ErrorType, Graph, Join, NodeIx, Port, Ports, Role};
use super::order::{Cycle, Groups, sort};
use super::tree::{Tree, VertexIx};

/// A connection, or the bond of an undo to its node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) source: NodeIx,
    pub(super) target: NodeIx,
    /// None for the bond of an undo.
    pub(super) connection: Option<ConnectionIx>,
}

/// A graph and what follows from its form alone.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) graph: Graph,
    pub(super) shape: Shape,
    /// The nodes that end the run, as failed and as completed.
    pub(super) fails: Vec<NodeIx>,
    pub(super) succeeds: Vec<NodeIx>,
    /// Some `first` can cancel something.
    pub(super) cancels: bool,
}

/// Error types of a node that the same connections take.
#[derive(Debug, Clone)]
pub(super) struct Routed {
    pub(super) errors: Vec<ErrorType>,
    /// Empty if nothing takes them.
    pub(super) arcs: Vec<usize>,
    /// A handler that they reach stops the run.
    pub(super) stops: bool,
}

impl Ground {
    pub(super) fn new(graph: Graph) -> (Self, Vec<Cycle>) {
        let (shape, cycles) = Shape::new(&graph);
        let ending = |ports| {
            let ends = |node: &NodeIx| graph.nodes[*node].ports == ports;
            shape.order.iter().copied().filter(ends).collect()
        };
        let (fails, succeeds) = (ending(Ports::Fail), ending(Ports::Succeed));
        let cancels = shape.canceller.iter().any(Option::is_some);
        (Self { graph, shape, fails, succeeds, cancels }, cycles)
    }

    /// Where an arc leaves its source; an undo hangs on success.
    pub(super) fn port(&self, arc: Arc) -> &Port {
        arc.connection.map_or(&Port::Ok, |ix| &self.graph.connections[ix].port)
    }

    /// The error types of a node, by the connections that take them: those that name the type, else the unnamed.
    pub(super) fn routes(&self, node: NodeIx) -> Vec<Routed> {
        let errors = &self.graph.nodes[node].errors;
        let leaving = self.shape.outgoing(node).filter(|(_, arc)| self.port(*arc).is_error());
        if errors.is_empty() || leaving.clone().next().is_none() {
            let unrouted = Routed { errors: errors.clone(), arcs: Vec::new(), stops: false };
            return if errors.is_empty() { Vec::new() } else { vec![unrouted] };
        }
        let names = |arc, error| matches!(self.port(arc), Port::Errors(named) if named.contains(&error));
        let mut routes: BTreeMap<(Vec<usize>, bool), Vec<ErrorType>> = BTreeMap::new();
        for error in errors {
            let mut taken_by: Vec<_> = leaving.clone().filter(|(_, arc)| names(*arc, *error)).collect();
            if taken_by.is_empty() {
                taken_by = leaving.clone().filter(|(_, arc)| *self.port(*arc) == Port::AnyError).collect();
            }
            let stops = |arc: &Arc| {
                let handling = self.graph.nodes[arc.target].handling.as_ref();
                handling.is_some_and(|handling| !handling.continues(*error))
            };
            let stops = taken_by.iter().any(|(_, arc)| stops(arc));
            let arcs = taken_by.into_iter().map(|(ix, _)| ix).collect();
            routes.entry((arcs, stops)).or_default().push(*error);
        }
        routes.into_iter().map(|((arcs, stops), errors)| Routed { errors, arcs, stops }).collect()
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
    /// The nearest node with `first` that can cancel a node.
    pub(super) canceller: Vec<Option<NodeIx>>,
    /// Nodes about which nothing negative can be said: a connection to them or to what is before them is lost.
    pub(super) doubtful: Vec<bool>,
}

impl Shape {
    pub(super) fn new(graph: &Graph) -> (Self, Vec<Cycle>) {
        let nodes = graph.nodes.len();
        let mut doubtful: Vec<bool> =
            graph.nodes.iter().map(|node| node.unresolved || graph.incomplete).collect();
        let all = arcs(graph, &mut doubtful);
        let mut ends: Vec<_> = all.iter().map(|arc| arc.map(|arc| (arc.source, arc.target))).collect();
        let (order, cycles) = sort(nodes, &mut ends);
        cycles.iter().flat_map(|cycle| &cycle.path).for_each(|node| doubtful[*node] = true);
        let mut place = vec![0; nodes];
        order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
        let mut arcs: Vec<Arc> = all.iter().zip(&ends).filter_map(|(arc, ends)| arc.filter(|_| ends.is_some())).collect();
        arcs.sort_by_key(|arc| place[arc.source]);
        let by_target = arcs.iter().enumerate().map(|(ix, arc)| (arc.target, ix));
        let by_source = arcs.iter().enumerate().map(|(ix, arc)| (arc.source, ix));
        let (incoming, outgoing) = (Groups::new(nodes, by_target), Groups::new(nodes, by_source));
        let mut shape = Self { order, place, arcs, incoming, outgoing, canceller: vec![None; nodes], doubtful };
        shape.spread_doubt();
        shape.find_cancellers(graph);
        (shape, cycles)
    }

    pub(super) fn incoming(&self, node: NodeIx) -> impl DoubleEndedIterator<Item = (usize, Arc)> + ExactSizeIterator + Clone + '_ {
        self.incoming.of(node).map(|ix| (ix, self.arcs[ix]))
    }

    pub(super) fn outgoing(&self, node: NodeIx) -> impl DoubleEndedIterator<Item = (usize, Arc)> + ExactSizeIterator + Clone + '_ {
        self.outgoing.of(node).map(|ix| (ix, self.arcs[ix]))
    }

    fn spread_doubt(&mut self) {
        for node in &self.order {
            let mut sources = self.incoming.of(*node).map(|arc| self.arcs[arc].source);
            let doubt = sources.any(|source| self.doubtful[source]);
            self.doubtful[*node] |= doubt;
        }
    }

    /// A node is only on the way to `t` if `t` stands on every way from it: if it postdominates it.
    fn find_cancellers(&mut self, graph: &Graph) {
        let cancels = |node: NodeIx| matches!(graph.nodes[node].join, Join::AtLeast { cancels: true, .. });
        if !(0..graph.nodes.len()).any(cancels) {
            return;
        }
        let mut tree = Tree::new();
        let mut vertex: Vec<VertexIx> = vec![Tree::ROOT; graph.nodes.len()];
        let mut node_of: Vec<NodeIx> = vec![usize::MAX];
        for node in self.order.iter().rev() {
            let targets = self.outgoing(*node).filter(|(_, arc)| arc.connection.is_some());
            let above = targets.map(|(_, arc)| vertex[arc.target]).reduce(|a, b| tree.common(a, b));
            let above = above.unwrap_or(Tree::ROOT);
            vertex[*node] = tree.add(above);
            node_of.push(*node);
            if above != Tree::ROOT {
                let next = node_of[above as usize];
                self.canceller[*node] = if cancels(next) { Some(next) } else { self.canceller[next] };
            }
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
