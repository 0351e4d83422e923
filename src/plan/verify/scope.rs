use crate::plan::references::Reference;
use crate::plan::{CodeId, Error, ErrorTable, Fault, GraphId, Location, Node, NodeId, Workflow};

/// A workflow that is being verified.
pub(super) struct Scope<'p> {
    pub(super) workflow: &'p Workflow,
    /// The graph of each node.
    pub(super) graph_of: Vec<GraphId>,
    /// The graph around each graph.
    pub(super) outer: Vec<Option<GraphId>>,
    /// What the workflow and its nodes refer to, and where each node's references end.
    references: Vec<Reference>,
    ends: Vec<usize>,
}

impl<'p> Scope<'p> {
    /// Nothing is known yet but what refers to what.
    pub(super) fn new(workflow: &'p Workflow) -> Self {
        let mut references = Vec::new();
        workflow.references(&mut references);
        let mut ends = vec![references.len()];
        for node in &workflow.nodes {
            node.references(&mut references);
            ends.push(references.len());
        }
        Self { workflow, graph_of: Vec::new(), outer: Vec::new(), references, ends }
    }

    /// What is referred to: by the workflow itself, then by each node.
    pub(super) fn references(&self) -> impl Iterator<Item = (Reference, Option<NodeId>)> + '_ {
        let own = self.references.iter().take(self.ends[0]).map(|reference| (*reference, None));
        own.chain(self.ends.windows(2).enumerate().flat_map(|(node, ends)| {
            self.references[ends[0]..ends[1]]
                .iter()
                .map(move |reference| (*reference, Some(NodeId::from(node))))
        }))
    }

    pub(super) fn fault(&self, fault: Fault) -> Error {
        Error::invalid(Location::Workflow(self.workflow.name.clone()), fault)
    }

    pub(super) fn node_fault(&self, node: &Node, fault: Fault) -> Error {
        let place = Location::Node { workflow: self.workflow.name.clone(), node: node.name.clone() };
        Error::invalid(place, fault)
    }

    pub(super) fn code_fault(&self, code: CodeId, fault: Fault) -> Error {
        let place = Location::Expr { workflow: self.workflow.name.clone(), expr: code.index() };
        Error::invalid(place, fault)
    }

    /// The errors that a node may fail with, in a workflow whose tables have been verified.
    pub(super) fn errors(&self, node: &Node) -> Option<&ErrorTable> {
        self.workflow.errors.get(node.errors.index())
    }
}

impl Error {
    pub(super) fn invalid(place: Location, fault: Fault) -> Self {
        Self::Invalid { place: Box::new(place), fault }
    }
}
