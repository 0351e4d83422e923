//! From a function to a sentence: the shortest way in which it holds, told as the ends of a few nodes.

use std::collections::{BTreeMap, BTreeSet};

use super::bdd::{Bdd, Functions, Variable, Vertex};
use super::graph::{ErrorType, NodeIx};
use super::ground::Ground;
use super::outcome::{Meaning, Outcomes};
use super::vantage::Reader;

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

type Decisions = BTreeMap<Variable, bool>;

/// The steps of the shortest of the `ways`, which may not be empty, in the order of the graph. What is true
/// whenever the reader reads is left out, unless nothing else is left. There are no steps once telling them has
/// cost too much.
pub(super) fn steps(ground: &Ground, outcomes: &mut Outcomes, reader: Reader, ways: Bdd) -> Vec<Step> {
    let reads = match reader {
        Reader::Node(node) => outcomes.ends[node].runs,
        Reader::Output => outcomes.completes(ground),
    };
    let cost = ways.index().max(reads.index()) / 64;
    if outcomes.telling < cost {
        return Vec::new();
    }
    let (ways, reads) = (outcomes.functions.walk(ways), outcomes.functions.walk(reads));
    outcomes.telling = outcomes.telling.saturating_sub(cost + ways.len() + reads.len());
    let decisions = shortest(outcomes, &ways);
    let forced = forced(&outcomes.functions, &reads, &decisions);
    let news = decisions.iter().filter(|(variable, _)| !forced.contains(variable));
    let news: Decisions = news.map(|(variable, value)| (*variable, *value)).collect();
    let told = tell(ground, outcomes, &news, &decisions);
    if told.is_empty() { tell(ground, outcomes, &decisions, &decisions) } else { told }
}

/// The decisions on the cheapest path from the last of the vertices to true; rare things cost more.
fn shortest(outcomes: &Outcomes, ways: &[(Bdd, Vertex)]) -> Decisions {
    let Some((root, _)) = ways.last() else { return Decisions::new() };
    let mut best: Vec<Option<(u32, bool)>> = vec![None; root.index() + 1];
    best[Bdd::TRUE.index()] = Some((0, false));
    for (here, vertex) in ways {
        let (if_true, if_false) = price(&outcomes.meanings[vertex.variable as usize]);
        let cost = |next: Bdd, price: u32| best[next.index()].map(|(cost, _)| cost.saturating_add(price));
        let high = cost(vertex.high, if_true).map(|cost| (cost, true));
        let low = cost(vertex.low, if_false).map(|cost| (cost, false));
        best[here.index()] = low.into_iter().chain(high).min();
    }
    let mut decisions = Decisions::new();
    let mut next = *root;
    for (here, vertex) in ways.iter().rev() {
        if let Some((_, value)) = best[here.index()].filter(|_| *here == next) {
            decisions.insert(vertex.variable, value);
            next = if value { vertex.high } else { vertex.low };
        }
    }
    decisions
}

/// What a decision costs where it is true and where it is false.
fn price(meaning: &Meaning) -> (u32, u32) {
    match meaning {
        Meaning::Port(_) | Meaning::Class(_) => (3, 3),
        Meaning::Fails(..) | Meaning::Outer(_) => (4, 2),
        Meaning::Cancelled(_) => (5, 1),
        Meaning::Ahead(_) => (1, 1),
        Meaning::Open => (6, 6),
    }
}

/// The variables that have the decided value in every way to true: no edge that can lead there passes them by, and
/// none gives them the other value.
fn forced(functions: &Functions, vertices: &[(Bdd, Vertex)], decisions: &Decisions) -> BTreeSet<Variable> {
    let variables: Vec<Variable> = decisions.keys().copied().collect();
    let mut passed = vec![0i32; variables.len() + 1];
    let mut pass = |above: Variable, below: Variable| {
        let from = variables.partition_point(|variable| *variable <= below);
        let to = variables.partition_point(|variable| *variable < above);
        if from < to {
            passed[from] += 1;
            passed[to] -= 1;
        }
    };
    let mut open = BTreeSet::new();
    pass(Variable::MAX, vertices.last().map_or(0, |(_, vertex)| vertex.variable));
    for (_, vertex) in vertices {
        for (next, value) in [(vertex.low, false), (vertex.high, true)] {
            if next != Bdd::FALSE {
                pass(vertex.variable, functions.top(next));
                if decisions.get(&vertex.variable) == Some(&!value) {
                    open.insert(vertex.variable);
                }
            }
        }
    }
    let mut passes = 0;
    let mut forced = BTreeSet::new();
    for (variable, change) in variables.iter().zip(passed) {
        passes += change;
        if passes == 0 && !open.contains(variable) {
            forced.insert(*variable);
        }
    }
    forced
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
    let says_more = ends.values().any(|step| step.end != End::Succeeds);
    ends.into_values().filter(|step| !says_more || step.end != End::Succeeds).collect()
}

fn step(
    ground: &Ground,
    outcomes: &Outcomes,
    variable: Variable,
    value: bool,
    all: &Decisions,
) -> Option<Step> {
    let holds =
        |function: Bdd| outcomes.functions.value(function, |variable| all.get(&variable) == Some(&true));
    let fires = |node: NodeIx| {
        let port = outcomes.ends[node].fires.iter().position(|fires| holds(*fires))?;
        Some(Step { node, end: End::Fires(port) })
    };
    match &outcomes.meanings[variable as usize] {
        Meaning::Port(node) => fires(*node),
        Meaning::Class(class) => outcomes.deciding[*class].iter().rev().find_map(|node| fires(*node)),
        Meaning::Fails(node, errors) if value => Some(Step { node: *node, end: End::Fails(errors.clone()) }),
        Meaning::Fails(node, _) => {
            Some(Step { node: *node, end: End::Succeeds }).filter(|_| holds(outcomes.ends[*node].succeeds))
        }
        Meaning::Cancelled(node) if value => {
            Some(Step { node: *node, end: End::Cancelled { by: ground.canceller[*node] } })
        }
        Meaning::Outer(node) if !value => Some(Step { node: *node, end: End::Missing }),
        Meaning::Outer(node) => Some(Step { node: *node, end: End::Succeeds }),
        Meaning::Cancelled(_) | Meaning::Ahead(_) | Meaning::Open => None,
    }
}
