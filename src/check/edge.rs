//! Connections: which outcome of their source takes them.

use std::collections::BTreeSet;

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::errors::{KnownErrors, check_possible};
use super::plot::{Connection, Layout, Place, Plot};
use super::program::{Edge, Node, NodeIx, Outcome, Role};
use super::special::{Reason, Roles, Special, report_connected};
use crate::ast::{self, Name, Port};
use crate::catalog::Kind;
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::Span;

/// What can be wrong with a connection.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{node}` has no port `{port}`")]
    #[diagnostic(code(unknown_port), help("{}", match (suggestion, ports.is_empty()) {
        (Some(near), _) => format!("did you mean `{node}.{near}`?"),
        (None, true) => format!("`{node}` ends the run: nothing follows it"),
        (None, false) => format!("its ports are {}", list(ports)),
    }))]
    UnknownPort { node: EcoString, port: EcoString, suggestion: Option<String>, ports: Vec<EcoString> },
    #[error("`start` has no port `{port}`")]
    #[diagnostic(code(unknown_port), help("write `start` alone: it says that a node starts at once"))]
    PortOfStart { port: EcoString },
    #[error("a connection ends at a node, not at a port")]
    #[diagnostic(code(port_at_end), help("write `{node}`"))]
    PortAtEnd { node: EcoString },
    #[error("`{handler}` decides about failures, so only error ports lead to it")]
    #[diagnostic(code(handler_connection), help("write `{source_name}.error -> {handler}`"))]
    Handler { handler: EcoString, source_name: EcoString },
    #[error("`{node}` waits for other nodes, so it can't start at once")]
    #[diagnostic(
        code(start_of_waiting_node),
        help("remove `start -> {node}`, or the other connections to `{node}`")
    )]
    StartOfWaiting { node: EcoString },
    #[error("this connection is written twice")]
    #[diagnostic(code(duplicate_connection), severity(Warning), help("remove one of them"))]
    Duplicate,
}

fn list(ports: &[EcoString]) -> String {
    let quoted: Vec<String> = ports.iter().map(|port| format!("`{port}`")).collect();
    quoted.join(", ")
}

/// The connections of one graph, with the nodes that they connect.
pub(super) struct Edges<'a, 'p> {
    pub(super) plot: &'p Plot<'a>,
    /// By index; `None` where too little is known of a node.
    pub(super) nodes: &'p [Option<Node>],
    pub(super) roles: &'p Roles,
    pub(super) known_errors: &'p KnownErrors,
    pub(super) problems: &'p mut Problems,
}

impl<'a> Edges<'a, '_> {
    /// The checked connections of a graph; those in error are left out, and the targets of
    /// those of refused ones are given beside.
    pub(super) fn check(&mut self, layout: &Layout<'_>) -> (Vec<Edge>, Vec<NodeIx>) {
        let (mut edges, mut refused) = (Vec::new(), Vec::new());
        let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
        for connection in &layout.connections {
            let Some(on) = self.outcome(connection) else {
                refused.push(connection.target);
                continue;
            };
            let span = connection.from.to(connection.to);
            if seen.insert((connection.source, on.clone(), connection.target)) {
                edges.push(Edge { from: connection.source, on, to: connection.target, span });
            } else if repeated.insert(connection.to) {
                // A group that leads there twice says it once for each of its nodes.
                self.problems.report(Finding::new(span, Error::Duplicate));
            }
        }
        (edges, refused)
    }

    fn outcome(&mut self, connection: &Connection<'_>) -> Option<Outcome> {
        let ends = [(connection.source, connection.from), (Some(connection.target), connection.to)];
        for (node, span) in ends {
            if let Some(special) = node.and_then(|node| self.special(node)) {
                report_connected(special, span, self.problems);
                return None;
            }
        }
        let Some(source) = connection.source else { return self.start(connection) };
        let node = self.nodes.get(source)?.as_ref()?;
        let outcome = match connection.port {
            None => self.port(node, &EcoString::from("ok"), connection.from),
            Some(Port::Named(name)) => self.port(node, &name.text, name.span),
            Some(Port::Error { types, span }) => self.errors(node, types, *span),
        }?;
        self.check_target(node, connection).then_some(outcome)
    }

    /// `start` has no outcome but that the run has started. It is for nodes that wait for nothing else.
    fn start(&mut self, connection: &Connection<'_>) -> Option<Outcome> {
        if let Some(port) = connection.port {
            let (name, span) = match port {
                Port::Named(name) => (name.text.clone(), name.span),
                Port::Error { span, .. } => ("error".into(), *span),
            };
            self.problems.report(Finding::new(span, Error::PortOfStart { port: name }));
        }
        let mut others = self.plot.incoming(connection.target).filter(|other| other.source.is_some());
        if let Some(other) = others.next() {
            let node = self.plot.nodes[connection.target].name().clone();
            let finding = Finding::new(connection.from.to(connection.to), Error::StartOfWaiting { node });
            self.problems.report(finding.label(other.from.to(other.to), "it waits for this"));
            return None;
        }
        Some(Outcome::Start)
    }

    /// A port by its name; reports one that isn't there, and gives what was probably meant.
    fn port(&mut self, node: &Node, port: &EcoString, span: Span) -> Option<Outcome> {
        if let Some(at) = node.ports.iter().position(|known| known == port) {
            return Some(Outcome::Port(at));
        }
        if node.ports.is_empty() && node.kind == "condition" {
            // Its ports follow from something that is in error.
            return None;
        }
        let fails = (!node.errors.is_empty()).then(|| EcoString::from("error"));
        let ports: Vec<EcoString> = node.ports.iter().cloned().chain(fails).collect();
        let suggestion = nearest(port, ports.iter().map(EcoString::as_str)).map(str::to_owned);
        let meant = suggestion.clone();
        let error = Error::UnknownPort { node: node.name.clone(), port: port.clone(), suggestion, ports };
        self.problems.report(Finding::new(span, error));
        match meant?.as_str() {
            "error" => Some(Outcome::OtherErrors),
            meant => Some(Outcome::Port(node.ports.iter().position(|known| known == meant)?)),
        }
    }

    fn errors(&mut self, node: &Node, types: &[Name], span: Span) -> Option<Outcome> {
        if node.errors.is_empty() {
            return self.port(node, &EcoString::from("error"), span);
        }
        if types.is_empty() {
            return Some(Outcome::OtherErrors);
        }
        let known = self.known_errors.check_all(self.plot.file.id, types, self.problems);
        let mut possible: Vec<EcoString> = Vec::new();
        for name in known {
            let is_new = possible.iter().all(|other| *other != name.text);
            if is_new && check_possible(node, &name, self.problems) {
                possible.push(name.text);
            }
        }
        (!possible.is_empty()).then_some(Outcome::Errors(possible))
    }

    fn check_target(&mut self, source: &Node, connection: &Connection<'_>) -> bool {
        let target = &self.plot.nodes[connection.target];
        let handles = target.kind.is_some_and(Kind::is_handler);
        if handles && !connection.is_error() {
            let error = Error::Handler { handler: target.name().clone(), source_name: source.name.clone() };
            self.problems.report(Finding::new(connection.from.to(connection.to), error));
        }
        !handles || connection.is_error()
    }

    fn special(&self, node: usize) -> Option<Special<'a>> {
        let of = |ix: usize| self.plot.nodes.get(ix).map(Place::name);
        let reason = match self.nodes.get(node)?.as_ref()?.role {
            Role::Step => return None,
            Role::Undo(owner) => Reason::Undo(of(owner)?),
            Role::Handler => Reason::Handler(self.roles.handler_of(node)),
        };
        Some(Special { name: of(node)?, reason })
    }
}

/// Refuses ports at the last stop of a chain.
pub(super) fn check_chain_end(chain: &ast::Chain, problems: &mut Problems) {
    let last = chain.stops.last().into_iter().flat_map(|stop| &stop.ends);
    for end in last.filter(|end| end.port.is_some()) {
        let finding = Finding::new(end.span, Error::PortAtEnd { node: end.node.text.clone() });
        problems.report(finding.fix(format!("write `{}`", end.node.text), end.span, end.node.text.as_str()));
    }
}
