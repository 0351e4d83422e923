//! When each node runs and how it can end, as boolean functions over what is open.
//!
//! What is open gets a variable: which port a node fires, each set of errors that is routed differently, a failure
//! under `continue`, being cancelled by a `first`. An end that stops the run has none: such ways are left out.
//! A function that grows too large is replaced by a variable of its own, which allows for more ways, never fewer.

use std::collections::BTreeMap;

use super::bdd::{Bdd, Functions, TooLarge, Variable};
use super::decided::Decided;
use super::graph::{ClassIx, Decision, ErrorType, Guard, Join, NodeIx, Port, Ports, Role, Unrouted};
use super::shape::Ground;

/// Who reads an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// A node, when it starts.
    Node(NodeIx),
    /// `output` of a workflow; `collect`, `until` and `next` of a body.
    Output,
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A choice between the ports of a node.
    Port(NodeIx),
    /// A failure with one of these types; nothing takes it if there are none.
    Fails(NodeIx, Vec<ErrorType>),
    /// The end of a node's waiting or running by a `first`.
    Cancelled(NodeIx),
    /// A step of the choice between the values of a condition.
    Class(ClassIx),
    /// The success of a node outside the body.
    Outer(NodeIx),
    /// Something that is not known: an order in time, or a function that would have been too large.
    Open,
}

/// The functions of a node.
#[derive(Debug, Clone)]
pub(super) struct Ends {
    /// It runs.
    pub(super) runs: Bdd,
    /// It runs and isn't cancelled.
    pub(super) survives: Bdd,
    /// It ends on a port other than `error`.
    pub(super) succeeds: Bdd,
    /// It fires the port with this index; for kinds with ports of their own.
    pub(super) fires: Vec<Bdd>,
}

impl Ends {
    const NEVER: Ends =
        Ends { runs: Bdd::FALSE, survives: Bdd::FALSE, succeeds: Bdd::FALSE, fires: Vec::new() };
}

/// The functions of a graph.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) functions: Functions,
    /// By variable; the first has none.
    pub(super) meanings: Vec<Meaning>,
    /// By node.
    pub(super) ends: Vec<Ends>,
    /// By arc: it is taken.
    pub(super) taken: Vec<Bdd>,
    /// The nodes that decide on a class.
    pub(super) deciding: Vec<Vec<NodeIx>>,
    /// Some function was too large.
    pub(super) cut: bool,
    pub(super) before: Decided,
    /// The values of each class, once somebody has asked.
    classes: Vec<Vec<Bdd>>,
    /// "The source is decided when the reader starts", where that isn't certain.
    in_time: BTreeMap<(Reader, NodeIx), Bdd>,
    completes: Option<Bdd>,
}

/// Steps for the whole graph: a floor, and some for each node.
const STEPS: usize = 200_000;
const STEPS_A_NODE: usize = 16;
/// A join of "k of m" beyond this product is left open.
const LARGEST_THRESHOLD: usize = 100_000;

impl Outcomes {
    pub(super) fn new(ground: &Ground) -> Self {
        let nodes = ground.graph.nodes.len();
        let mut outcomes = Self {
            functions: Functions::new(STEPS + STEPS_A_NODE * nodes),
            meanings: vec![Meaning::Open],
            ends: vec![Ends::NEVER; nodes],
            taken: vec![Bdd::FALSE; ground.shape.arcs.len()],
            deciding: vec![Vec::new(); ground.graph.classes.len()],
            cut: false,
            before: Decided::before(),
            classes: vec![Vec::new(); ground.graph.classes.len()],
            in_time: BTreeMap::new(),
            completes: None,
        };
        for node in &ground.shape.order {
            outcomes.add(ground, *node);
        }
        outcomes
    }

    /// The source has succeeded by the time the reader reads.
    pub(super) fn available(&mut self, ground: &Ground, reader: Reader, source: NodeIx) -> Result<Bdd, TooLarge> {
        let succeeds = self.ends[source].succeeds;
        self.timely(ground, reader, source, succeeds)
    }

    /// The source has failed by the time the reader reads.
    pub(super) fn failed(&mut self, ground: &Ground, reader: Reader, source: NodeIx) -> Result<Bdd, TooLarge> {
        let Ends { survives, succeeds, .. } = self.ends[source];
        let fails = self.functions.without(survives, succeeds)?;
        self.timely(ground, reader, source, fails)
    }

    /// The ways in which a run completes: none that ends at a `fail`, unless a `succeed` has come first.
    pub(super) fn completes(&mut self, ground: &Ground) -> Bdd {
        if let Some(known) = self.completes {
            return known;
        }
        let runs = |outcomes: &Self, node: &NodeIx| outcomes.ends[*node].runs;
        let unfailed = ground.fails.iter().try_fold(Bdd::TRUE, |rest, node| {
            self.functions.without(rest, runs(self, node))
        });
        let completes = unfailed.and_then(|unfailed| {
            ground.succeeds.iter().try_fold(unfailed, |any, node| self.functions.or(any, runs(self, node)))
        });
        self.cut |= completes.is_err();
        let completes = completes.unwrap_or(Bdd::TRUE);
        self.completes = Some(completes);
        completes
    }

    /// What a guard says to one who reads it.
    pub(super) fn guard(&mut self, ground: &Ground, reader: Reader, guard: &Guard) -> Result<Bdd, TooLarge> {
        match guard {
            Guard::Unknown => Ok(self.open(Meaning::Open)),
            Guard::Constant(value) => Ok(if *value { Bdd::TRUE } else { Bdd::FALSE }),
            Guard::HasValue(node) => self.available(ground, reader, *node),
            Guard::Is { class, case } => {
                let values = self.values(ground, reader, *class);
                Ok(values.and_then(|values| values.get(*case).copied()).unwrap_or_else(|| self.open(Meaning::Open)))
            }
            Guard::Not(inner) => {
                let inner = self.guard(ground, reader, inner)?;
                self.functions.not(inner)
            }
            Guard::And(parts) => parts.iter().try_fold(Bdd::TRUE, |all, part| {
                let next = self.guard(ground, reader, part)?;
                self.functions.and(all, next)
            }),
            Guard::Or(parts) => parts.iter().try_fold(Bdd::FALSE, |any, part| {
                let next = self.guard(ground, reader, part)?;
                self.functions.or(any, next)
            }),
        }
    }

    /// Leaves out ways in which a node is cancelled by a `first` that didn't start.
    pub(super) fn leave_out_idle_cancellers(&mut self, ground: &Ground, ways: Bdd) -> Result<Bdd, TooLarge> {
        let mut ways = ways;
        let mut seen = std::collections::BTreeSet::new();
        while ground.cancels {
            let open = self.functions.walk(ways).into_iter().find_map(|(_, vertex)| match self.meanings[vertex.variable as usize] {
                Meaning::Cancelled(node) if seen.insert(node) => Some((vertex.variable, node)),
                _ => None,
            });
            let Some((variable, node)) = open else { break };
            let started = self.canceller_started(ground, node)?;
            let cancelled = self.functions.choice(variable, Bdd::TRUE, Bdd::FALSE);
            let idle = self.functions.without(cancelled, started)?;
            ways = self.functions.without(ways, idle)?;
        }
        Ok(ways)
    }

    fn canceller_started(&mut self, ground: &Ground, node: NodeIx) -> Result<Bdd, TooLarge> {
        let mut started = Bdd::FALSE;
        let mut next = ground.shape.canceller[node];
        while let Some(canceller) = next {
            started = self.functions.or(started, self.ends[canceller].runs)?;
            next = ground.shape.canceller[canceller];
        }
        Ok(started)
    }

    fn timely(&mut self, ground: &Ground, reader: Reader, source: NodeIx, ended: Bdd) -> Result<Bdd, TooLarge> {
        match (ground.graph.nodes[source].role, reader) {
            (Role::Outer { .. }, _) => Ok(ended),
            (Role::Undo(_) | Role::Handler, _) => Ok(Bdd::FALSE),
            (Role::Step, Reader::Output) => self.before_succeed(ground, source, ended),
            (Role::Step, Reader::Node(node)) if self.before.contains(ground, node, source) => Ok(ended),
            (Role::Step, Reader::Node(_)) => {
                let in_time = self.in_time(reader, source);
                self.functions.and(ended, in_time)
            }
        }
    }

    /// A `succeed` cancels what still runs: what wasn't decided before it may not have ended.
    fn before_succeed(&mut self, ground: &Ground, source: NodeIx, ended: Bdd) -> Result<Bdd, TooLarge> {
        let mut overtaken = Bdd::FALSE;
        for node in &ground.succeeds {
            if !self.before.contains(ground, *node, source) {
                overtaken = self.functions.or(overtaken, self.ends[*node].runs)?;
            }
        }
        if overtaken == Bdd::FALSE {
            return Ok(ended);
        }
        let in_time = self.in_time(Reader::Output, source);
        let late = self.functions.without(overtaken, in_time)?;
        self.functions.without(ended, late)
    }

    fn in_time(&mut self, reader: Reader, source: NodeIx) -> Bdd {
        if let Some(known) = self.in_time.get(&(reader, source)) {
            return *known;
        }
        let open = self.open(Meaning::Open);
        self.in_time.insert((reader, source), open);
        open
    }

    /// The values of a class, if everything that it reads is decided for the reader.
    fn values(&mut self, ground: &Ground, reader: Reader, class: ClassIx) -> Option<Vec<Bdd>> {
        let described = ground.graph.classes.get(class)?;
        if let Reader::Node(node) = reader {
            if !described.reads.iter().all(|read| self.before.contains(ground, node, *read)) {
                return None;
            }
        }
        if self.classes[class].is_empty() {
            self.classes[class] = self.split(Bdd::TRUE, described.cases, &Meaning::Class(class));
        }
        Some(self.classes[class].clone())
    }

    fn add(&mut self, ground: &Ground, node: NodeIx) {
        let described = &ground.graph.nodes[node];
        let runs = self.runs(ground, node).unwrap_or_else(|TooLarge| {
            self.cut = true;
            self.open(Meaning::Open)
        });
        let cancelled = ground.shape.canceller[node].map(|_| self.variable(Meaning::Cancelled(node)));
        let survives = cancelled.map_or(runs, |cancelled| self.functions.choice(cancelled, Bdd::FALSE, runs));
        let succeeds = match (described.ports, described.role) {
            (Ports::Fail | Ports::Succeed, _) => Bdd::FALSE,
            (_, Role::Outer { certain: false }) => self.open(Meaning::Outer(node)),
            _ => self.add_failures(ground, node, survives),
        };
        let fires = self.fires(ground, node, succeeds);
        for (ix, arc) in ground.shape.outgoing(node) {
            match ground.port(arc) {
                Port::Own(port) => self.taken[ix] = fires.get(*port).copied().unwrap_or(Bdd::FALSE),
                Port::Ok => self.taken[ix] = succeeds,
                Port::Errors(_) | Port::AnyError => {}
            }
        }
        self.ends[node] = Ends { runs, survives, succeeds, fires };
    }

    fn runs(&mut self, ground: &Ground, node: NodeIx) -> Result<Bdd, TooLarge> {
        let taken: Vec<Bdd> = ground.shape.incoming(node).map(|(arc, _)| self.taken[arc]).collect();
        if taken.is_empty() {
            return Ok(Bdd::TRUE);
        }
        let functions = &mut self.functions;
        match ground.graph.nodes[node].join {
            Join::All | Join::AtLeast { count: 0 | 1, .. } => {
                taken.into_iter().try_fold(Bdd::FALSE, |any, one| functions.or(any, one))
            }
            Join::Every => taken.into_iter().try_fold(Bdd::TRUE, |all, one| functions.and(all, one)),
            Join::AtLeast { count, .. } => at_least(functions, count, &taken),
        }
    }

    /// Gives a variable to each way to fail after which the run goes on; what is left is success.
    fn add_failures(&mut self, ground: &Ground, node: NodeIx, survives: Bdd) -> Bdd {
        let mut succeeds = survives;
        for routed in ground.routes(node) {
            let handled = !routed.arcs.is_empty();
            if routed.stops || (!handled && ground.graph.nodes[node].unrouted != Unrouted::Continue) {
                continue;
            }
            let types = if handled { routed.errors } else { Vec::new() };
            let variable = self.variable(Meaning::Fails(node, types));
            let fails = self.functions.choice(variable, succeeds, Bdd::FALSE);
            succeeds = self.functions.choice(variable, Bdd::FALSE, succeeds);
            for arc in routed.arcs {
                self.taken[arc] = self.functions.or(self.taken[arc], fails).unwrap_or_else(|TooLarge| {
                    self.cut = true;
                    self.open(Meaning::Open)
                });
            }
        }
        succeeds
    }

    fn fires(&mut self, ground: &Ground, node: NodeIx, succeeds: Bdd) -> Vec<Bdd> {
        let Ports::Own(ports) = ground.graph.nodes[node].ports else { return Vec::new() };
        let known = match &ground.graph.nodes[node].decision {
            Decision::Free => None,
            Decision::Cases(guards) => self.first_that_holds(ground, node, guards, succeeds),
            Decision::Switch(class) => self.switch(ground, node, *class, succeeds),
        };
        known.unwrap_or_else(|| self.split(succeeds, ports, &Meaning::Port(node)))
    }

    fn first_that_holds(
        &mut self,
        ground: &Ground,
        node: NodeIx,
        guards: &[Guard],
        succeeds: Bdd,
    ) -> Option<Vec<Bdd>> {
        let mut rest = succeeds;
        let mut fires = Vec::with_capacity(guards.len() + 1);
        for guard in guards {
            let holds = match guard {
                Guard::Unknown => self.open(Meaning::Port(node)),
                guard => self.guard(ground, Reader::Node(node), guard).ok()?,
            };
            self.note_classes(node, guard);
            fires.push(self.functions.and(rest, holds).ok()?);
            rest = self.functions.without(rest, holds).ok()?;
        }
        fires.push(rest);
        Some(fires)
    }

    fn switch(&mut self, ground: &Ground, node: NodeIx, class: ClassIx, succeeds: Bdd) -> Option<Vec<Bdd>> {
        let values = self.values(ground, Reader::Node(node), class)?;
        self.deciding[class].push(node);
        values.into_iter().map(|value| self.functions.and(succeeds, value).ok()).collect()
    }

    fn note_classes(&mut self, node: NodeIx, guard: &Guard) {
        match guard {
            Guard::Is { class, .. } if *class < self.deciding.len() => self.deciding[*class].push(node),
            Guard::Not(inner) => self.note_classes(node, inner),
            Guard::And(parts) | Guard::Or(parts) => parts.iter().for_each(|part| self.note_classes(node, part)),
            _ => {}
        }
    }

    /// Splits a function into disjoint parts by new variables, one for each part but the last.
    fn split(&mut self, whole: Bdd, parts: usize, meaning: &Meaning) -> Vec<Bdd> {
        let mut rest = whole;
        let mut split = Vec::with_capacity(parts);
        for _ in 1..parts {
            let variable = self.variable(meaning.clone());
            split.push(self.functions.choice(variable, rest, Bdd::FALSE));
            rest = self.functions.choice(variable, Bdd::FALSE, rest);
        }
        split.push(rest);
        split
    }

    fn variable(&mut self, meaning: Meaning) -> Variable {
        self.meanings.push(meaning);
        self.functions.variable()
    }

    fn open(&mut self, meaning: Meaning) -> Bdd {
        let variable = self.variable(meaning);
        self.functions.choice(variable, Bdd::TRUE, Bdd::FALSE)
    }
}

/// At least `count` of the functions hold.
fn at_least(functions: &mut Functions, count: usize, of: &[Bdd]) -> Result<Bdd, TooLarge> {
    if count > of.len() {
        return Ok(Bdd::FALSE);
    }
    if count * of.len() > LARGEST_THRESHOLD {
        return Err(TooLarge);
    }
    let mut at_least = vec![Bdd::FALSE; count + 1];
    at_least[0] = Bdd::TRUE;
    for function in of {
        for place in (1..=count).rev() {
            let one_more = functions.and(at_least[place - 1], *function)?;
            at_least[place] = functions.or(at_least[place], one_more)?;
        }
    }
    Ok(at_least[count])
}
