use crate::plan::{NodeId, Program, Task, WorkflowId};
use crate::value::EcoString;

/// A path without the numbers of iterations: `pages[3].get` is one of `pages.get`.
pub(super) fn general(path: &str) -> EcoString {
    let mut general = EcoString::new();
    let mut is_number = false;
    for character in path.chars() {
        match character {
            '[' => is_number = true,
            ']' => is_number = false,
            _ if is_number => {}
            other => general.push(other),
        }
    }
    general
}

/// The node that a general path leads to, and its workflow: through the bodies of loops, and through children.
pub(super) fn locate(program: &Program, path: &str) -> Option<(WorkflowId, NodeId)> {
    let mut runs = path.split('/');
    let mut at = (WorkflowId(0), within(program, WorkflowId(0), runs.next()?)?);
    for inner in runs {
        let workflow = &program.workflows[at.0.index()];
        let Task::Child(child) = &workflow.nodes[at.1.index()].task else { return None };
        let callee = *workflow.callees.get(child.callee.index())?;
        at = (callee, within(program, callee, inner)?);
    }
    Some(at)
}

/// The node of a run that a path of names leads to.
fn within(program: &Program, workflow: WorkflowId, path: &str) -> Option<NodeId> {
    let workflow = program.workflows.get(workflow.index())?;
    let (mut graph, mut found) = (workflow.graphs.first()?, None);
    for name in path.split('.') {
        if let Some(outer) = found {
            let outer: NodeId = outer;
            let Task::Loop(repeat) = &workflow.nodes[outer.index()].task else { return None };
            graph = workflow.graphs.get(repeat.body.index())?;
        }
        found = Some(NodeId::from(graph.nodes().find(|node| workflow.nodes[*node].name == name)?));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn iterations_of_one_node_have_one_general_path() {
        assert_eq!(general("pages[3].pay/each[0].get"), "pages.pay/each.get");
        assert_eq!(general("plain"), "plain");
    }
}
