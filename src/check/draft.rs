//! A workflow that is being checked.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::plot::Plot;
use super::program::{GraphIx, Node, NodeIx, OnError, Retry, Role, TimeLimit, WorkflowIx};
use super::special::Roles;
use super::typed::{NodeRead, Proof};
use crate::catalog::Kind;
use crate::source::Span;
use crate::types::Type;

/// What is known of a workflow so far.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) ix: WorkflowIx,
    pub(super) plot: Rc<Plot<'a>>,
    pub(super) header: Header,
    pub(super) roles: Roles,
    /// By index; `None` where a node isn't checked yet, or too little is known of it.
    pub(super) nodes: Vec<Option<Node>>,
    /// The types of what loops hand to their bodies, by graph.
    pub(super) loops: Vec<Option<Loop>>,
    pub(super) questions: Vec<Asked>,
    /// By graph, the nodes to which a connection leads that was refused.
    pub(super) doubtful: Vec<BTreeSet<NodeIx>>,
    /// Nodes of which it is unknown when they run and where they lead: what says so is in error.
    pub(super) unclear: BTreeSet<NodeIx>,
    /// How many findings there were before those of this workflow.
    pub(super) findings_before: usize,
}

/// What the nodes take from their workflow.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The type of the input.
    pub(super) input: Type,
    pub(super) on_error: OnError,
    /// The policy that nodes without one have.
    pub(super) retry: Option<Retry>,
    pub(super) timeout: Option<(TimeLimit, Span)>,
}

/// What a loop hands to its body.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    pub(super) variable: ecow::EcoString,
    pub(super) index: ecow::EcoString,
    pub(super) item: Type,
    pub(super) state: Option<Type>,
}

/// Who reads outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reader {
    /// A node, when it starts.
    Node(NodeIx),
    /// What is evaluated when a graph is over: `output`, `collect`, `until`, `next`.
    End(GraphIx),
}

/// What was read somewhere, to be allowed or refused once the whole graph is known.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) reader: Reader,
    pub(super) reads: Vec<NodeRead>,
    pub(super) proofs: Vec<Proof>,
}

impl<'a> Draft<'a> {
    /// A workflow none of whose nodes is checked.
    pub(super) fn new(ix: WorkflowIx, plot: Rc<Plot<'a>>, header: Header, findings_before: usize) -> Self {
        let (nodes, graphs) = (plot.nodes.len(), plot.graphs.len());
        let doubtful = plot.graphs.iter().map(|layout| layout.doubtful.clone()).collect();
        Self {
            ix,
            plot,
            header,
            roles: Roles::new(nodes),
            nodes: vec![None; nodes],
            loops: vec![None; graphs],
            questions: Vec::new(),
            doubtful,
            unclear: BTreeSet::new(),
            findings_before,
        }
    }

    /// A node that has been checked.
    pub(super) fn node(&self, ix: NodeIx) -> Option<&Node> {
        self.nodes.get(ix)?.as_ref()
    }

    /// Whether a node decides about the failures of others.
    pub(super) fn is_handler(&self, ix: NodeIx) -> bool {
        self.plot.nodes[ix].kind.is_some_and(Kind::is_handler)
    }

    /// The graph that a reader belongs to.
    pub(super) fn graph_of(&self, reader: Reader) -> GraphIx {
        match reader {
            Reader::Node(node) => self.plot.nodes[node].graph,
            Reader::End(graph) => graph,
        }
    }

    /// What a node is.
    pub(super) fn role(&self, node: NodeIx) -> Role {
        self.roles.get(node)
    }
}
