use super::scope::Scope;
use crate::plan::expr::{Op, Variable};
use crate::plan::references::Reference;
use crate::plan::{CodeId, Error, Fault, GraphId, NodeId, canonical};

/// What an expression may read besides constants.
#[derive(Clone, Copy)]
enum View {
    /// Constants before this one, and nothing else.
    Constants(usize),
    /// What there is when a run starts.
    Start,
    /// The nodes of this graph and of those around it, and the variables of their loops.
    Graph(GraphId),
}

/// Verifies that each expression stands in one place and reads only what is there.
pub(super) fn codes(scope: &Scope<'_>) -> Result<(), Error> {
    let mut used = vec![false; scope.workflow.codes.len()];
    let mut code = |id: CodeId, view| {
        match used.get_mut(id.index()) {
            Some(used) if !*used => *used = true,
            Some(_) => return Err(scope.code_fault(id, Fault::Shared)),
            None => {
                let (table, index, count) = ("expression", id.index(), scope.workflow.codes.len());
                return Err(scope.fault(Fault::OutOfRange { table, index, count }));
            }
        }
        reads(scope, id, view)
    };
    for (index, constant) in scope.workflow.constants.iter().enumerate() {
        code(constant.value, View::Constants(index))?;
    }
    for default in scope.workflow.settings.iter().filter_map(|setting| setting.default) {
        code(default, View::Constants(scope.workflow.constants.len()))?;
    }
    for (reference, node) in scope.references() {
        let graph = node.and_then(|node| scope.graph_of.get(node.index()));
        match reference {
            Reference::Code(id) => code(id, graph.map_or(View::Start, |graph| View::Graph(*graph)))?,
            Reference::BodyCode(id, body) => code(id, View::Graph(body))?,
            _ => {}
        }
    }
    match used.iter().position(|used| !used) {
        Some(unused) => Err(scope.code_fault(CodeId::from(unused), Fault::Unused)),
        None => Ok(()),
    }
}

fn reads(scope: &Scope<'_>, id: CodeId, view: View) -> Result<(), Error> {
    let Some(code) = scope.workflow.codes.get(id.index()) else { return Ok(()) };
    for op in code.ops() {
        match op {
            Op::Variable(variable) if !visible(scope, *variable, view) => {
                return Err(scope.code_fault(id, Fault::Invisible { variable: name(*variable) }));
            }
            Op::Fail(defect) => {
                return Err(scope.code_fault(id, Fault::Defect(defect.clone())));
            }
            _ => {}
        }
    }
    Ok(())
}

fn visible(scope: &Scope<'_>, variable: Variable, view: View) -> bool {
    let within = |index: u32, count: usize| (index as usize) < count;
    match (variable, view) {
        (Variable::Local(_), _) => true,
        (Variable::Constant(index), View::Constants(before)) => within(index, before),
        (_, View::Constants(_)) => false,
        (Variable::Constant(index), _) => within(index, scope.workflow.constants.len()),
        (Variable::Setting(index), _) => within(index, scope.workflow.settings.len()),
        (Variable::Input | Variable::Run | Variable::Now, _) => true,
        (_, View::Start) | (Variable::Body | Variable::Binding(_), _) => false,
        (Variable::Secret(index), _) => within(index, scope.workflow.secrets.len()),
        (Variable::Error | Variable::Failure | Variable::Link, _) => true,
        (
            Variable::Node(node)
            | Variable::MaybeNode(node)
            | Variable::NodeError(node)
            | Variable::MaybeNodeError(node),
            View::Graph(graph),
        ) => sees(scope, NodeId(node), graph),
        (Variable::Item(out) | Variable::Index(out) | Variable::State(out), View::Graph(graph)) => {
            around(scope, graph).count() > out as usize + 1
        }
    }
}

/// A variable as the plan has it.
fn name(variable: Variable) -> String {
    String::from_utf8_lossy(&canonical(&variable)).replace('"', "")
}

/// Whether a node stands in the graph or in one around it.
fn sees(scope: &Scope<'_>, node: NodeId, graph: GraphId) -> bool {
    let home = scope.graph_of.get(node.index());
    home.is_some_and(|home| around(scope, graph).any(|graph| graph == *home))
}

/// A graph and those around it, the innermost first; a graph comes after the one around it, so this ends.
fn around<'s>(scope: &'s Scope<'_>, graph: GraphId) -> impl Iterator<Item = GraphId> + 's {
    std::iter::successors(Some(graph), |graph| scope.outer.get(graph.index()).copied().flatten())
}
