//! The same answers by playing every run of a small graph, event by event: the rules of the language reference
//! about when a node runs, written down a second time and without any of the analysis.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::random::{Ingredients, graph};
use super::{Decision, ErrorType, Flow, Graph, Guard, Join, Port, Ports, Readability, Reader, Unrouted};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Waiting,
    /// With the port that it will fire if it succeeds.
    Running(usize),
    Succeeded,
    Failed,
    Skipped,
    Cancelled,
}

impl Status {
    fn decided(self) -> bool {
        !matches!(self, Status::Waiting | Status::Running(_))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    nodes: Vec<Status>,
    started: Vec<bool>,
    taken: Vec<bool>,
}

/// What held at every moment at which each reader started; the last row is the output.
struct Seen {
    succeeded: Vec<Vec<bool>>,
    failed: Vec<Vec<bool>>,
    decided: Vec<Vec<bool>>,
    /// For each reader and two sources: one of them had succeeded.
    either: Vec<Vec<Vec<bool>>>,
    runs: Vec<bool>,
}

struct Player<'a> {
    graph: &'a Graph,
    classes: Vec<usize>,
    visited: BTreeSet<State>,
    seen: Seen,
}

fn play(graph: &Graph) -> Seen {
    let nodes = graph.nodes.len();
    let all = || vec![vec![true; nodes]; nodes + 1];
    let mut seen = Seen {
        succeeded: all(),
        failed: all(),
        decided: all(),
        either: vec![vec![vec![true; nodes]; nodes]; nodes + 1],
        runs: vec![false; nodes + 1],
    };
    let combinations: usize = graph.classes.iter().map(|class| class.cases).product();
    for mut combination in 0..combinations {
        let mut classes = Vec::new();
        for class in &graph.classes {
            classes.push(combination % class.cases);
            combination /= class.cases;
        }
        let state = State {
            nodes: vec![Status::Waiting; nodes],
            started: vec![false; nodes],
            taken: vec![false; graph.connections.len()],
        };
        let mut player = Player { graph, classes, visited: BTreeSet::new(), seen };
        player.settle(state);
        seen = player.seen;
    }
    seen
}

impl Player<'_> {
    fn note(&mut self, state: &State, reader: usize) {
        self.seen.runs[reader] = true;
        for (source, status) in state.nodes.iter().enumerate() {
            self.seen.succeeded[reader][source] &= *status == Status::Succeeded;
            self.seen.failed[reader][source] &= *status == Status::Failed;
            self.seen.decided[reader][source] &= status.decided();
            for (other, its) in state.nodes.iter().enumerate() {
                let either = [status, its].contains(&&Status::Succeeded);
                self.seen.either[reader][source][other] &= either;
            }
        }
    }

    /// Starts and skips what can be started and skipped, then lets each running node end in each way.
    fn settle(&mut self, mut state: State) {
        for node in 0..self.graph.nodes.len() {
            if state.nodes[node] != Status::Waiting {
                continue;
            }
            match self.join(&state, node) {
                None => {}
                Some(false) => {
                    state.nodes[node] = Status::Skipped;
                    return self.settle(state);
                }
                Some(true) => return self.start(state, node),
            }
        }
        self.go_on(state);
    }

    fn go_on(&mut self, state: State) {
        if !self.visited.insert(state.clone()) {
            return;
        }
        let mut running = false;
        for node in 0..self.graph.nodes.len() {
            if let Status::Running(port) = state.nodes[node] {
                running = true;
                self.end(&state, node, port);
            }
        }
        if !running {
            self.note(&state, self.graph.nodes.len());
        }
    }

    fn join(&self, state: &State, node: usize) -> Option<bool> {
        let incoming: Vec<_> = self
            .graph
            .connections
            .iter()
            .enumerate()
            .filter(|(_, connection)| connection.target == node)
            .collect();
        if incoming.is_empty() {
            return Some(true);
        }
        let taken = incoming.iter().filter(|(ix, _)| state.taken[*ix]).count();
        let decided = incoming.iter().all(|(_, connection)| state.nodes[connection.source].decided());
        match self.graph.nodes[node].join {
            Join::All => decided.then_some(taken > 0),
            Join::Every => decided.then_some(taken == incoming.len()),
            Join::AtLeast { count, .. } if taken >= count => Some(true),
            Join::AtLeast { .. } => decided.then_some(false),
        }
    }

    fn start(&mut self, mut state: State, node: usize) {
        self.note(&state, node);
        if matches!(self.graph.nodes[node].join, Join::AtLeast { cancels: true, .. }) {
            for other in 0..self.graph.nodes.len() {
                if !state.nodes[other].decided() && self.only_leads_to(other, node) {
                    state.nodes[other] = Status::Cancelled;
                }
            }
        }
        state.started[node] = true;
        for port in self.choices(&state, node) {
            let mut next = state.clone();
            next.nodes[node] = Status::Running(port);
            self.settle(next);
        }
    }

    fn only_leads_to(&self, node: usize, end: usize) -> bool {
        let mut targets =
            self.graph.connections.iter().filter(|c| c.source == node).map(|c| c.target).peekable();
        targets.peek().is_some() && targets.all(|target| target == end || self.only_leads_to(target, end))
    }

    fn choices(&self, state: &State, node: usize) -> Vec<usize> {
        let Ports::Own(ports) = self.graph.nodes[node].ports else { return vec![0] };
        match &self.graph.nodes[node].decision {
            Decision::Free => (0..ports).collect(),
            Decision::Switch(class) => self.class(state, *class),
            Decision::Cases(guards) => {
                let mut ports = BTreeSet::new();
                self.first(state, guards, 0, &mut ports);
                ports.into_iter().collect()
            }
        }
    }

    fn first(&self, state: &State, guards: &[Guard], at: usize, ports: &mut BTreeSet<usize>) {
        let Some(guard) = guards.get(at) else {
            ports.insert(at);
            return;
        };
        let values = self.guard(state, guard);
        if values.contains(&true) {
            ports.insert(at);
        }
        if values.contains(&false) {
            self.first(state, guards, at + 1, ports);
        }
    }

    fn class(&self, state: &State, class: usize) -> Vec<usize> {
        let described = &self.graph.classes[class];
        let known = described.reads.iter().all(|read| state.nodes[*read].decided());
        if known { vec![self.classes[class]] } else { (0..described.cases).collect() }
    }

    fn guard(&self, state: &State, guard: &Guard) -> BTreeSet<bool> {
        let both = |parts: &[Guard], unit: bool, combine: fn(bool, bool) -> bool| {
            parts.iter().fold(BTreeSet::from([unit]), |known, part| {
                let next = self.guard(state, part);
                known.iter().flat_map(|a| next.iter().map(move |b| combine(*a, *b))).collect()
            })
        };
        match guard {
            Guard::Unknown => BTreeSet::from([false, true]),
            Guard::Constant(value) => BTreeSet::from([*value]),
            Guard::HasValue(node) => BTreeSet::from([state.nodes[*node] == Status::Succeeded]),
            Guard::Is { class, case } => {
                self.class(state, *class).into_iter().map(|value| value == *case).collect()
            }
            Guard::Not(inner) => self.guard(state, inner).into_iter().map(|value| !value).collect(),
            Guard::And(parts) => both(parts, true, |a, b| a && b),
            Guard::Or(parts) => both(parts, false, |a, b| a || b),
        }
    }

    fn end(&mut self, state: &State, node: usize, port: usize) {
        match self.graph.nodes[node].ports {
            Ports::Fail => return,
            Ports::Succeed => return self.note(state, self.graph.nodes.len()),
            Ports::Ok | Ports::Own(_) => self.succeed(state, node, port),
        }
        for error in &self.graph.nodes[node].errors {
            self.fail(state, node, port, *error);
        }
    }

    fn succeed(&mut self, state: &State, node: usize, port: usize) {
        self.fire(state, node, Status::Succeeded, |known| match known {
            Port::Ok => true,
            Port::Own(own) => *own == port,
            Port::Errors(_) | Port::AnyError => false,
        });
    }

    fn fail(&mut self, state: &State, node: usize, port: usize, error: ErrorType) {
        let connections = self.graph.connections.iter().filter(|connection| connection.source == node);
        let named =
            connections.clone().any(|c| matches!(&c.port, Port::Errors(names) if names.contains(&error)));
        let routes = |known: &Port| match known {
            Port::Errors(names) => names.contains(&error),
            Port::AnyError => !named,
            Port::Ok | Port::Own(_) => false,
        };
        let targets: Vec<_> =
            connections.filter(|connection| routes(&connection.port)).map(|c| c.target).collect();
        let handling = |target: &usize| self.graph.nodes[*target].handling.as_ref();
        if targets.iter().filter_map(handling).any(|handling| !handling.continues(error)) {
            return;
        }
        if targets.iter().any(|target| !state.started[*target]) {
            return self.fire(state, node, Status::Failed, routes);
        }
        match self.graph.nodes[node].unrouted {
            Unrouted::Stop => {}
            Unrouted::Continue => self.fire(state, node, Status::Failed, |_| false),
            Unrouted::Fallback => self.succeed(state, node, port),
        }
    }

    fn fire(&mut self, state: &State, node: usize, status: Status, fires: impl Fn(&Port) -> bool) {
        let mut next = state.clone();
        next.nodes[node] = status;
        for (ix, connection) in self.graph.connections.iter().enumerate() {
            next.taken[ix] |= connection.source == node && fires(&connection.port);
        }
        self.settle(next);
    }
}

fn readers(graph: &Graph) -> Vec<(usize, Reader)> {
    let nodes = graph.nodes.len();
    (0..nodes).map(|node| (node, Reader::Node(node))).chain([(nodes, Reader::Output)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_readable_has_succeeded_in_every_run(graph in graph(Ingredients { timing: true })) {
        let seen = play(&graph);
        let mut flow = Flow::new(graph.clone());
        for (row, reader) in readers(&graph) {
            for source in 0..graph.nodes.len() {
                if flow.readable(reader, source) == Readability::Readable {
                    prop_assert!(seen.succeeded[row][source], "{reader:?} reads {source}");
                }
                if flow.error_readable(reader, source, None) == Readability::Readable {
                    prop_assert!(seen.failed[row][source], "{reader:?} reads the error of {source}");
                }
                for other in 0..source {
                    if flow.one_of(reader, &[source, other], None) == Readability::Readable {
                        prop_assert!(seen.either[row][source][other], "{reader:?} reads {source} or {other}");
                    }
                }
                let Reader::Node(node) = reader else { continue };
                if flow.outcomes.before.contains(&flow.ground, node, source) {
                    prop_assert!(seen.decided[row][source], "{node} waits for {source}");
                }
            }
        }
    }

    #[test]
    fn what_has_succeeded_in_every_run_is_readable(graph in graph(Ingredients { timing: false })) {
        let seen = play(&graph);
        let mut flow = Flow::new(graph.clone());
        for (row, reader) in readers(&graph) {
            for source in 0..graph.nodes.len() {
                if !flow.is_upstream(reader, source) {
                    continue;
                }
                let readable = flow.readable(reader, source) == Readability::Readable;
                prop_assert_eq!(readable, seen.succeeded[row][source], "{:?} reads {}", reader, source);
                let failed = flow.error_readable(reader, source, None) == Readability::Readable;
                prop_assert_eq!(failed, seen.failed[row][source], "{:?} reads the error of {}", reader, source);
                for other in (0..source).filter(|other| flow.is_upstream(reader, *other)).collect::<Vec<_>>() {
                    let one = flow.one_of(reader, &[source, other], None) == Readability::Readable;
                    prop_assert_eq!(one, seen.either[row][source][other], "{:?} reads {} or {}", reader, source, other);
                }
            }
        }
    }

    #[test]
    fn a_node_is_dead_if_no_run_starts_it(graph in graph(Ingredients { timing: false })) {
        let seen = play(&graph);
        let flow = Flow::new(graph.clone());
        for node in 0..graph.nodes.len() {
            let runs = flow.outcomes.ends[node].runs != super::bdd::Bdd::FALSE;
            prop_assert_eq!(runs, seen.runs[node], "{}", node);
        }
    }
}
