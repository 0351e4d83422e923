use crate::plan::{CodeId, Error, ErrorTable, Fault, GraphId, Location, Node, Workflow};

/// A workflow that is being verified.
pub(super) struct Scope<'p> {
    pub(super) workflow: &'p Workflow,
    /// The graph of each node.
    pub(super) graph_of: Vec<GraphId>,
    /// The graph around each graph.
    pub(super) outer: Vec<Option<GraphId>>,
}

impl Scope<'_> {
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
