//! From a function to a sentence: the shortest way in which it holds, told as the ends of a few nodes.

use std::collections::BTreeMap;

use super::bdd::{Bdd, Functions, Variable};
use super::graph::{ErrorType, NodeIx};
use super::outcome::{Meaning, Outcomes, Reader};
use super::shape::Ground;

/// How one node ends on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The node.
    pub node: NodeIx,
    /// Its end.
    pub end: End,
}

/// The end of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It fires a port of its kind, by index.
    Fires(usize),
    /// It succeeds.
    Succeeds,
    /// It fails: with one of these types, or with any that no connection takes.
    Fails(Vec<ErrorType>),
    /// A `first` that starts cancels it.
    Cancelled {
        /// The nearest node that can.
        by: Option<NodeIx>,
    },
    /// It stands outside the body and has no output there.
    Missing,
}

/// Beyond this many decisions the way is told unabridged.
const ABRIDGED: usize = 24;

type Decisions = BTreeMap<Variable, bool>;

/// The steps of the shortest of the `ways`, which may not be empty, in the order of the graph. What is true
/// whenever the reader reads is left out, unless nothing else is left.
pub(super) fn steps(ground: &Ground, outcomes: &mut Outcomes, reader: Reader, ways: Bdd) -> Vec<Step> {
    let decisions = shortest(outcomes, ways);
    let reads = match reader {
        Reader::Node(node) => outcomes.ends[node].runs,
        Reader::Output => outcomes.completes(ground),
    };
    let own: Decisions = if decisions.len() > ABRIDGED {
        decisions.clone()
    } else {
        let is_news = |(variable, value): &(&Variable, &bool)| can_be(&outcomes.functions, reads, **variable, !**value);
        decisions.iter().filter(is_news).map(|(variable, value)| (*variable, *value)).collect()
    };
    let told = tell(ground, outcomes, &own, &decisions);
    if told.is_empty() { tell(ground, outcomes, &decisions, &decisions) } else { told }
}

/// The decisions on the cheapest path to true; rare things cost more.
fn shortest(outcomes: &Outcomes, ways: Bdd) -> Decisions {
    let mut costs: BTreeMap<Bdd, (u32, bool)> = BTreeMap::from([(Bdd::TRUE, (0, false))]);
    let walk = outcomes.functions.walk(ways);
    for (here, vertex) in &walk {
        let (if_true, if_false) = price(&outcomes.meanings[vertex.variable as usize]);
        let cost = |next: Bdd, price: u32| costs.get(&next).map(|(cost, _)| cost.saturating_add(price));
        let best = match (cost(vertex.high, if_true), cost(vertex.low, if_false)) {
            (Some(high), Some(low)) if low <= high => (low, false),
            (Some(high), _) => (high, true),
            (None, Some(low)) => (low, false),
            (None, None) => continue,
        };
        costs.insert(*here, best);
    }
    let vertices: BTreeMap<_, _> = walk.into_iter().collect();
    let mut decisions = Decisions::new();
    let mut here = ways;
    while let (Some(vertex), Some((_, value))) = (vertices.get(&here), costs.get(&here)) {
        decisions.insert(vertex.variable, *value);
        here = if *value { vertex.high } else { vertex.low };
    }
    decisions
}

/// What a decision costs where it is true and where it is false.
fn price(meaning: &Meaning) -> (u32, u32) {
    match meaning {
        Meaning::Port(_) | Meaning::Class(_) => (3, 3),
        Meaning::Fails(..) | Meaning::Outer(_) => (4, 2),
        Meaning::Cancelled(_) => (5, 1),
        Meaning::Open => (6, 6),
    }
}

/// Whether the function can hold while the variable has that value.
fn can_be(functions: &Functions, function: Bdd, variable: Variable, value: bool) -> bool {
    let mut holds: BTreeMap<Bdd, bool> = BTreeMap::from([(Bdd::FALSE, false), (Bdd::TRUE, true)]);
    for (here, vertex) in functions.walk(function) {
        let free = vertex.variable != variable;
        let can = ((free || value) && holds[&vertex.high]) || ((free || !value) && holds[&vertex.low]);
        holds.insert(here, can);
    }
    holds[&function]
}

fn tell(ground: &Ground, outcomes: &Outcomes, told: &Decisions, all: &Decisions) -> Vec<Step> {
    let mut ends: BTreeMap<usize, Step> = BTreeMap::new();
    for (variable, value) in told {
        let step = step(ground, outcomes, *variable, *value, all);
        if let Some(step) = step {
            let known = ends.entry(ground.shape.place[step.node]).or_insert_with(|| step.clone());
            if known.end == End::Succeeds {
                *known = step;
            }
        }
    }
    ends.into_values().collect()
}

fn step(ground: &Ground, outcomes: &Outcomes, variable: Variable, value: bool, all: &Decisions) -> Option<Step> {
    let holds = |function: Bdd| outcomes.functions.value(function, |variable| all.get(&variable) == Some(&true));
    let fires = |node: NodeIx| {
        let port = outcomes.ends[node].fires.iter().position(|fires| holds(*fires))?;
        Some(Step { node, end: End::Fires(port) })
    };
    match &outcomes.meanings[variable as usize] {
        Meaning::Port(node) => fires(*node),
        Meaning::Class(class) => outcomes.deciding[*class].iter().rev().find_map(|node| fires(*node)),
        Meaning::Fails(node, errors) if value => Some(Step { node: *node, end: End::Fails(errors.clone()) }),
        Meaning::Fails(node, _) => Some(Step { node: *node, end: End::Succeeds }).filter(|_| holds(outcomes.ends[*node].succeeds)),
        Meaning::Cancelled(node) if value => {
            Some(Step { node: *node, end: End::Cancelled { by: ground.shape.canceller[*node] } })
        }
        Meaning::Outer(node) if !value => Some(Step { node: *node, end: End::Missing }),
        Meaning::Outer(node) => Some(Step { node: *node, end: End::Succeeds }),
        Meaning::Cancelled(_) | Meaning::Open => None,
    }
}
