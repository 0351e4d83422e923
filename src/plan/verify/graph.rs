use super::scope::Scope;
use crate::plan::{Edge, Error, Fault, Graph, GraphId, Join, Node, NodeId, Outcome, Role, Task};

/// Verifies how the nodes of a workflow are shared out and connected. Linear in nodes and connections.
///
/// Gives the graph of each node, and the graph around each graph.
pub(super) fn graphs(scope: &Scope<'_>) -> Result<(Vec<GraphId>, Vec<Option<GraphId>>), Error> {
    let graph_of = partition(scope)?;
    let outer = ownership(scope, &graph_of)?;
    let mut incoming = vec![0_usize; scope.workflow.nodes.len()];
    for graph in &scope.workflow.graphs {
        edges(scope, graph)?;
        for edge in &graph.edges {
            incoming[edge.to.index()] += 1;
        }
    }
    for (index, count) in incoming.iter().enumerate() {
        joins(scope, NodeId::from(index), *count)?;
        roles(scope, NodeId::from(index), *count, &graph_of)?;
    }
    scope.workflow.graphs.iter().try_for_each(|graph| acyclic(scope, graph))?;
    Ok((graph_of, outer))
}

/// The graph of each node. Graphs stand side by side and share out all nodes.
fn partition(scope: &Scope<'_>) -> Result<Vec<GraphId>, Error> {
    let mut graph_of = Vec::with_capacity(scope.workflow.nodes.len());
    for (index, graph) in scope.workflow.graphs.iter().enumerate() {
        let nodes = graph.nodes();
        if nodes.start != graph_of.len() || nodes.end > scope.workflow.nodes.len() {
            return Err(scope.fault(Fault::Partition));
        }
        graph_of.resize(nodes.end, GraphId::from(index));
    }
    if graph_of.len() == scope.workflow.nodes.len() && !scope.workflow.graphs.is_empty() {
        Ok(graph_of)
    } else {
        Err(scope.fault(Fault::Partition))
    }
}

/// Each graph but the first is the body of one loop, which stands in a graph before it. Gives that graph.
fn ownership(scope: &Scope<'_>, graph_of: &[GraphId]) -> Result<Vec<Option<GraphId>>, Error> {
    let mut outer = vec![None; scope.workflow.graphs.len()];
    for (node, graph) in scope.workflow.nodes.iter().zip(graph_of) {
        let Task::Loop(task) = &node.task else { continue };
        match outer.get_mut(task.body.index()) {
            Some(outer @ None) if *graph < task.body => *outer = Some(*graph),
            _ => return Err(scope.node_fault(node, Fault::Ownership)),
        }
    }
    if outer.iter().skip(1).all(Option::is_some) { Ok(outer) } else { Err(scope.fault(Fault::Ownership)) }
}

fn edges(scope: &Scope<'_>, graph: &Graph) -> Result<(), Error> {
    if !graph.edges.is_sorted_by(|a, b| a < b) {
        return Err(scope.fault(Fault::Unordered { table: "connections" }));
    }
    graph.edges.iter().try_for_each(|edge| self::edge(scope, graph, edge))
}

fn edge(scope: &Scope<'_>, graph: &Graph, edge: &Edge) -> Result<(), Error> {
    let nodes = graph.nodes();
    if !nodes.contains(&edge.to.index()) || edge.from.is_some_and(|from| !nodes.contains(&from.index())) {
        return Err(scope.fault(Fault::LeavesGraph));
    }
    let Some(source) = edge.from.and_then(|from| scope.workflow.nodes.get(from.index())) else {
        let waits = edge.on != Outcome::Start;
        return if waits { Err(scope.fault(Fault::Source)) } else { Ok(()) };
    };
    let fault = |fault| Err(scope.node_fault(source, fault));
    let fails_with = |error| scope.errors(source).is_some_and(|table| table.contains_key(error));
    match &edge.on {
        Outcome::Start => fault(Fault::Source),
        Outcome::Port(port) if *port as usize >= source.ports.len() => {
            fault(Fault::OutOfRange { table: "port", index: *port as usize, count: source.ports.len() })
        }
        Outcome::Errors(errors) if errors.is_empty() || !errors.is_sorted_by(|a, b| a < b) => {
            fault(Fault::Unordered { table: "errors of a connection" })
        }
        Outcome::Errors(errors) => match errors.iter().find(|error| !fails_with(*error)) {
            Some(error) => fault(Fault::ForeignError { error: error.clone() }),
            None => Ok(()),
        },
        Outcome::Port(_) | Outcome::OtherErrors => Ok(()),
    }
}

fn joins(scope: &Scope<'_>, id: NodeId, incoming: usize) -> Result<(), Error> {
    let node = &scope.workflow.nodes[id.index()];
    match node.join {
        Join::AtLeast(needed) | Join::First(needed) if needed == 0 || needed as usize > incoming => {
            Err(scope.node_fault(node, Fault::Join { needed, count: incoming }))
        }
        _ => Ok(()),
    }
}

/// An undo and the node that it undoes name each other and stand in one graph; what runs only when the run stops
/// has no connections.
fn roles(scope: &Scope<'_>, id: NodeId, incoming: usize, graph_of: &[GraphId]) -> Result<(), Error> {
    let workflow = scope.workflow;
    let node = &workflow.nodes[id.index()];
    let graph = graph_of[id.index()];
    let handles = [workflow.on_failure, workflow.finally].contains(&Some(id));
    let plays = match node.role {
        Role::Step => !handles,
        Role::Handler => handles && graph.index() == 0,
        Role::Undo(of) => {
            workflow.nodes.get(of.index()).is_some_and(|of| of.compensate == Some(id)) && !handles
        }
        Role::Message(of) => {
            let tells = |of: &Node| matches!(&of.task, Task::Approval(task) if task.notify == Some(id));
            let is_message =
                matches!(node.task, Task::Activity(_)) && graph_of.get(of.index()) == Some(&graph);
            is_message && workflow.nodes.get(of.index()).is_some_and(tells) && !handles
        }
    };
    let is_told = match &node.task {
        Task::Approval(task) => task.notify.is_none_or(|message| {
            workflow.nodes.get(message.index()).is_some_and(|message| message.role == Role::Message(id))
        }),
        _ => true,
    };
    let undone = node.compensate.is_none_or(|undo| {
        workflow.nodes.get(undo.index()).is_some_and(|undo| undo.role == Role::Undo(id))
            && graph_of.get(undo.index()) == Some(&graph)
    });
    if !plays || !undone || !is_told {
        return Err(scope.node_fault(node, Fault::Role));
    }
    let edges = &workflow.graphs[graph.index()].edges;
    if node.role != Role::Step && (incoming > 0 || !leaving(edges, id).is_empty()) {
        return Err(scope.node_fault(node, Fault::Connected));
    }
    Ok(())
}

/// The connections out of a node, in a list that is ordered by source.
fn leaving(edges: &[Edge], node: NodeId) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.from < Some(node));
    let end = edges.partition_point(|edge| edge.from <= Some(node));
    &edges[start..end]
}

/// Takes away what waits for nothing until all is gone; what stays stands in or behind a cycle (Kahn).
fn acyclic(scope: &Scope<'_>, graph: &Graph) -> Result<(), Error> {
    let first = graph.first.index();
    let mut waits = vec![0_usize; graph.nodes().len()];
    for edge in graph.edges.iter().filter(|edge| edge.from.is_some()) {
        waits[edge.to.index() - first] += 1;
    }
    let mut ready: Vec<usize> = (0..waits.len()).filter(|node| waits[*node] == 0).collect();
    let mut decided = 0;
    while let Some(node) = ready.pop() {
        decided += 1;
        for edge in leaving(&graph.edges, NodeId::from(first + node)) {
            let target = edge.to.index() - first;
            waits[target] -= 1;
            if waits[target] == 0 {
                ready.push(target);
            }
        }
    }
    if decided == waits.len() {
        return Ok(());
    }
    let stuck = waits.iter().position(|waits| *waits > 0).and_then(|at| scope.workflow.nodes.get(first + at));
    Err(stuck.map_or_else(|| scope.fault(Fault::Cycle), |node| scope.node_fault(node, Fault::Cycle)))
}
