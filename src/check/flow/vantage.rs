//! What can be said from where somebody reads: what has succeeded or failed by then, what a condition tells.

use std::collections::BTreeSet;

use super::bdd::{Bdd, TooLarge};
use super::graph::{ClassIx, Guard, NodeIx, Role};
use super::ground::Ground;
use super::outcome::{Ends, Meaning, Outcomes};

/// Who reads an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// A node, when it starts.
    Node(NodeIx),
    /// `output` of a workflow; `collect`, `until` and `next` of a body.
    Output,
}

impl Outcomes {
    /// The source has succeeded by the time the reader reads.
    pub(super) fn available(
        &mut self,
        ground: &Ground,
        reader: Reader,
        source: NodeIx,
    ) -> Result<Bdd, TooLarge> {
        let succeeds = self.ends[source].succeeds;
        self.timely(ground, reader, source, succeeds)
    }

    /// The source has failed by the time the reader reads.
    pub(super) fn failed(
        &mut self,
        ground: &Ground,
        reader: Reader,
        source: NodeIx,
    ) -> Result<Bdd, TooLarge> {
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
        let unfailed = ground
            .fails
            .iter()
            .try_fold(Bdd::TRUE, |rest, node| self.functions.without(rest, runs(self, node)));
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
                Ok(values
                    .and_then(|values| values.get(*case).copied())
                    .unwrap_or_else(|| self.open(Meaning::Open)))
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

    /// Leaves out ways that time forbids: a node cancelled by a `first` that didn't start, a join that started
    /// before enough of its connections were taken. Nothing else speaks of those variables, so only those matter
    /// that the ways depend on.
    pub(super) fn leave_out_impossible(&mut self, ground: &Ground, ways: Bdd) -> Result<Bdd, TooLarge> {
        let mut ways = ways;
        let mut seen = BTreeSet::new();
        if !ground.races {
            return Ok(ways);
        }
        loop {
            let walk = self.functions.walk(ways);
            let news: BTreeSet<_> =
                walk.iter().map(|(_, vertex)| vertex.variable).filter(|v| seen.insert(*v)).collect();
            for variable in &news {
                let impossible = match self.meanings[*variable as usize] {
                    Meaning::Cancelled(node) => self.idly_cancelled(ground, *variable, node)?,
                    Meaning::Ahead(join) => self.started_too_early(ground, join)?,
                    _ => continue,
                };
                ways = self.functions.without(ways, impossible)?;
            }
            if news.is_empty() {
                return Ok(ways);
            }
        }
    }

    fn timely(
        &mut self,
        ground: &Ground,
        reader: Reader,
        source: NodeIx,
        ended: Bdd,
    ) -> Result<Bdd, TooLarge> {
        match (ground.graph.nodes[source].role, reader) {
            (Role::Outer { .. }, _) => Ok(ended),
            (Role::Undo(_) | Role::Handler, _) => Ok(Bdd::FALSE),
            (Role::Step, Reader::Output) => self.before_succeed(ground, source, ended),
            (Role::Step, Reader::Node(node)) if self.before.contains(ground, node, source) => Ok(ended),
            (Role::Step, Reader::Node(_)) => {
                let in_time = self.in_time(ground, reader, source)?;
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
        let in_time = self.in_time(ground, Reader::Output, source)?;
        let late = self.functions.without(overtaken, in_time)?;
        self.functions.without(ended, late)
    }

    /// The values of a class, if everything that it reads is decided for the reader.
    pub(super) fn values(&mut self, ground: &Ground, reader: Reader, class: ClassIx) -> Option<Vec<Bdd>> {
        let described = ground.graph.classes.get(class)?;
        if let Reader::Node(node) = reader
            && !described.reads.iter().all(|read| self.before.contains(ground, node, *read))
        {
            return None;
        }
        if self.classes[class].is_empty() {
            self.classes[class] = self.split(Bdd::TRUE, described.cases, &Meaning::Class(class));
        }
        Some(self.classes[class].clone())
    }
}
