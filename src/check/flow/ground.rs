//! What the other parts stand on: the graph, its form, and what follows from both without any function.

use std::collections::BTreeMap;

use super::cancel::cancellers;
use super::certain::Certain;
use super::graph::{ErrorType, Graph, Join, NodeIx, Port, Ports};
use super::order::Cycle;
use super::shape::{Arc, Shape};

/// A graph and what follows from its form alone.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) graph: Graph,
    pub(super) shape: Shape,
    /// The nodes that end the run, as failed and as completed.
    pub(super) fails: Vec<NodeIx>,
    pub(super) succeeds: Vec<NodeIx>,
    pub(super) certain: Certain,
    /// By node: the nearest node with `first` that can cancel it.
    pub(super) canceller: Vec<Option<NodeIx>>,
    /// Some join starts before all of its connections are decided: what else has happened by then is open.
    pub(super) races: bool,
    /// Something negative can't be said about some node.
    pub(super) some_doubt: bool,
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
        let certain = Certain::new(&graph, &shape);
        let races = graph.nodes.iter().any(|node| matches!(node.join, Join::AtLeast { .. }));
        let some_doubt = shape.doubtful.contains(&true);
        let canceller = Vec::new();
        let mut ground = Self { graph, shape, fails, succeeds, certain, canceller, races, some_doubt };
        ground.canceller = cancellers(&ground);
        (ground, cycles)
    }

    /// Where an arc leaves its source.
    pub(super) fn port(&self, arc: Arc) -> &Port {
        arc.port(&self.graph)
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
