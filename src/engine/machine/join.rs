use std::sync::Arc;

use super::Notice;
use super::interpreter::Machine;
use super::state::{Place, ScopeId, State};
use crate::plan::{Edge, Graph, Join, NodeId, Outcome, Role};
use crate::value::EcoString;

/// What a join makes of the connections that are decided so far.
enum Verdict {
    Wait,
    Run,
    Skip,
}

impl Join {
    /// `all` connections lead there, so many of which are decided and taken. Skipping waits until all are decided:
    /// what a node may read is decided before it, whether it runs or not.
    fn verdict(self, all: u32, decided: u32, taken: u32) -> Verdict {
        let is_run = match self {
            Self::All => decided == all && taken > 0,
            Self::Every => taken == all,
            Self::AtLeast(wanted) | Self::First(wanted) => taken >= wanted,
        };
        match (is_run, decided == all) {
            (true, _) => Verdict::Run,
            (false, true) => Verdict::Skip,
            (false, false) => Verdict::Wait,
        }
    }
}

impl Machine {
    /// Decides the connections out of a node that is decided.
    pub(super) fn fire(&mut self, place: Place) {
        let wired = Arc::clone(&self.wired);
        let Some(scope) = self.run.scopes.get(&place.scope).filter(|scope| !scope.over) else { return };
        let graph = &wired.workflow(self.run.workflow).graphs[scope.graph.index()];
        let edges = wired.wiring(self.run.workflow).outgoing(graph, place.node);
        let names_it = edges.iter().any(|edge| self.is_named(edge, place));
        for edge in edges {
            let taken = self.is_taken(edge, place, names_it);
            let is_error = matches!(edge.on, Outcome::Errors(_) | Outcome::OtherErrors);
            let cause = (taken && is_error).then_some(place.node);
            self.decide(Place { scope: place.scope, node: edge.to }, cause, taken);
        }
    }

    /// Whether a connection names the error with which its source failed.
    fn is_named(&self, edge: &Edge, source: Place) -> bool {
        match (&edge.on, self.cell(source).map(|cell| &cell.state)) {
            (Outcome::Errors(names), Some(State::Failed(failure))) => names_error(names, &failure.error),
            _ => false,
        }
    }

    fn is_taken(&self, edge: &Edge, source: Place, is_named: bool) -> bool {
        match (&edge.on, self.cell(source).map(|cell| &cell.state)) {
            (Outcome::Start, _) => true,
            (Outcome::Port(port), Some(State::Succeeded(success))) => success.port == *port,
            (Outcome::Errors(names), Some(State::Failed(failure))) => names_error(names, &failure.error),
            (Outcome::OtherErrors, Some(State::Failed(_))) => !is_named,
            _ => false,
        }
    }

    /// The nodes to which an error of a node leads.
    pub(super) fn error_targets(&self, place: Place, error: &str) -> Vec<NodeId> {
        let Some(graph) = self.graph_of(place.scope) else { return Vec::new() };
        let edges = self.wiring().outgoing(graph, place.node);
        let named = |edge: &&Edge| matches!(&edge.on, Outcome::Errors(names) if names_error(names, error));
        let targets: Vec<NodeId> = edges.iter().filter(named).map(|edge| edge.to).collect();
        if !targets.is_empty() {
            return targets;
        }
        edges.iter().filter(|edge| edge.on == Outcome::OtherErrors).map(|edge| edge.to).collect()
    }

    pub(super) fn graph_of(&self, scope: ScopeId) -> Option<&Graph> {
        Some(&self.workflow().graphs[self.run.scopes.get(&scope)?.graph.index()])
    }

    /// Takes in that one connection to a node is decided.
    pub(super) fn decide(&mut self, target: Place, cause: Option<NodeId>, is_taken: bool) {
        let all = self.wiring().arriving(target.node);
        let join = self.node(target.node).join;
        let Some(cell) = self.cell_mut(target) else { return };
        let State::Waiting { decided, taken } = &mut cell.state else { return };
        *decided += 1;
        *taken += u32::from(is_taken);
        let verdict = join.verdict(all, *decided, *taken);
        cell.cause = cell.cause.or(cause);
        match verdict {
            Verdict::Wait => {}
            Verdict::Run => self.make_ready(target),
            Verdict::Skip => self.settle_cell(target, State::Skipped),
        }
    }

    /// Lets a node start as soon as what was decided with it is known.
    pub(super) fn make_ready(&mut self, place: Place) {
        if let Some(cell) = self.cell_mut(place) {
            cell.state = State::Ready;
            self.agenda.ready.insert(place);
        }
    }

    /// Gives a node its last state, and lets follow what follows.
    pub(super) fn settle_cell(&mut self, place: Place, state: State) {
        if self.is_observed {
            self.observe_end(place, &state);
        }
        let is_step = self.node(place.node).role == Role::Step;
        let Some(scope) = self.run.scopes.get_mut(&place.scope) else { return };
        scope.cell_mut(place.node).state = state;
        if !is_step || scope.over {
            return;
        }
        scope.live = scope.live.saturating_sub(1);
        if scope.live == 0 {
            self.agenda.idle.push_back(place.scope);
        }
        self.agenda.decided.push_back(place);
    }

    /// The sources whose connections let a node start.
    pub(super) fn sources(&self, place: Place) -> Vec<EcoString> {
        let Some(graph) = self.graph_of(place.scope) else { return Vec::new() };
        let mut sources: Vec<EcoString> = Vec::new();
        for edge in self.wiring().incoming(graph, place.node) {
            let Some(from) = edge.from else { continue };
            let source = Place { scope: place.scope, node: from };
            let is_named = edge.on == Outcome::OtherErrors
                && self.wiring().outgoing(graph, from).iter().any(|edge| self.is_named(edge, source));
            if self.is_taken(edge, source, is_named) {
                sources.push(self.node(from).name.as_str().into());
            }
        }
        sources.dedup();
        sources
    }

    fn observe_end(&mut self, place: Place, state: &State) {
        let notice = Notice::ended(self.path(place), self.node(place.node), place.node, state);
        self.notice(notice);
    }
}

fn names_error(names: &[String], error: &str) -> bool {
    names.binary_search_by(|name| name.as_str().cmp(error)).is_ok()
}
