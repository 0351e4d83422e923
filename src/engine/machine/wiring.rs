use std::ops::Range;
use std::sync::Arc;

use super::input::Input;
use crate::engine::Constants;
use crate::plan::expr::{Code, Op, Variable};
use crate::plan::{
    Edge, Graph, GraphId, Join, Node, NodeId, Outcome, Plan, Role, Task, Workflow, WorkflowId,
};
use crate::value::{Template, Value};

/// A plan with what is worked out of it once, however many runs it has.
#[derive(Debug)]
pub struct Wired {
    plan: Arc<Plan>,
    wirings: Vec<Wiring>,
}

impl Wired {
    /// Works out how the nodes of a plan are connected. Linear in nodes and connections.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        let wirings = plan.program().workflows.iter().map(Wiring::new).collect();
        Self { plan, wirings }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// A workflow of the plan.
    #[must_use]
    pub fn workflow(&self, id: WorkflowId) -> &Workflow {
        &self.plan.program().workflows[id.index()]
    }

    pub(super) fn wiring(&self, id: WorkflowId) -> &Wiring {
        &self.wirings[id.index()]
    }
}

/// How the nodes of a workflow are connected, by node, and what its expressions read.
#[derive(Debug)]
pub(super) struct Wiring {
    outgoing: Vec<Range<u32>>,
    incoming: Vec<Box<[u32]>>,
    graph_of: Vec<GraphId>,
    entries: Vec<Vec<NodeId>>,
    steps: Vec<u32>,
    /// For each node those whose every way leads through it, and through nothing else before; empty in graphs
    /// without a `first`.
    only_to: Vec<Vec<NodeId>>,
    reads: Vec<Box<[Variable]>>,
    /// Of activities.
    inputs: Vec<Input>,
    constants: Constants,
    secrets: Vec<Value>,
}

impl Wiring {
    fn new(workflow: &Workflow) -> Self {
        let nodes = workflow.nodes.len();
        let mut wiring = Self {
            outgoing: vec![0..0; nodes],
            incoming: vec![Box::default(); nodes],
            graph_of: vec![GraphId(0); nodes],
            entries: Vec::with_capacity(workflow.graphs.len()),
            steps: Vec::with_capacity(workflow.graphs.len()),
            only_to: vec![Vec::new(); nodes],
            reads: workflow.codes.iter().map(reads).collect(),
            inputs: workflow.nodes.iter().map(|node| input(node, workflow)).collect(),
            constants: Constants::of(workflow),
            secrets: workflow
                .secrets
                .iter()
                .map(|secret| Value::Template(Arc::new(Template::secret(secret.name.as_str()))))
                .collect(),
        };
        for (index, graph) in workflow.graphs.iter().enumerate() {
            wiring.graph(workflow, GraphId::from(index), graph);
        }
        wiring
    }

    fn graph(&mut self, workflow: &Workflow, id: GraphId, graph: &Graph) {
        let mut incoming = vec![Vec::new(); graph.count as usize];
        for (index, edge) in (0..).zip(&graph.edges) {
            incoming[edge.to.index() - graph.first.index()].push(index);
            if let Some(from) = edge.from {
                let range = &mut self.outgoing[from.index()];
                *range = if range.start == range.end { index..index + 1 } else { range.start..index + 1 };
            }
        }
        for (node, incoming) in graph.nodes().zip(incoming) {
            self.incoming[node] = incoming.into();
        }
        let is_step = |node: &usize| workflow.nodes[*node].role == Role::Step;
        let steps: Vec<usize> = graph.nodes().filter(is_step).collect();
        let is_entry = |node: &&usize| self.incoming[**node].is_empty();
        self.entries.push(steps.iter().filter(is_entry).map(|node| NodeId::from(*node)).collect());
        self.steps.push(u32::try_from(steps.len()).unwrap_or(u32::MAX));
        graph.nodes().for_each(|node| self.graph_of[node] = id);
        if graph.nodes().any(|node| matches!(workflow.nodes[node].join, Join::First(_))) {
            self.only_to(graph);
        }
    }

    /// Finds the node through which every way from a node leads, nearest first: the immediate postdominators of
    /// Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", on an acyclic graph.
    fn only_to(&mut self, graph: &Graph) {
        let first = graph.first.index();
        let mut after: Vec<Option<usize>> = vec![None; graph.count as usize];
        let mut depth = vec![0_u32; graph.count as usize];
        for node in self.backwards(graph) {
            let targets = graph.edges[range(&self.outgoing[node])].iter().map(|edge| Some(edge.to.index()));
            let next = targets.reduce(|a, b| common(a, b, first, &after, &depth)).flatten();
            after[node - first] = next;
            depth[node - first] = next.map_or(0, |next| depth[next - first] + 1);
            if let Some(next) = next {
                self.only_to[next].push(NodeId::from(node));
            }
        }
    }

    /// The nodes of a graph, each after all that it leads to.
    fn backwards(&self, graph: &Graph) -> Vec<usize> {
        let mut open: Vec<u32> = graph.nodes().map(|node| self.degree(node)).collect();
        let first = graph.first.index();
        let mut order: Vec<usize> = Vec::with_capacity(open.len());
        let mut ready: Vec<usize> = graph.nodes().filter(|node| open[node - first] == 0).collect();
        let starts = graph.edges.iter().take_while(|edge| edge.from.is_none());
        for edge in starts {
            close(&mut open, &mut ready, first, edge);
        }
        while let Some(node) = ready.pop() {
            order.push(node);
            for edge in &graph.edges[range(&self.outgoing[node])] {
                close(&mut open, &mut ready, first, edge);
            }
        }
        order.reverse();
        order
    }

    /// The connections out of a node.
    pub(super) fn outgoing<'g>(&self, graph: &'g Graph, node: NodeId) -> &'g [Edge] {
        &graph.edges[range(&self.outgoing[node.index()])]
    }

    /// The connections to a node, ordered by source.
    pub(super) fn incoming<'g>(&self, graph: &'g Graph, node: NodeId) -> impl Iterator<Item = &'g Edge> {
        self.incoming[node.index()].iter().map(|edge| &graph.edges[*edge as usize])
    }

    /// How many connections lead to a node.
    pub(super) fn arriving(&self, node: NodeId) -> u32 {
        self.degree(node.index())
    }

    fn degree(&self, node: usize) -> u32 {
        u32::try_from(self.incoming[node].len()).unwrap_or(u32::MAX)
    }

    /// The connections that are taken when a graph starts.
    pub(super) fn starts<'g>(&self, graph: &'g Graph) -> impl Iterator<Item = &'g Edge> + use<'g> {
        graph.edges.iter().take_while(|edge| edge.on == Outcome::Start)
    }

    /// The nodes of a graph to which no connection leads, in source order.
    pub(super) fn entries(&self, graph: GraphId) -> &[NodeId] {
        &self.entries[graph.index()]
    }

    /// How many nodes of a graph its connections run.
    pub(super) fn steps(&self, graph: GraphId) -> u32 {
        self.steps[graph.index()]
    }

    pub(super) fn graph_of(&self, node: NodeId) -> GraphId {
        self.graph_of[node.index()]
    }

    /// The nodes whose every way leads through `node`, and through nothing else before.
    pub(super) fn only_leading_to(&self, node: NodeId) -> &[NodeId] {
        &self.only_to[node.index()]
    }

    /// What an expression reads, each once.
    pub(super) fn reads(&self, code: crate::plan::CodeId) -> &[Variable] {
        &self.reads[code.index()]
    }

    /// What an activity is started with.
    pub(super) fn input(&self, node: NodeId) -> &Input {
        &self.inputs[node.index()]
    }

    pub(super) fn constant(&self, index: u32) -> Option<&Value> {
        self.constants.at(index)
    }

    pub(super) fn secret(&self, index: u32) -> Option<&Value> {
        self.secrets.get(index as usize)
    }
}

fn input(node: &Node, workflow: &Workflow) -> Input {
    match &node.task {
        Task::Activity(activity) => Input::new(&activity.config, &workflow.codes),
        _ => Input::default(),
    }
}

fn range(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}

fn close(open: &mut [u32], ready: &mut Vec<usize>, first: usize, edge: &Edge) {
    let target = edge.to.index();
    open[target - first] -= 1;
    if open[target - first] == 0 {
        ready.push(target);
    }
}

/// The nearest node through which both lead, or one of them itself.
fn common(
    mut a: Option<usize>,
    mut b: Option<usize>,
    first: usize,
    after: &[Option<usize>],
    depth: &[u32],
) -> Option<usize> {
    while a != b {
        let (x, y) = (a?, b?);
        if depth[x - first] >= depth[y - first] {
            a = after[x - first];
        } else {
            b = after[y - first];
        }
    }
    a
}

fn reads(code: &Code) -> Box<[Variable]> {
    let mut reads: Vec<Variable> = code
        .ops()
        .iter()
        .filter_map(|op| match op {
            Op::Variable(Variable::Local(_)) => None,
            Op::Variable(variable) => Some(*variable),
            _ => None,
        })
        .collect();
    reads.sort();
    reads.dedup();
    reads.into()
}
