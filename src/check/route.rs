//! From a checked graph to the analysis of its flow: indexes, interned errors, conditions reduced to what counts.

use std::collections::BTreeMap;

use ecow::EcoString;

use super::draft::Draft;
use super::flow::{self, ErrorType, Graph};
use super::guard::Guards;
use super::program::{Argument, Config, Edge, GraphIx, Join, Node, NodeIx, OnError, Outcome, Role};
use super::reach::Names;
use super::typed::Exprs;
use crate::source::Span;

/// A graph as the analysis sees it, and the way back.
pub(super) struct Route {
    pub(super) graph: Graph,
    pub(super) names: Names,
    /// Where each connection of the analysis is written.
    pub(super) connections: Vec<Span>,
    /// Where each leads.
    pub(super) targets: Vec<flow::NodeIx>,
    /// Where `join` is written, by node of the analysis.
    pub(super) joins: Vec<Option<Span>>,
    /// The node of the analysis, by the workflow's node; for a body the outer ones that it reads too.
    pub(super) local: BTreeMap<NodeIx, flow::NodeIx>,
    /// The conditions that expressions of this graph may ask about.
    pub(super) guards: Guards,
}

/// Builds a graph for the analysis. `outer` are nodes outside a body, and whether they have certainly succeeded.
pub(super) fn route(
    draft: &Draft<'_>,
    graph: GraphIx,
    edges: &[Edge],
    outer: &[(NodeIx, bool)],
    exprs: &Exprs,
) -> Route {
    let layout = &draft.plot.graphs[graph];
    let own = layout.nodes.iter().copied();
    let all = own.chain(outer.iter().map(|(node, _)| *node));
    let local: BTreeMap<NodeIx, flow::NodeIx> = all.enumerate().map(|(at, node)| (node, at)).collect();
    let mut builder =
        Builder { draft, exprs, errors: Interner::default(), guards: Guards::new(local.clone()) };
    let mut nodes: Vec<flow::Node> = layout.nodes.iter().map(|node| builder.node(*node, &local)).collect();
    nodes.extend(outer.iter().map(|(_, certain)| outside(*certain)));
    let mut connections = Vec::new();
    let mut spans = Vec::new();
    for edge in edges {
        match builder.connection(edge, &local) {
            Some(connection) => {
                connections.push(connection);
                spans.push(edge.span);
            }
            None => {
                if let Some(node) = local.get(&edge.to).and_then(|at| nodes.get_mut(*at)) {
                    node.started |= edge.on == Outcome::Start;
                }
            }
        }
    }
    // A connection that was refused leaves its target without a way that it has; so does one that names no node, and it
    // may be that of any node to which no other one leads.
    let unled = layout
        .nodes
        .iter()
        .filter(|node| layout.leads_anywhere() && draft.plot.nodes[**node].incoming.is_empty());
    for node in draft.doubtful[graph].iter().chain(unled).filter_map(|node| local.get(node)) {
        if let Some(node) = nodes.get_mut(*node) {
            node.unresolved = true;
        }
    }
    let names = builder.names(layout.nodes.iter().copied().chain(outer.iter().map(|(node, _)| *node)));
    let join = |node: &NodeIx| draft.node(*node).and_then(|node| node.config.span("join"));
    let joins = layout.nodes.iter().map(join).collect();
    let targets = connections.iter().map(|connection| connection.target).collect();
    // The classes follow when everything that speaks of them has been seen.
    let graph = Graph { nodes, connections, incomplete: layout.is_open(), ..Graph::default() };
    Route { graph, names, connections: spans, targets, joins, local, guards: builder.guards }
}

fn outside(certain: bool) -> flow::Node {
    flow::Node { role: flow::Role::Outer { certain }, ..flow::Node::step() }
}

/// Names of errors by number.
#[derive(Debug, Default)]
struct Interner {
    numbers: BTreeMap<EcoString, u32>,
    names: Vec<EcoString>,
}

impl Interner {
    fn number(&mut self, name: &EcoString) -> ErrorType {
        if let Some(number) = self.numbers.get(name) {
            return ErrorType(*number);
        }
        let number = self.names.len() as u32;
        self.names.push(name.clone());
        self.numbers.insert(name.clone(), number);
        ErrorType(number)
    }
}

struct Builder<'d, 'a> {
    draft: &'d Draft<'a>,
    exprs: &'d Exprs,
    errors: Interner,
    guards: Guards,
}

impl Builder<'_, '_> {
    fn node(&mut self, ix: NodeIx, local: &BTreeMap<NodeIx, flow::NodeIx>) -> flow::Node {
        let Some(node) = self.draft.node(ix) else {
            return flow::Node { unresolved: true, ..flow::Node::step() };
        };
        let role = match node.role {
            Role::Step => flow::Role::Step,
            Role::Undo(of) => local.get(&of).map_or(flow::Role::Step, |of| flow::Role::Undo(*of)),
            Role::Handler => flow::Role::Handler,
        };
        let unrouted = match node.on_error {
            _ if node.fallback.is_some() => flow::Unrouted::Fallback,
            OnError::Continue => flow::Unrouted::Continue,
            OnError::Stop | OnError::Retry(_) => flow::Unrouted::Stop,
        };
        flow::Node {
            join: join(node.join),
            ports: ports(node),
            decision: self.decision(node),
            errors: node.errors.iter().map(|error| self.errors.number(&error.name)).collect(),
            unrouted,
            role,
            handling: self.draft.is_handler(ix).then(|| self.handling(node)),
            started: false,
            unresolved: self.draft.unclear.contains(&ix),
        }
    }

    fn decision(&mut self, node: &Node) -> flow::Decision {
        let config = &node.config;
        if let Some(when) = config.expr("when").filter(|_| node.ports.len() == 2) {
            return flow::Decision::Cases(vec![self.guards.guard(self.exprs, when)]);
        }
        if let Some(switch) = config.expr("switch") {
            return flow::Decision::Switch(self.guards.class(self.exprs, switch, node.ports.len()));
        }
        match config.cases("cases") {
            Some(cases) if node.ports.len() == cases.len() + 1 => {
                let guards = cases.iter().map(|(_, argument)| match argument {
                    Argument::Expr(expr) => self.guards.guard(self.exprs, *expr),
                    _ => flow::Guard::Unknown,
                });
                flow::Decision::Cases(guards.collect())
            }
            _ => flow::Decision::Free,
        }
    }

    fn handling(&mut self, node: &Node) -> flow::Handling {
        let continues = |case: &Config| case.word("action").is_some_and(|action| action == "continue");
        let cases = node.config.cases("cases").unwrap_or_default().iter();
        let cases = cases.map(|(name, argument)| {
            let goes_on = matches!(argument, Argument::Fields(case) if continues(case));
            (self.errors.number(name), goes_on)
        });
        let cases = cases.collect();
        flow::Handling { cases, otherwise: node.config.fields("otherwise").is_some_and(continues) }
    }

    fn connection(
        &mut self,
        edge: &Edge,
        local: &BTreeMap<NodeIx, flow::NodeIx>,
    ) -> Option<flow::Connection> {
        let (from, target) = (edge.from?, *local.get(&edge.to)?);
        let source = *local.get(&from)?;
        let node = self.draft.node(from)?;
        let port = match &edge.on {
            Outcome::Start => return None,
            Outcome::Port(_) if matches!(ports(node), flow::Ports::Ok) => flow::Port::Ok,
            Outcome::Port(port) => flow::Port::Own(*port),
            Outcome::Errors(names) => {
                flow::Port::Errors(names.iter().map(|name| self.errors.number(name)).collect())
            }
            Outcome::OtherErrors => flow::Port::AnyError,
        };
        Some(flow::Connection { source, target, port })
    }

    fn names(&self, nodes: impl Iterator<Item = NodeIx>) -> Names {
        let mut names = Names {
            nodes: Vec::new(),
            ports: Vec::new(),
            errors: self.errors.names.clone(),
            spans: Vec::new(),
        };
        for node in nodes {
            let place = &self.draft.plot.nodes[node];
            names.nodes.push(place.name().clone());
            names.spans.push(place.written.name.span);
            names.ports.push(self.draft.node(node).map(|node| node.ports.clone()).unwrap_or_default());
        }
        names
    }
}

fn join(join: Join) -> flow::Join {
    match join {
        Join::All => flow::Join::All,
        Join::Every => flow::Join::Every,
        Join::AtLeast(count) => flow::Join::AtLeast { count: count as usize, cancels: false },
        Join::First(count) => flow::Join::AtLeast { count: count as usize, cancels: true },
    }
}

fn ports(node: &Node) -> flow::Ports {
    match node.ports.as_slice() {
        [] if node.kind == "succeed" => flow::Ports::Succeed,
        [] if node.kind == "fail" => flow::Ports::Fail,
        [only] if only == "ok" => flow::Ports::Ok,
        own => flow::Ports::Own(own.len().max(1)),
    }
}
