use super::scope::Scope;
use crate::plan::references::Reference;
use crate::plan::{Error, Fault, Node, Task};
use crate::value::ShapeId;

/// Verifies that everything that the workflow and its nodes refer to is there, and what only their kinds can say.
pub(super) fn references(scope: &Scope<'_>) -> Result<(), Error> {
    let workflow = scope.workflow;
    let settings = workflow.settings.iter().map(|setting| Reference::Shape(setting.shape));
    let details = workflow.errors.iter().flat_map(|table| table.values()).filter_map(|error| error.details);
    for reference in settings.chain(details.map(Reference::Shape)) {
        in_range(scope, reference).map_err(|fault| scope.fault(fault))?;
    }
    for (reference, node) in scope.references() {
        in_range(scope, reference).map_err(|fault| {
            match node.and_then(|node| workflow.nodes.get(node.index())) {
                Some(node) => scope.node_fault(node, fault),
                None => scope.fault(fault),
            }
        })?;
    }
    workflow.nodes.iter().try_for_each(|node| ports(node).map_err(|fault| scope.node_fault(node, fault)))
}

fn in_range(scope: &Scope<'_>, reference: Reference) -> Result<(), Fault> {
    let workflow = scope.workflow;
    let (table, index, count) = match reference {
        Reference::Code(id) | Reference::BodyCode(id, _) => ("expression", id.index(), workflow.codes.len()),
        Reference::Shape(ShapeId(id)) => ("shape", id as usize, workflow.shapes.len()),
        Reference::Node(id) => ("node", id.index(), workflow.nodes.len()),
        Reference::Graph(id) => ("graph", id.index(), workflow.graphs.len()),
        Reference::Retry(id) => ("retry policy", id.index(), workflow.retries.len()),
        Reference::Errors(id) => ("error table", id.index(), workflow.errors.len()),
        Reference::Breaker(id) => ("breaker", id.index(), workflow.breakers.len()),
        Reference::Limit(id) => ("limit", id.index(), workflow.limits.len()),
        Reference::Remote(id) => ("remote activity", id.index(), workflow.remotes.len()),
        Reference::Callee(id) => ("callee", id.index(), workflow.callees.len()),
    };
    if index < count { Ok(()) } else { Err(Fault::OutOfRange { table, index, count }) }
}

/// A condition has a port for each case and one for none of them.
fn ports(node: &Node) -> Result<(), Fault> {
    match &node.task {
        Task::Condition(condition) if node.ports.len() != condition.cases.len() + 1 => {
            Err(Fault::Bounds { what: "its number of ports" })
        }
        _ => Ok(()),
    }
}
