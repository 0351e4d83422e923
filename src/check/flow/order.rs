//! The order in which the nodes of a graph can be decided, and the connections that make it cyclic.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use super::graph::{ConnectionIx, NodeIx};

/// A cycle, named by the connection that closes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The last connection of the cycle in source order.
    pub closing: ConnectionIx,
    /// The nodes from the closing connection's target to its source, in the order of the connections.
    pub path: Vec<NodeIx>,
}

/// Beyond this many cycles of a graph the others are broken without being reported.
const REPORTED_CYCLES: usize = 16;

/// Items by the group that they belong to.
#[derive(Debug, Default)]
pub(super) struct Groups {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Groups {
    /// `members` gives (group, item); the items of a group keep their order.
    pub(super) fn new(groups: usize, members: impl Iterator<Item = (usize, usize)> + Clone) -> Self {
        let mut starts = vec![0u32; groups + 1];
        for (group, _) in members.clone() {
            starts[group + 1] += 1;
        }
        for group in 0..groups {
            starts[group + 1] += starts[group];
        }
        let mut free = starts.clone();
        let mut items = vec![0u32; starts[groups] as usize];
        for (group, item) in members {
            items[free[group] as usize] = item as u32;
            free[group] += 1;
        }
        Self { starts, items }
    }

    pub(super) fn of(
        &self,
        group: usize,
    ) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + Clone + '_ {
        let range = self.starts[group] as usize..self.starts[group + 1] as usize;
        self.items[range].iter().map(|item| *item as usize)
    }
}

/// Orders `nodes` nodes so that each stands behind the sources of its connections, and else as written.
/// Connections that close a cycle are taken out of `arcs` (None) and returned.
pub(super) fn sort(nodes: usize, arcs: &mut [Option<(NodeIx, NodeIx)>]) -> (Vec<NodeIx>, Vec<Cycle>) {
    let mut cycles = Vec::new();
    loop {
        let sequence = sequence(nodes, arcs);
        if sequence.len() == nodes {
            return (sequence, cycles);
        }
        let mut placed = vec![false; nodes];
        sequence.iter().for_each(|node| placed[*node] = true);
        if cycles.len() == REPORTED_CYCLES {
            cut_all(&placed, arcs);
        } else {
            cycles.push(cut_one(&placed, arcs));
        }
    }
}

/// Kahn's algorithm; what is in a cycle or behind one is missing in the answer.
fn sequence(nodes: usize, arcs: &[Option<(NodeIx, NodeIx)>]) -> Vec<NodeIx> {
    let present = || arcs.iter().flatten().copied();
    let targets = Groups::new(nodes, present());
    let mut waits_for = vec![0u32; nodes];
    present().for_each(|(_, target)| waits_for[target] += 1);
    let mut ready: BinaryHeap<_> = (0..nodes).filter(|node| waits_for[*node] == 0).map(Reverse).collect();
    let mut sequence = Vec::with_capacity(nodes);
    while let Some(Reverse(node)) = ready.pop() {
        sequence.push(node);
        for target in targets.of(node) {
            waits_for[target] -= 1;
            if waits_for[target] == 0 {
                ready.push(Reverse(target));
            }
        }
    }
    sequence
}

fn cut_all(placed: &[bool], arcs: &mut [Option<(NodeIx, NodeIx)>]) {
    let backward =
        |(source, target): (NodeIx, NodeIx)| !placed[source] && !placed[target] && source >= target;
    arcs.iter_mut().for_each(|arc| *arc = arc.filter(|ends| !backward(*ends)));
}

/// Takes out the first connection that closes a cycle with those before it.
fn cut_one(placed: &[bool], arcs: &mut [Option<(NodeIx, NodeIx)>]) -> Cycle {
    let open: Vec<_> = arcs
        .iter()
        .enumerate()
        .filter_map(|(ix, arc)| arc.map(|ends| (ix, ends)))
        .filter(|(_, (source, target))| !placed[*source] && !placed[*target])
        .collect();
    let (mut acyclic, mut cyclic) = (0, open.len());
    while cyclic - acyclic > 1 {
        let middle = acyclic.midpoint(cyclic);
        let prefix: Vec<_> = open[..middle].iter().map(|(_, ends)| Some(*ends)).collect();
        if sequence(placed.len(), &prefix).len() == placed.len() {
            acyclic = middle;
        } else {
            cyclic = middle;
        }
    }
    let (closing, (source, target)) = open[cyclic - 1];
    arcs[closing] = None;
    Cycle { closing, path: path(&open[..cyclic - 1], target, source) }
}

/// The shortest way from `start` to `end`.
fn path(arcs: &[(ConnectionIx, (NodeIx, NodeIx))], start: NodeIx, end: NodeIx) -> Vec<NodeIx> {
    let mut targets: BTreeMap<NodeIx, Vec<NodeIx>> = BTreeMap::new();
    for (_, (source, target)) in arcs {
        targets.entry(*source).or_default().push(*target);
    }
    let mut before: BTreeMap<NodeIx, NodeIx> = BTreeMap::from([(start, start)]);
    let mut todo = VecDeque::from([start]);
    while let Some(node) = todo.pop_front() {
        for target in targets.get(&node).into_iter().flatten() {
            before.entry(*target).or_insert_with(|| {
                todo.push_back(*target);
                node
            });
        }
    }
    let mut path = vec![end];
    let mut here = end;
    while here != start {
        let Some(previous) = before.get(&here) else { break };
        here = *previous;
        path.push(here);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::{Cycle, sort};

    #[test]
    fn the_last_connection_that_closes_a_cycle_is_cut() {
        let mut arcs: Vec<_> = [(0, 1), (2, 0), (1, 2), (1, 3), (3, 3)].map(Some).to_vec();
        let (sequence, cycles) = sort(4, &mut arcs);
        assert_eq!(cycles[0], Cycle { closing: 2, path: vec![2, 0, 1] });
        assert_eq!(cycles[1], Cycle { closing: 4, path: vec![3] });
        assert_eq!((sequence, cycles.len()), (vec![2, 0, 1, 3], 2));
    }
}
