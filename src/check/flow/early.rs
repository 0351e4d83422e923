//! What has happened by the time an early join starts: `any`, `first` and "k of m" don't wait for all that leads to
//! them, but each starts after some connections were taken, and those had waited for something.

use std::collections::BTreeMap;

use super::bdd::{Bdd, TooLarge};
use super::graph::{Join, NodeIx};
use super::ground::Ground;
use super::outcome::{Meaning, Outcomes, at_least};
use super::shape::Arc;
use super::vantage::Reader;

/// How far back from a reader such joins are looked for; beyond it the order in time is open.
const MOST_NODES: usize = 256;

impl Outcomes {
    /// The source is decided when the reader starts; for a source that isn't always.
    pub(super) fn in_time(
        &mut self,
        ground: &Ground,
        reader: Reader,
        source: NodeIx,
    ) -> Result<Bdd, TooLarge> {
        if let Some(known) = self.in_time.get(&(reader, source)) {
            return Ok(*known);
        }
        let waited_for = match reader {
            Reader::Node(node) => self.waited_for(ground, node, source)?,
            Reader::Output => Bdd::FALSE,
        };
        let by_chance = self.open(Meaning::Open);
        let in_time = self.functions.or(waited_for, by_chance)?;
        self.in_time.insert((reader, source), in_time);
        Ok(in_time)
    }

    /// The ways in which a join starts, though not enough of its connections were taken before.
    pub(super) fn started_too_early(&mut self, ground: &Ground, join: NodeIx) -> Result<Bdd, TooLarge> {
        let Join::AtLeast { count, .. } = ground.graph.nodes[join].join else { return Ok(Bdd::FALSE) };
        let mut before = Vec::new();
        for (ix, arc) in ground.shape.incoming(join) {
            before.push(self.taken_ahead(ix, arc)?);
        }
        let enough = at_least(&mut self.functions, count.max(1), &before)?;
        self.functions.without(self.ends[join].survives, enough)
    }

    /// The ways in which what the reader had waited for had itself waited for the source.
    fn waited_for(&mut self, ground: &Ground, reader: NodeIx, source: NodeIx) -> Result<Bdd, TooLarge> {
        let mut waited = BTreeMap::new();
        for node in self.between(ground, source, reader) {
            let mut before = Vec::new();
            for (ix, arc) in ground.shape.incoming(node) {
                if arc.source == source || self.before.contains(ground, arc.source, source) {
                    before.push((ix, arc, Bdd::TRUE));
                } else if let Some(known) = waited.get(&arc.source) {
                    before.push((ix, arc, *known));
                }
            }
            let start = self.waited_at_start(ground, node, &before)?;
            if node == reader {
                return Ok(start);
            }
            let run = self.functions.and(self.ends[node].survives, start)?;
            let skip = self.waited_when_skipped(ground, node, &before)?;
            waited.insert(node, self.functions.or(run, skip)?);
        }
        Ok(Bdd::FALSE)
    }

    fn waited_at_start(
        &mut self,
        ground: &Ground,
        node: NodeIx,
        before: &[(usize, Arc, Bdd)],
    ) -> Result<Bdd, TooLarge> {
        let early = matches!(ground.graph.nodes[node].join, Join::AtLeast { .. });
        before.iter().try_fold(Bdd::FALSE, |ways, (ix, arc, before)| {
            let ahead = if early { self.taken_ahead(*ix, *arc)? } else { Bdd::TRUE };
            let way = self.functions.and(ahead, *before)?;
            self.functions.or(ways, way)
        })
    }

    /// A node is skipped when all that leads to it is decided; one that may have been cancelled says nothing.
    fn waited_when_skipped(
        &mut self,
        ground: &Ground,
        node: NodeIx,
        before: &[(usize, Arc, Bdd)],
    ) -> Result<Bdd, TooLarge> {
        if ground.canceller[node].is_some() {
            return Ok(Bdd::FALSE);
        }
        let ways =
            before.iter().try_fold(Bdd::FALSE, |ways, (_, _, before)| self.functions.or(ways, *before))?;
        self.functions.without(ways, self.ends[node].runs)
    }

    fn taken_ahead(&mut self, ix: usize, arc: Arc) -> Result<Bdd, TooLarge> {
        let known = self.ahead.get(&ix).copied();
        let ahead = known.unwrap_or_else(|| self.open(Meaning::Ahead(arc.target)));
        self.ahead.insert(ix, ahead);
        self.functions.and(ahead, self.taken[ix])
    }

    /// The nodes between two that don't always wait for the first, in topological order, the second included.
    fn between(&mut self, ground: &Ground, source: NodeIx, reader: NodeIx) -> Vec<NodeIx> {
        let mut found = BTreeMap::from([(ground.shape.place[reader], reader)]);
        let mut todo = vec![reader];
        while let Some(node) = todo.pop() {
            for (_, arc) in ground.shape.incoming(node) {
                let next = arc.source;
                let on_the_way = next != source
                    && found.len() < MOST_NODES
                    && self.upstream.contains(ground, next, source)
                    && !self.before.contains(ground, next, source);
                if on_the_way && found.insert(ground.shape.place[next], next).is_none() {
                    todo.push(next);
                }
            }
        }
        found.into_values().collect()
    }
}
