//! Which nodes are decided before a node starts: the sets `W` of the language reference, computed for 64 sources
//! at a time and only as far as somebody asks.

use std::collections::BTreeMap;

use super::graph::{Join, NodeIx, Role};
use super::ground::Ground;
use super::shape::Arc;

/// Sets of nodes that spread along the connections.
#[derive(Debug)]
pub(super) struct Decided {
    /// Whether a connection that need not be waited for counts, too: plain ancestors.
    ancestors: bool,
    /// For 64 sources (by their places, from 64 times the key) a word for each place from theirs on.
    blocks: BTreeMap<usize, Vec<u64>>,
    words: usize,
}

/// 128 MiB; beyond it the blocks are dropped and computed again.
const MOST_WORDS: usize = 16 << 20;

impl Decided {
    /// What is decided when a node starts.
    pub(super) fn before() -> Self {
        Self { ancestors: false, blocks: BTreeMap::new(), words: 0 }
    }

    /// What leads to a node.
    pub(super) fn upstream() -> Self {
        Self { ancestors: true, blocks: BTreeMap::new(), words: 0 }
    }

    pub(super) fn contains(&mut self, ground: &Ground, reader: NodeIx, source: NodeIx) -> bool {
        if matches!(ground.graph.nodes[source].role, Role::Outer { .. }) {
            return true;
        }
        let (from, to) = (ground.shape.place[source], ground.shape.place[reader]);
        if from >= to {
            return false;
        }
        let waits = self.ancestors || matches!(ground.graph.nodes[reader].join, Join::All | Join::Every);
        if waits && ground.shape.incoming(reader).any(|(_, arc)| arc.source == source) {
            return true;
        }
        let block = from / 64;
        self.extend(ground, block, to);
        self.blocks[&block][to - block * 64] >> (from % 64) & 1 == 1
    }

    /// Computes a block up to the place `to`, and a little further in order not to come back for each reader.
    fn extend(&mut self, ground: &Ground, block: usize, to: usize) {
        let base = block * 64;
        let known = self.blocks.get(&block).map_or(0, Vec::len);
        if base + known > to {
            return;
        }
        if self.words > MOST_WORDS {
            self.blocks.clear();
            self.words = 0;
        }
        let mut words = self.blocks.remove(&block).unwrap_or_default();
        let before = words.len();
        let end = (to + 1).max(base + before * 2).max(base + 128).min(ground.shape.order.len());
        for place in base + before..end {
            let word = self.word(ground, ground.shape.order[place], base, &words);
            words.push(word);
        }
        self.words += words.len() - before;
        self.blocks.insert(block, words);
    }

    fn word(&self, ground: &Ground, node: NodeIx, base: usize, words: &[u64]) -> u64 {
        let join = if self.ancestors { Join::All } else { ground.graph.nodes[node].join };
        let part = |(_, arc): (usize, Arc)| Self::contribution(ground, arc, base, words);
        match join {
            Join::All | Join::Every => ground.shape.incoming(node).map(part).fold(0, |all, part| all | part),
            Join::AtLeast { count, .. } => missed_by_fewer_than(count, ground.shape.incoming(node).map(part)),
        }
    }

    /// The source and what was decided before it. That holds for a source that a `first` can cancel, too: whatever
    /// still waits for it is then only on the way to that `first` and doesn't start any more.
    fn contribution(ground: &Ground, arc: Arc, base: usize, words: &[u64]) -> u64 {
        let Some(at) = ground.shape.place[arc.source].checked_sub(base) else { return 0 };
        if at < 64 { words[at] | 1 << at } else { words[at] }
    }
}

/// The members that fewer than `count` of the sets (at most: all of them) lack: a binary counter for each member, bit by bit.
fn missed_by_fewer_than(count: usize, sets: impl ExactSizeIterator<Item = u64>) -> u64 {
    if sets.len() == 0 {
        return 0;
    }
    let count = count.clamp(1, sets.len());
    let mut digits = vec![0u64; (usize::BITS - sets.len().leading_zeros()) as usize];
    for set in sets {
        let mut carry = !set;
        for digit in &mut digits {
            (*digit, carry) = (*digit ^ carry, *digit & carry);
        }
    }
    let (mut fewer, mut equal) = (0, u64::MAX);
    for (place, digit) in digits.iter().enumerate().rev() {
        if count >> place & 1 == 1 {
            fewer |= equal & !digit;
            equal &= digit;
        } else {
            equal &= !digit;
        }
    }
    fewer
}

#[cfg(test)]
mod tests {
    use super::missed_by_fewer_than;

    #[test]
    fn counts_who_misses_what() {
        let sets = [0b0011, 0b0101, 0b1001];
        assert_eq!(missed_by_fewer_than(1, sets.into_iter()), 0b0001);
        assert_eq!(missed_by_fewer_than(2, sets.into_iter()), 0b0001);
        assert_eq!(missed_by_fewer_than(3, sets.into_iter()), 0b1111);
        assert_eq!(missed_by_fewer_than(9, sets.into_iter()), 0b1111);
    }
}
