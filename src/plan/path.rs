use super::{NodeId, Plan, Program, Task, WorkflowId};

impl Program {
    /// The node that a path leads to from a workflow, and its workflow: through the bodies of loops, whatever the
    /// iteration, and through children.
    #[must_use]
    pub fn node_at(&self, workflow: WorkflowId, path: &str) -> Option<(WorkflowId, NodeId)> {
        let mut runs = path.split('/');
        let mut at = (workflow, self.within(workflow, runs.next()?)?);
        for inner in runs {
            let workflow = self.workflows.get(at.0.index())?;
            let Task::Child(child) = &workflow.nodes.get(at.1.index())?.task else { return None };
            let callee = *workflow.callees.get(child.callee.index())?;
            at = (callee, self.within(callee, inner)?);
        }
        Some(at)
    }

    /// The node of a run that a path of names leads to.
    fn within(&self, workflow: WorkflowId, path: &str) -> Option<NodeId> {
        let workflow = self.workflows.get(workflow.index())?;
        let (mut graph, mut found) = (workflow.graphs.first()?, None::<NodeId>);
        for step in path.split('.') {
            if let Some(outer) = found {
                let Task::Loop(repeat) = &workflow.nodes.get(outer.index())?.task else { return None };
                graph = workflow.graphs.get(repeat.body.index())?;
            }
            let name = step.split('[').next().unwrap_or(step);
            let mut nodes = graph.nodes();
            found = Some(nodes.find(|node| workflow.nodes[*node].name == name)?.into());
        }
        found
    }
}

impl Plan {
    /// Where the node of a path stands, or the workflow where it leads to none: `order.citadel:12`.
    #[must_use]
    pub fn line_of(&self, workflow: WorkflowId, path: &str) -> Option<String> {
        let place = match self.program().node_at(workflow, path) {
            Some((workflow, node)) => {
                self.debug().workflows.get(workflow.index())?.nodes.get(node.index())?.name
            }
            None => self.debug().workflows.get(workflow.index())?.name,
        };
        let file = self.debug().files.get(place.0 as usize)?;
        let line = file.text.get(..place.1 as usize)?.matches('\n').count() + 1;
        Some(format!("{}:{line}", file.path))
    }
}
