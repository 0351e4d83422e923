//! The questions: may this output be read here, and if not, which way shows it.

use super::bdd::{Bdd, TooLarge};
use super::decided::Decided;
use super::graph::{ErrorType, Graph, Guard, Join, NodeIx, Role};
use super::ground::Ground;
use super::order::Cycle;
use super::outcome::Outcomes;
use super::vantage::Reader;
use super::way::{Step, steps};

/// The analysis of one graph. Built once, it answers each question in about the time that the answer needs; it
/// takes itself mutably because it remembers what it has computed.
#[derive(Debug)]
pub struct Flow {
    pub(super) ground: Ground,
    pub(super) outcomes: Outcomes,
    /// Some answer was negative.
    refused: bool,
    cycles: Vec<Cycle>,
}

/// Whether an output may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readability {
    /// It is there whenever the reader reads.
    Readable,
    /// No connection leads from the source to the reader.
    NotUpstream {
        /// Connecting them would close a cycle.
        downstream: bool,
    },
    /// The reader, or something before it, need not wait for the source.
    NotDecided {
        /// The node that starts early.
        join: NodeIx,
        /// One whose end is enough for it.
        after: NodeIx,
    },
    /// The reader runs without it in this way.
    Optional(Way),
    /// Something before the reader is already in error.
    Unknown,
}

/// How a reader comes to run without what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// When these nodes end so; in the order in which they do.
    When(Vec<Step>),
    /// The source is an undo or a handler: it runs only after everything else.
    RunsAfterwards,
    /// The reader is a handler: anything may have failed before it.
    ReaderIsHandler,
    /// The graph is too large to prove it.
    TooLarge,
}

/// Where the errors that `error` can stand for come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorSource {
    /// The node that fails.
    pub node: NodeIx,
    /// The types that its connections to the reader take.
    pub errors: Vec<ErrorType>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Success,
    Failure,
}

impl Flow {
    /// Analyses a graph. In the answer to [`Flow::cycles`] connections that close cycles are left out.
    pub fn new(graph: Graph) -> Self {
        let (ground, cycles) = Ground::new(graph);
        let outcomes = Outcomes::new(&ground);
        Self { ground, outcomes, refused: false, cycles }
    }

    /// The cycles, by the connections that close them.
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Some function was too large: an answer may be `Optional` where a proof exists.
    pub fn is_too_large(&self) -> bool {
        self.outcomes.cut
    }

    /// Whether connections lead from `source` to the reader: what an optional read needs.
    pub fn is_upstream(&mut self, reader: Reader, source: NodeIx) -> bool {
        match reader {
            Reader::Output => true,
            Reader::Node(node) => {
                self.ground.graph.nodes[node].role == Role::Handler
                    || self.ground.certain.succeeded(node, source)
                    || self.outcomes.upstream.contains(&self.ground, node, source)
            }
        }
    }

    /// May the reader read an output of `source`?
    pub fn readable(&mut self, reader: Reader, source: NodeIx) -> Readability {
        self.one_of(reader, &[source], None)
    }

    /// Has at least one of `sources` succeeded whenever the reader reads, as far as it does so under `given`? Without
    /// sources: does it never read under `given`?
    pub fn one_of(&mut self, reader: Reader, sources: &[NodeIx], given: Option<&Guard>) -> Readability {
        self.answer(Want::Success, reader, sources, given)
    }

    /// Has `source` failed whenever the reader reads its error under `given`?
    pub fn error_readable(&mut self, reader: Reader, source: NodeIx, given: Option<&Guard>) -> Readability {
        self.answer(Want::Failure, reader, &[source], given)
    }

    /// What `error` can be at a node; None where it isn't in scope: not all connections to it are error connections.
    pub fn errors_in_scope(&self, node: NodeIx) -> Option<Vec<ErrorSource>> {
        let incoming = self.ground.shape.incoming(node);
        if incoming.len() == 0 || incoming.clone().any(|(_, arc)| !self.ground.port(arc).is_error()) {
            return None;
        }
        let errors = |source: NodeIx, ix: usize| {
            let routes = self.ground.routes(source).into_iter().filter(|routed| !routed.stops);
            routes.filter(|routed| routed.arcs.contains(&ix)).flat_map(|routed| routed.errors).collect()
        };
        Some(
            incoming
                .map(|(ix, arc)| ErrorSource { node: arc.source, errors: errors(arc.source, ix) })
                .collect(),
        )
    }

    fn answer(
        &mut self,
        want: Want,
        reader: Reader,
        sources: &[NodeIx],
        given: Option<&Guard>,
    ) -> Readability {
        let answer = self.judge(want, reader, sources, given);
        self.refused |= !matches!(answer, Readability::Readable | Readability::Unknown);
        answer
    }

    fn judge(
        &mut self,
        want: Want,
        reader: Reader,
        sources: &[NodeIx],
        given: Option<&Guard>,
    ) -> Readability {
        if sources.iter().any(|source| self.is_certain(want, reader, *source)) {
            return Readability::Readable;
        }
        let doubtful = self.is_doubtful(reader);
        if !sources.is_empty() && sources.iter().all(|source| !self.is_upstream(reader, *source)) {
            let lost = doubtful || self.ground.graph.incomplete;
            let downstream = sources.iter().any(|source| self.is_downstream(reader, *source));
            return if lost { Readability::Unknown } else { Readability::NotUpstream { downstream } };
        }
        match self.ways_without(want, reader, sources, given) {
            Ok(Bdd::FALSE) => Readability::Readable,
            _ if doubtful => Readability::Unknown,
            Ok(ways) => self.explain(reader, sources, ways),
            // Answers that went against the author may have cost what is missing now: those come first.
            Err(TooLarge) if self.refused => Readability::Unknown,
            Err(TooLarge) => {
                self.outcomes.cut = true;
                Readability::Optional(Way::TooLarge)
            }
        }
    }

    fn is_certain(&self, want: Want, reader: Reader, source: NodeIx) -> bool {
        let role = self.ground.graph.nodes[source].role;
        match (want, reader) {
            (Want::Success, _) if role == Role::Outer { certain: true } => true,
            (Want::Success, Reader::Node(node)) => self.ground.certain.succeeded(node, source),
            (Want::Failure, Reader::Node(node)) => self.ground.certain.failed(node, source),
            (_, Reader::Output) => false,
        }
    }

    fn is_doubtful(&self, reader: Reader) -> bool {
        match reader {
            Reader::Node(node) => self.ground.shape.doubtful[node],
            Reader::Output => self.ground.some_doubt,
        }
    }

    fn is_downstream(&mut self, reader: Reader, source: NodeIx) -> bool {
        match reader {
            Reader::Node(node) => node == source || self.is_upstream(Reader::Node(source), node),
            Reader::Output => false,
        }
    }

    /// The ways in which the reader reads and none of the sources is as it wants them.
    fn ways_without(
        &mut self,
        want: Want,
        reader: Reader,
        sources: &[NodeIx],
        given: Option<&Guard>,
    ) -> Result<Bdd, TooLarge> {
        let (ground, outcomes) = (&self.ground, &mut self.outcomes);
        let mut ways = match reader {
            Reader::Node(node) => outcomes.ends[node].runs,
            Reader::Output => outcomes.completes(ground),
        };
        if let Some(given) = given {
            let given = outcomes.guard(ground, reader, given)?;
            ways = outcomes.functions.and(ways, given)?;
        }
        for source in sources {
            let there = match want {
                Want::Success => outcomes.available(ground, reader, *source)?,
                Want::Failure => outcomes.failed(ground, reader, *source)?,
            };
            ways = outcomes.functions.without(ways, there)?;
        }
        outcomes.leave_out_impossible(ground, ways)
    }

    fn explain(&mut self, reader: Reader, sources: &[NodeIx], ways: Bdd) -> Readability {
        let role = |node: NodeIx| self.ground.graph.nodes[node].role;
        let run_afterwards =
            sources.iter().all(|source| matches!(role(*source), Role::Undo(_) | Role::Handler));
        if run_afterwards && !sources.is_empty() {
            return Readability::Optional(Way::RunsAfterwards);
        }
        if let Reader::Node(node) = reader {
            if role(node) == Role::Handler {
                return Readability::Optional(Way::ReaderIsHandler);
            }
            if let [source] = sources
                && !self.outcomes.before.contains(&self.ground, node, *source)
            {
                return self.early_start(node, *source);
            }
        }
        Readability::Optional(Way::When(steps(&self.ground, &mut self.outcomes, reader, ways)))
    }

    /// The join between `source` and `reader` that doesn't wait for the source, and what it starts after instead.
    fn early_start(&mut self, reader: NodeIx, source: NodeIx) -> Readability {
        let mut join = reader;
        loop {
            let waits = matches!(self.ground.graph.nodes[join].join, Join::All | Join::Every);
            let sources: Vec<NodeIx> = self.ground.shape.incoming(join).map(|(_, arc)| arc.source).collect();
            let leads =
                |node: NodeIx, set: &mut Decided| node == source || set.contains(&self.ground, node, source);
            let next = if waits {
                sources.iter().copied().find(|node| leads(*node, &mut self.outcomes.upstream))
            } else {
                sources.iter().copied().find(|node| !leads(*node, &mut self.outcomes.before))
            };
            match next {
                Some(next) if waits && next != source => join = next,
                Some(after) => return Readability::NotDecided { join, after },
                None => return Readability::NotDecided { join, after: join },
            }
        }
    }
}
