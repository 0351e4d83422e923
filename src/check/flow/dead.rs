//! What can never happen in a graph, and what says nothing.

use super::bdd::{Bdd, TooLarge};
use super::graph::{ConnectionIx, Join, Node, NodeIx, Port, Role};
use super::readable::Flow;

/// Something that the author can't have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defect {
    /// A node without any connection, while others have some.
    Unconnected(NodeIx),
    /// `join` asks for more connections than there are.
    JoinTooLarge {
        /// The node.
        node: NodeIx,
        /// How many it asks for.
        count: usize,
        /// How many there are.
        incoming: usize,
    },
    /// `join` where at most one connection comes in: it makes no difference.
    JoinWithoutChoice(NodeIx),
    /// It never runs: its connections, or enough of them together, are never taken.
    DeadNode {
        /// The node.
        node: NodeIx,
        /// Two connections that exclude each other, if two do.
        conflict: Option<(ConnectionIx, ConnectionIx)>,
    },
    /// A connection that is never taken although both its ends run, or an error connection that takes no error.
    DeadRoute {
        /// The connection.
        connection: ConnectionIx,
        /// Why.
        because: NeverTaken,
    },
}

/// Why a connection is never taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeverTaken {
    /// Its source can't fail.
    NoErrors,
    /// Other connections name every error of its source.
    AllErrorsNamed,
    /// What has been decided before excludes that port.
    Excluded,
}

/// How many pairs of connections are tried for a conflict.
const MOST_PAIRS: usize = 256;

impl Flow {
    /// All defects: those of nodes in the order of the nodes, then those of connections in theirs.
    pub fn defects(&mut self) -> Vec<Defect> {
        let nodes = if self.ground.graph.incomplete { 0..0 } else { 0..self.ground.graph.nodes.len() };
        let started = |node: &Node| node.started;
        let graph = &self.ground.graph;
        let any_connection = !graph.connections.is_empty() || graph.nodes.iter().any(started);
        let mut defects = Vec::new();
        for node in nodes {
            if self.ground.shape.doubtful[node] || self.ground.graph.nodes[node].role != Role::Step {
                continue;
            }
            defects.extend(self.unconnected(node).filter(|_| any_connection));
            defects.extend(self.join_defect(node).or_else(|| self.dead_node(node)));
        }
        let mut routes: Vec<_> =
            (0..self.ground.shape.arcs.len()).filter_map(|arc| self.dead_route(arc)).collect();
        routes.sort_by_key(|(connection, _)| *connection);
        defects.extend(
            routes.into_iter().map(|(connection, because)| Defect::DeadRoute { connection, because }),
        );
        defects
    }

    fn unconnected(&self, node: NodeIx) -> Option<Defect> {
        let shape = &self.ground.shape;
        let real = shape.outgoing(node).any(|(_, arc)| arc.connection.is_some());
        let connected = real || shape.incoming(node).len() > 0 || self.ground.graph.nodes[node].started;
        (!connected).then_some(Defect::Unconnected(node))
    }

    fn join_defect(&self, node: NodeIx) -> Option<Defect> {
        let incoming = self.ground.shape.incoming(node).len();
        match self.ground.graph.nodes[node].join {
            Join::AtLeast { count, .. } if count > incoming && count > 1 => {
                Some(Defect::JoinTooLarge { node, count, incoming })
            }
            Join::Every | Join::AtLeast { .. } if incoming <= 1 => Some(Defect::JoinWithoutChoice(node)),
            _ => None,
        }
    }

    /// A node that never runs although something before it does. What follows from a dead node isn't reported, nor
    /// what follows from an error connection that is reported itself.
    fn dead_node(&mut self, node: NodeIx) -> Option<Defect> {
        if self.runs(node) {
            return None;
        }
        let arcs: Vec<_> = self.ground.shape.incoming(node).collect();
        let reached = arcs.iter().any(|(_, arc)| self.runs(arc.source));
        let misrouted = arcs.iter().any(|(ix, arc)| self.ground.port(*arc).is_error() && self.is_dead(*ix));
        if misrouted || !reached {
            return None;
        }
        let connections: Vec<_> = arcs.iter().filter_map(|(ix, arc)| Some((arc.connection?, *ix))).collect();
        let pairs = connections
            .iter()
            .enumerate()
            .flat_map(|(at, a)| connections[at + 1..].iter().map(move |b| (a, b)));
        let waits_for_several = !matches!(self.ground.graph.nodes[node].join, Join::All);
        let mut pairs = pairs.take(if waits_for_several { MOST_PAIRS } else { 0 });
        let conflict = pairs.find(|((_, a), (_, b))| self.exclude_each_other(*a, *b));
        let conflict = conflict.map(|((a, _), (b, _))| (*a.min(b), *a.max(b)));
        Some(Defect::DeadNode { node, conflict })
    }

    fn runs(&self, node: NodeIx) -> bool {
        self.outcomes.ends[node].runs != Bdd::FALSE
    }

    fn is_dead(&self, arc: usize) -> bool {
        self.outcomes.taken[arc] == Bdd::FALSE
    }

    fn exclude_each_other(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.outcomes.taken[a], self.outcomes.taken[b]);
        let both: Result<Bdd, TooLarge> = self.outcomes.functions.and(a, b);
        both == Ok(Bdd::FALSE)
    }

    fn dead_route(&self, ix: usize) -> Option<(ConnectionIx, NeverTaken)> {
        let arc = self.ground.shape.arcs[ix];
        let connection = arc.connection?;
        let source = &self.ground.graph.nodes[arc.source];
        if !self.is_dead(ix) || !self.runs(arc.source) || self.ground.shape.doubtful[arc.source] {
            return None;
        }
        let routed =
            |ix: usize| self.ground.routes(arc.source).iter().any(|routed| routed.arcs.contains(&ix));
        let because = match self.ground.port(arc) {
            Port::Errors(_) | Port::AnyError if source.errors.is_empty() => NeverTaken::NoErrors,
            Port::AnyError if !routed(ix) => NeverTaken::AllErrorsNamed,
            Port::Own(_) if self.runs(arc.target) => NeverTaken::Excluded,
            // The caller reports a type that the source doesn't have; a handler may stop the run for all of them; a
            // target that never runs is reported itself.
            Port::Errors(_) | Port::AnyError | Port::Own(_) | Port::Ok => return None,
        };
        Some((connection, because))
    }
}
