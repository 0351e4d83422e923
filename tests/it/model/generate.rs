//! Programs out of bytes: what comes first in the choices is simplest, so that fewer and smaller bytes are simpler
//! programs.

use super::program::{
    Action, Edge, Graph, Join, Kind, Loop, Node, On, OnError, Program, Read, Repeat, Role, Sum,
};

/// Choices, one byte each; nothing is left for ever.
pub(super) struct Choices<'a>(std::slice::Iter<'a, u8>);

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    /// One of so many, the first when nothing is left.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % count.max(1)
    }

    /// Whether something happens that happens so many times of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        usize::from(self.0.next().copied().unwrap_or(0)) * 100 / 256 >= 100 - percent
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn number(&mut self) -> i64 {
        i64::try_from(self.below(4)).unwrap_or(0)
    }
}

/// A program that the compiler will nearly always accept, once its reads are as strict as they may be.
pub(super) fn program(choices: &mut Choices<'_>) -> Program {
    let mut builder = Builder { choices, names: 0 };
    let mut graph = builder.graph(7, 2, &[], false);
    let on_failure = builder.handler(&mut graph, 20);
    let finally = builder.handler(&mut graph, 20);
    let steps = graph.nodes.iter().filter(|node| node.role == Role::Step);
    let output = steps.filter_map(|node| read(node, false)).collect();
    let choices = builder.choices;
    Program {
        graph,
        continues: choices.chance(25),
        parallelism: choices.chance(25).then(|| 1 + choices.below(3)),
        max_concurrent: choices.chance(25).then(|| 1 + choices.below(3)),
        timeout: choices.chance(15).then_some(20_000),
        on_failure,
        finally,
        output,
    }
}

struct Builder<'c, 'a> {
    choices: &'c mut Choices<'a>,
    names: usize,
}

/// A read of what a node gives.
fn read(node: &Node, strict: bool) -> Option<Read> {
    Some(Read::Node { name: node.name.clone(), of: node.kind.of()?, strict })
}

impl Builder<'_, '_> {
    fn name(&mut self, prefix: char) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn graph(&mut self, most: usize, depth: usize, outer: &[Read], is_body: bool) -> Graph {
        let count = 1 + self.choices.below(most);
        let mut graph = Graph::default();
        for at in 0..count {
            self.step(&mut graph, at, depth, outer, is_body);
        }
        self.undos(&mut graph, count, outer);
        graph.edges.sort();
        graph
    }

    fn step(&mut self, graph: &mut Graph, at: usize, depth: usize, outer: &[Read], is_body: bool) {
        let edges = self.edges(graph, at);
        let ancestors = ancestors(&edges, &graph.edges, at);
        let mut readable: Vec<Read> = outer.to_vec();
        readable.extend(ancestors.iter().filter_map(|at| read(&graph.nodes[*at], false)));
        let is_failed = !edges.is_empty() && edges.iter().all(|edge| edge.on.is_error());
        let kind = self.kind(depth, &readable, is_body, is_failed, !edges.is_empty());
        let join = self.join(edges.len());
        let is_work = matches!(kind, Kind::Activity(_) | Kind::Child(_));
        let fallback = (is_work && self.choices.chance(12)).then_some(7);
        let on_error = match (is_work, self.choices.below(8)) {
            (true, 5) => Some(OnError::Retry),
            (true, 6) => Some(OnError::Continue),
            (true, 7) => Some(OnError::Stop),
            _ => None,
        };
        let timeout = self.timeout(&kind);
        let prefix = if is_body { 'b' } else { 'n' };
        let name = self.name(prefix);
        graph.nodes.push(Node {
            name,
            kind,
            role: Role::Step,
            join,
            on_error,
            fallback,
            undo: None,
            timeout,
        });
        graph.edges.extend(edges);
    }

    fn timeout(&mut self, kind: &Kind) -> Option<i64> {
        let is_timed = match kind {
            Kind::Wait(_) => self.choices.chance(50),
            Kind::Activity(_) | Kind::Child(_) | Kind::Loop(_) => self.choices.chance(12),
            _ => false,
        };
        is_timed.then_some(3_000)
    }

    fn edges(&mut self, graph: &Graph, at: usize) -> Vec<Edge> {
        let mut edges = Vec::new();
        for (from, node) in graph.nodes.iter().enumerate() {
            let near = if from + 1 == at { 60 } else { 25 };
            if self.choices.chance(near)
                && let Some(on) = self.port(&node.kind)
            {
                edges.push(Edge { from: Some(from), on, to: at });
            }
        }
        if edges.is_empty() && self.choices.chance(4) {
            edges.push(Edge { from: None, on: On::Start, to: at });
        }
        edges
    }

    fn port(&mut self, kind: &Kind) -> Option<On> {
        match kind {
            Kind::Fail | Kind::Succeed => return None,
            Kind::Condition(..) => return Some(On::Port(self.choices.of(&["true", "false"]))),
            _ => {}
        }
        let errors = kind.errors();
        Some(match (errors, self.choices.below(6)) {
            ([], _) | (_, 0..=2) => On::Port("ok"),
            (errors, 3) => On::Errors(vec![self.choices.of(errors)]),
            (errors, 4) => {
                let mut names = errors[..errors.len().min(2)].to_vec();
                names.sort_unstable();
                On::Errors(names)
            }
            _ => On::OtherErrors,
        })
    }

    fn join(&mut self, incoming: usize) -> Join {
        match (incoming, self.choices.below(8)) {
            (0 | 1, _) | (_, 0..=2) => Join::All,
            (_, 3) => Join::Every,
            (_, 4) => Join::AtLeast(1),
            (_, 5) => Join::AtLeast(2),
            (_, 6) => Join::First(1),
            _ => Join::First(2),
        }
    }

    fn kind(
        &mut self,
        depth: usize,
        readable: &[Read],
        is_body: bool,
        is_failed: bool,
        is_led_to: bool,
    ) -> Kind {
        if is_failed && self.choices.chance(50) {
            return self.error_handler();
        }
        match self.choices.below(16) {
            0..=4 => Kind::Activity(self.sum(readable)),
            5 | 6 => Kind::Transform(self.sum(readable)),
            7 | 8 if !readable.is_empty() => Kind::Condition(self.some_sum(readable), self.choices.number()),
            9 => Kind::Delay([1_000, 2_500, 0][self.choices.below(3)]),
            10 => Kind::Wait(self.choices.of(&["ping", "pong"])),
            11 => Kind::Child(self.sum(readable)),
            12 if is_led_to => Kind::Fail,
            13 if is_led_to && !is_body => Kind::Succeed,
            14 | 15 if depth > 0 => self.repetition(depth, readable),
            _ => Kind::Activity(self.sum(readable)),
        }
    }

    fn error_handler(&mut self) -> Kind {
        let actions = [Action::Continue, Action::Stop, Action::Retry];
        let case = self.choices.of(&actions);
        Kind::Handler(vec![("HttpServerError", case)], self.choices.of(&actions[..2]))
    }

    fn sum(&mut self, readable: &[Read]) -> Sum {
        let number = self.choices.number();
        let mut reads = Vec::new();
        for _ in 0..self.choices.below(3) {
            if !readable.is_empty() {
                reads.push(self.choices.of(readable));
            }
        }
        Sum { number, reads }
    }

    fn some_sum(&mut self, readable: &[Read]) -> Sum {
        Sum { number: 0, reads: vec![self.choices.of(readable)] }
    }

    fn repetition(&mut self, depth: usize, readable: &[Read]) -> Kind {
        let mut inside: Vec<Read> =
            readable.iter().filter(|read| matches!(read, Read::Node { .. })).cloned().collect();
        inside.push(Read::Index);
        let is_while = self.choices.chance(30);
        match is_while {
            true => inside.push(Read::State),
            false => inside.push(Read::Item),
        }
        let body = self.graph(4, depth - 1, &inside, true);
        let mut after = inside;
        after.extend(
            body.nodes.iter().filter(|node| node.role == Role::Step).filter_map(|node| read(node, false)),
        );
        let repeat = match (is_while, self.choices.below(3)) {
            (true, way) => Repeat::While {
                below: (way != 1).then(|| self.choices.number() + 1),
                until: (way != 0).then(|| self.choices.number() + 1),
                next: Sum { number: 1, reads: self.sum(&after).reads.into_iter().take(1).collect() },
            },
            (false, 0) => Repeat::Over((0..=self.choices.number()).map(|at| at * 2).collect()),
            (false, _) => Repeat::Times(self.choices.below(5)),
        };
        Kind::Loop(Box::new(Loop {
            repeat,
            width: if is_while { 1 } else { 1 + self.choices.below(3) },
            bound: if is_while || self.choices.chance(10) { 3 } else { 10 },
            enough: (!is_while && self.choices.chance(25)).then(|| 1 + self.choices.below(2)),
            tolerates: false,
            continues: self.choices.chance(50),
            collect: self.choices.chance(60).then(|| self.sum(&after)),
            body,
        }))
    }

    /// Gives some of the steps an undo.
    fn undos(&mut self, graph: &mut Graph, steps: usize, outer: &[Read]) {
        for at in 0..steps {
            let is_work = matches!(graph.nodes[at].kind, Kind::Activity(_) | Kind::Child(_));
            if !is_work || graph.nodes[at].fallback.is_some() || !self.choices.chance(25) {
                continue;
            }
            let mut reads: Vec<Read> = read(&graph.nodes[at], false).into_iter().collect();
            reads.extend(outer.first().cloned());
            let name = self.name('u');
            graph.nodes[at].undo = Some(graph.nodes.len());
            graph.nodes.push(aside(name, Role::Undo, Kind::Activity(Sum { number: 0, reads })));
        }
    }

    fn handler(&mut self, graph: &mut Graph, percent: usize) -> Option<usize> {
        if !self.choices.chance(percent) {
            return None;
        }
        let reads =
            graph.nodes.iter().filter(|node| node.role == Role::Step).filter_map(|node| read(node, false));
        let sum = Sum { number: 0, reads: reads.take(1).collect() };
        let kind = if self.choices.chance(20) { Kind::Wait("ping") } else { Kind::Activity(sum) };
        let name = self.name('h');
        graph.nodes.push(aside(name, Role::Handler, kind));
        Some(graph.nodes.len() - 1)
    }
}

impl On {
    pub(super) fn is_error(&self) -> bool {
        matches!(self, Self::Errors(_) | Self::OtherErrors)
    }
}

fn aside(name: String, role: Role, kind: Kind) -> Node {
    Node { name, kind, role, join: Join::All, on_error: None, fallback: None, undo: None, timeout: None }
}

/// From which steps connections lead to one.
fn ancestors(new: &[Edge], old: &[Edge], at: usize) -> Vec<usize> {
    let mut found: Vec<usize> = new.iter().filter_map(|edge| edge.from).collect();
    let mut next = 0;
    while let Some(to) = found.get(next).copied() {
        for from in old.iter().filter(|edge| edge.to == to).filter_map(|edge| edge.from) {
            if !found.contains(&from) {
                found.push(from);
            }
        }
        next += 1;
    }
    found.sort_unstable();
    found.dedup();
    found.retain(|from| *from < at);
    found
}

/// All reads of a program, in one order.
pub(super) fn reads(program: &mut Program) -> Vec<&mut Read> {
    let mut found = Vec::new();
    reads_of(&mut program.graph, &mut found);
    found.extend(&mut program.output);
    found
}

fn reads_of<'p>(graph: &'p mut Graph, found: &mut Vec<&'p mut Read>) {
    for node in &mut graph.nodes {
        match &mut node.kind {
            Kind::Activity(sum) | Kind::Child(sum) | Kind::Transform(sum) | Kind::Condition(sum, _) => {
                found.extend(&mut sum.reads);
            }
            Kind::Loop(task) => {
                if let Repeat::While { next, .. } = &mut task.repeat {
                    found.extend(&mut next.reads);
                }
                found.extend(task.collect.iter_mut().flat_map(|sum| &mut sum.reads));
                reads_of(&mut task.body, found);
            }
            _ => {}
        }
    }
}
