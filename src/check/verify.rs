//! What was read, allowed or refused by the flow of the whole graph; and what in it can never happen.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::draft::{Asked, Draft, Reader};
use super::flow::{self, Defect, Flow, NeverTaken, Readability};
use super::program::{Edge, GraphIx, NodeIx, Role};
use super::reach::{Question, unproven};
use super::route::{Route, route};
use super::typed::{Exprs, NodeRead, Proof, ReadForm};
use crate::diagnostic::{Finding, Label, Problems, Severity};
use crate::source::Span;

/// The flow of all graphs of a workflow, the outer ones first.
pub(super) struct Verification<'d, 'a> {
    draft: &'d Draft<'a>,
    exprs: &'d Exprs,
    problems: &'d mut Problems,
    /// By graph, what is read in it.
    questions: Vec<Vec<&'d Asked>>,
    flows: Vec<(Route, Flow)>,
    /// What may not be read in the graph at hand: each once for a reader, however often it is written there.
    refusals: BTreeMap<Refused, Refusal>,
}

/// Who may not read what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Refused {
    reader: Reader,
    of: NodeIx,
    /// Whether it is the error.
    error: bool,
}

/// That something may not be read.
struct Refusal {
    finding: Finding,
    /// No connection leads from what is read to the reader.
    is_early: bool,
}

/// Reports what may not be read, and what can never happen.
pub(super) fn verify(draft: &Draft<'_>, edges: &[Vec<Edge>], exprs: &Exprs, problems: &mut Problems) {
    let mut questions: Vec<Vec<&Asked>> = vec![Vec::new(); draft.plot.graphs.len()];
    for asked in &draft.questions {
        questions[draft.graph_of(asked.reader)].push(asked);
    }
    let mut verification =
        Verification { draft, exprs, problems, questions, flows: Vec::new(), refusals: BTreeMap::new() };
    let foreign = foreign(draft);
    for (graph, edges) in edges.iter().enumerate() {
        verification.graph(graph, edges, &foreign[graph]);
    }
}

/// By graph, the outer nodes that it or a body in it reads.
fn foreign(draft: &Draft<'_>) -> Vec<BTreeSet<NodeIx>> {
    let mut foreign = vec![BTreeSet::new(); draft.plot.graphs.len()];
    for asked in &draft.questions {
        let nodes = asked.reads.iter().map(|read| read.node);
        for node in nodes.chain(asked.proofs.iter().flat_map(|proof| proof.nodes.iter().copied())) {
            let mut graph = draft.graph_of(asked.reader);
            while draft.plot.nodes[node].graph != graph {
                foreign[graph].insert(node);
                match draft.plot.graphs[graph].owner {
                    Some(owner) => graph = draft.plot.nodes[owner].graph,
                    None => break,
                }
            }
        }
    }
    foreign
}

impl Verification<'_, '_> {
    fn graph(&mut self, graph: GraphIx, edges: &[Edge], foreign: &BTreeSet<NodeIx>) {
        let outer: Vec<(NodeIx, bool)> = foreign
            .iter()
            .map(|node| (*node, self.from_outside(graph, *node) == Some(Readability::Readable)))
            .collect();
        let mut route = route(self.draft, graph, edges, &outer, self.exprs);
        let exprs = self.exprs;
        let asked = std::mem::take(&mut self.questions[graph]);
        let mut given = |id| route.guards.given(exprs, id);
        self.refusals.clear();
        let mut reads: Vec<(Reader, &NodeRead, Option<flow::Guard>)> = asked
            .iter()
            .flat_map(|asked| asked.reads.iter().map(|read| (asked.reader, read)))
            .map(|(reader, read)| (reader, read, given(read.given)))
            .collect();
        reads.sort_by_key(|(_, read, _)| read.span);
        let proofs: Vec<(Reader, &Proof, flow::Guard)> = asked
            .iter()
            .flat_map(|asked| asked.proofs.iter().map(|proof| (asked.reader, proof)))
            .map(|(reader, proof)| (reader, proof, route.guards.unless(exprs, proof.given, &proof.asks)))
            .collect();
        route.graph.classes = route.guards.classes();
        let flow = Flow::new(std::mem::take(&mut route.graph));
        self.flows.push((route, flow));
        self.report_cycles(graph);
        for (reader, read, given) in reads {
            self.read(graph, reader, read, given.as_ref());
        }
        for (reader, proof, given) in proofs {
            self.proof(graph, reader, proof, &given);
        }
        self.report_refusals(graph);
        self.report_defects(graph);
    }

    /// What an outer graph says of a node that a body reads; `None` in a workflow's own graph.
    fn from_outside(&mut self, graph: GraphIx, node: NodeIx) -> Option<Readability> {
        let owner = self.draft.plot.graphs[graph].owner?;
        let outer = self.draft.plot.nodes[owner].graph;
        let (route, flow) = self.flows.get_mut(outer)?;
        let (reader, source) = (*route.local.get(&owner)?, *route.local.get(&node)?);
        let answer = flow.readable(flow::Reader::Node(reader), source);
        if self.draft.plot.nodes[node].graph != outer && answer != Readability::Readable {
            return self.from_outside(outer, node);
        }
        Some(answer)
    }

    fn read(&mut self, graph: GraphIx, reader: Reader, read: &NodeRead, given: Option<&flow::Guard>) {
        let Some((local, source)) = self.places(graph, reader, read.node) else { return };
        // What runs at the end has nothing yet when a graph's output is made.
        let runs_afterwards = reader == Reader::End(graph) && self.draft.role(read.node) != Role::Step;
        let flow = &mut self.flows[graph].1;
        let mut answer = match read.form {
            ReadForm::Output => flow.one_of(local, &[source], given),
            ReadForm::Error => flow.error_readable(local, source, given),
            ReadForm::MaybeOutput | ReadForm::MaybeError
                if !runs_afterwards && flow.is_upstream(local, source) =>
            {
                return;
            }
            ReadForm::MaybeOutput | ReadForm::MaybeError => flow.readable(local, source),
        };
        let maybe = matches!(read.form, ReadForm::MaybeOutput | ReadForm::MaybeError);
        if self.draft.plot.nodes[read.node].graph != graph && answer != Readability::Readable {
            answer = match self.from_outside(graph, read.node) {
                Some(Readability::Optional(_) | Readability::NotDecided { .. }) if maybe => return,
                Some(Readability::Readable) | None => return,
                Some(other) => other,
            };
        } else if maybe && !runs_afterwards && !matches!(answer, Readability::NotUpstream { .. }) {
            return;
        }
        let is_early = matches!(answer, Readability::NotUpstream { .. });
        if !is_early && self.exprs.assumes_bad(read.given) {
            // A condition in error may be the one that tells.
            return;
        }
        let error = matches!(read.form, ReadForm::Error | ReadForm::MaybeError);
        let refused = Refused { reader, of: read.node, error };
        if let Some(refusal) = self.refusals.get_mut(&refused) {
            refusal.finding.labels.push(Label { span: read.span, text: "and here".into() });
        } else if let Some(finding) =
            self.refusal(graph, reader, &[read.node], read.span, (error, false), &answer)
        {
            self.refusals.insert(refused, Refusal { finding, is_early });
        }
    }

    /// Whether a reader reads a node before which it may start.
    fn is_early(&self, reader: Reader, of: NodeIx) -> bool {
        let refused = |error| self.refusals.get(&Refused { reader, of, error });
        [false, true].into_iter().filter_map(refused).any(|refusal| refusal.is_early)
    }

    /// Reports what may not be read. Where nodes one after the other read what none of them comes after, the first of
    /// them lacks the connection; and what is to be said of a node that lacks one follows from that.
    fn report_refusals(&mut self, graph: GraphIx) {
        let refusals = std::mem::take(&mut self.refusals);
        let early: Vec<(Reader, NodeIx)> = (refusals.iter())
            .filter(|(_, refusal)| refusal.is_early)
            .map(|(refused, _)| (refused.reader, refused.of))
            .collect();
        for (refused, refusal) in &refusals {
            if !self.follows(graph, *refused, refusal.is_early, &early) {
                self.problems.report(refusal.finding.clone());
            }
        }
        self.refusals = refusals;
    }

    fn follows(
        &mut self,
        graph: GraphIx,
        refused: Refused,
        is_early: bool,
        early: &[(Reader, NodeIx)],
    ) -> bool {
        if !is_early {
            return early.iter().any(|(reader, _)| *reader == Reader::Node(refused.of));
        }
        // A node that nothing leads to lacks its connections as a whole.
        let is_alone =
            |reader| matches!(reader, Reader::Node(node) if self.draft.plot.incoming(node).next().is_none());
        let is_later = |(reader, of): &(Reader, NodeIx)| *reader == refused.reader && *of < refused.of;
        if is_alone(refused.reader) && early.iter().any(is_later) {
            return true;
        }
        let Some(local) = self.local_reader(graph, refused.reader) else { return false };
        early.iter().any(|(reader, of)| match reader {
            Reader::Node(before) if *of == refused.of && *reader != refused.reader => {
                let (route, flow) = &mut self.flows[graph];
                route.local.get(before).is_some_and(|before| flow.is_upstream(local, *before))
            }
            _ => false,
        })
    }

    /// `given` also says that none of the conditions holds that would be enough.
    fn proof(&mut self, graph: GraphIx, reader: Reader, proof: &Proof, given: &flow::Guard) {
        let Some(local) = self.local_reader(graph, reader) else { return };
        let sources: Option<Vec<flow::NodeIx>> =
            proof.nodes.iter().map(|node| self.flows[graph].0.local.get(node).copied()).collect();
        let Some(sources) = sources else { return };
        match self.flows[graph].1.one_of(local, &sources, Some(given)) {
            // Each of the reads has been refused already.
            Readability::Readable | Readability::Unknown | Readability::NotUpstream { .. } => {}
            _ if proof.nodes.iter().any(|of| self.is_early(reader, *of)) => {}
            _ if self.exprs.assumes_bad(proof.given) => {}
            _ if sources.is_empty() => self.problems.report(unproven(proof.span)),
            answer => {
                let finding = self.refusal(graph, reader, &proof.nodes, proof.span, (false, true), &answer);
                finding.into_iter().for_each(|finding| self.problems.report(finding));
            }
        }
    }

    /// The finding of an answer; the pair says whether the error is read, and whether a value is proven.
    fn refusal(
        &self,
        graph: GraphIx,
        reader: Reader,
        of: &[NodeIx],
        span: Span,
        (error, value): (bool, bool),
        answer: &Readability,
    ) -> Option<Finding> {
        // An answer about an outer node speaks of the outer graph.
        let told = of.first().map_or(graph, |node| match self.draft.plot.nodes[*node].graph {
            other if other != graph => other,
            _ => graph,
        });
        let route = &self.flows[told].0;
        let of = of.first().and_then(|node| route.local.get(node)).copied()?;
        let to = match reader {
            Reader::Node(node) if self.draft.role(node) == Role::Step => Some(self.connected_at(told, node)),
            _ => None,
        };
        let question = Question { of, reader: self.reader_name(reader), to, span, error, value };
        route.names.refusal(&question, answer)
    }

    /// The name of the node that stands for another one in a graph: the loop that it is in the body of, or it itself.
    fn connected_at(&self, graph: GraphIx, mut node: NodeIx) -> EcoString {
        while self.draft.plot.nodes[node].graph != graph
            && let Some(owner) = self.draft.plot.layout_of(node).owner
        {
            node = owner;
        }
        self.draft.plot.nodes[node].name().clone()
    }

    fn reader_name(&self, reader: Reader) -> String {
        let name = |node: NodeIx| self.draft.plot.nodes[node].name();
        match reader {
            Reader::Node(node) => format!("`{}`", name(node)),
            Reader::End(graph) => match self.draft.plot.graphs[graph].owner {
                Some(owner) => format!("the end of an iteration of `{}`", name(owner)),
                None => "the output".into(),
            },
        }
    }

    fn places(&self, graph: GraphIx, reader: Reader, node: NodeIx) -> Option<(flow::Reader, flow::NodeIx)> {
        let local = self.local_reader(graph, reader)?;
        Some((local, *self.flows.get(graph)?.0.local.get(&node)?))
    }

    fn local_reader(&self, graph: GraphIx, reader: Reader) -> Option<flow::Reader> {
        match reader {
            Reader::Node(reader) => Some(flow::Reader::Node(*self.flows.get(graph)?.0.local.get(&reader)?)),
            Reader::End(_) => Some(flow::Reader::Output),
        }
    }

    fn report_cycles(&mut self, graph: GraphIx) {
        let (route, flow) = &self.flows[graph];
        for cycle in flow.cycles() {
            if let Some(at) = route.connections.get(cycle.closing) {
                self.problems.report(route.names.cycle(cycle, *at));
            }
        }
    }

    /// Whether an error that is reported makes a node look unconnected, or its join too large: a connection of it was
    /// refused, or what it says without one is wrong.
    fn follows_from_errors(&self, graph: GraphIx, defect: &Defect) -> bool {
        let layout = &self.draft.plot.graphs[graph];
        let (Defect::Unconnected(node) | Defect::JoinWithoutChoice(node) | Defect::JoinTooLarge { node, .. }) =
            defect
        else {
            return false;
        };
        let Some(node) = layout.nodes.get(*node) else { return false };
        let place = &self.draft.plot.nodes[*node];
        if !matches!(defect, Defect::Unconnected(_)) {
            let mut refusals = self.refusals.iter();
            return refusals.any(|(refused, it)| it.is_early && refused.reader == Reader::Node(*node));
        }
        let is_inside = |finding: &Finding| {
            finding.severity == Severity::Error && place.written.span.contains(finding.span)
        };
        let lacks_reader = |(refused, it): (&Refused, &Refusal)| it.is_early && refused.of == *node;
        layout.mentioned.contains(node)
            || self.refusals.iter().any(lacks_reader)
            || layout.ambiguous.contains(place.name())
            || self.problems.iter().skip(self.draft.findings_before).any(is_inside)
    }

    fn report_defects(&mut self, graph: GraphIx) {
        let mut defects = self.flows[graph].1.defects();
        defects.retain(|defect| !self.follows_from_errors(graph, defect));
        let (route, _) = &self.flows[graph];
        let dead = dead_ways(&defects);
        let mut incoming: BTreeMap<flow::NodeIx, usize> = BTreeMap::new();
        for target in &route.targets {
            *incoming.entry(*target).or_default() += 1;
        }
        let mut unreached: BTreeMap<flow::NodeIx, usize> = BTreeMap::new();
        for target in dead.iter().filter_map(|connection| route.targets.get(*connection)) {
            *unreached.entry(*target).or_default() += 1;
        }
        // A node all of whose connections are dead is the mistake, not each of them.
        let never: BTreeSet<flow::NodeIx> = unreached
            .iter()
            .filter(|(node, dead)| incoming.get(node) == Some(dead))
            .map(|(node, _)| *node)
            .collect();
        let speaks_of_never = |defect: &Defect| match defect {
            Defect::DeadRoute { connection, because: NeverTaken::Excluded } => {
                route.targets.get(*connection).is_some_and(|target| never.contains(target))
            }
            _ => false,
        };
        for defect in defects.iter().filter(|defect| !speaks_of_never(defect)) {
            if let Some(finding) = route.names.defect(defect, &route.connections, &route.joins) {
                self.problems.report(finding);
            }
        }
        for finding in never.iter().filter_map(|node| route.names.never_runs(*node)) {
            self.problems.report(finding);
        }
    }
}

fn dead_ways(defects: &[Defect]) -> Vec<flow::ConnectionIx> {
    defects
        .iter()
        .filter_map(|defect| match defect {
            Defect::DeadRoute { connection, because: NeverTaken::Excluded } => Some(*connection),
            _ => None,
        })
        .collect()
}
