//! When each node runs and how it can end, as boolean functions over what is open.
//!
//! What is open gets a variable: which port a node fires, each set of errors that is routed differently, a failure
//! under `continue`, being cancelled by a `first`. An end that stops the run has none: such ways are left out.
//! A function that grows too large is replaced by a variable of its own, which allows for more ways, never fewer.

use std::collections::BTreeMap;

use super::bdd::{Bdd, Functions, TooLarge, Variable};
use super::decided::Decided;
use super::graph::{ClassIx, Decision, ErrorType, Guard, Join, NodeIx, Port, Ports, Role, Unrouted};
use super::ground::Ground;
use super::vantage::Reader;

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
    /// A connection was taken before this join started.
    Ahead(NodeIx),
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
    /// How many more vertices may be looked at in order to tell ways.
    pub(super) telling: usize,
    pub(super) before: Decided,
    pub(super) upstream: Decided,
    /// The values of each class, once somebody has asked.
    pub(super) classes: Vec<Vec<Bdd>>,
    /// "The source is decided when the reader starts", where that isn't certain.
    pub(super) in_time: BTreeMap<(Reader, NodeIx), Bdd>,
    /// By arc: it was taken before its target started.
    pub(super) ahead: BTreeMap<usize, Bdd>,
    /// The ways in which a run completes, once somebody has asked.
    pub(super) completes: Option<Bdd>,
}

/// Steps for building a graph's functions, and again for its questions: a floor, and some for each node.
const STEPS: usize = 200_000;
const STEPS_A_NODE: usize = 16;
const STEPS_OF_TELLING: usize = 1_000_000;
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
            telling: STEPS_OF_TELLING,
            before: Decided::before(),
            upstream: Decided::upstream(),
            classes: vec![Vec::new(); ground.graph.classes.len()],
            in_time: BTreeMap::new(),
            ahead: BTreeMap::new(),
            completes: None,
        };
        for node in &ground.shape.order {
            outcomes.add(ground, *node);
        }
        outcomes.functions.allow(STEPS + STEPS_A_NODE * nodes);
        outcomes
    }

    fn add(&mut self, ground: &Ground, node: NodeIx) {
        let described = &ground.graph.nodes[node];
        let runs = self.runs(ground, node).unwrap_or_else(|TooLarge| {
            self.cut = true;
            self.open(Meaning::Open)
        });
        let cancelled = ground.canceller[node].map(|_| self.variable(Meaning::Cancelled(node)));
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
            Guard::And(parts) | Guard::Or(parts) => {
                for part in parts {
                    self.note_classes(node, part);
                }
            }
            _ => {}
        }
    }

    /// Splits a function into disjoint parts by new variables, one for each part but the last.
    pub(super) fn split(&mut self, whole: Bdd, parts: usize, meaning: &Meaning) -> Vec<Bdd> {
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

    pub(super) fn open(&mut self, meaning: Meaning) -> Bdd {
        let variable = self.variable(meaning);
        self.functions.choice(variable, Bdd::TRUE, Bdd::FALSE)
    }
}

/// At least `count` of the functions hold.
pub(super) fn at_least(functions: &mut Functions, count: usize, of: &[Bdd]) -> Result<Bdd, TooLarge> {
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
