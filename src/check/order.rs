//! The order in which the nodes of a graph are checked: what is read before who reads it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::plot::Layout;
use super::program::{NodeIx, Role};

/// The nodes of a graph: after everything that leads to them, undos after what they undo, the nodes of the run's end
/// last. What is in a cycle comes in source order.
pub(super) fn order(layout: &Layout<'_>, role: &dyn Fn(NodeIx) -> Role) -> Vec<NodeIx> {
    let first = layout.nodes.iter().copied().min().unwrap_or(0);
    let size = layout.nodes.iter().copied().max().map_or(0, |last| last - first + 1);
    let mut waiting = vec![0usize; size];
    let mut followers: Vec<Vec<NodeIx>> = vec![Vec::new(); size];
    let mut lead = |source: NodeIx, target: NodeIx| {
        if let (Some(after), Some(count)) = (
            source.checked_sub(first).and_then(|at| followers.get_mut(at)),
            waiting.get_mut(target.wrapping_sub(first)),
        ) {
            after.push(target);
            *count += 1;
        }
    };
    for connection in &layout.connections {
        if let Some(source) = connection.source {
            lead(source, connection.target);
        }
    }
    for node in &layout.nodes {
        if let Role::Undo(of) = role(*node) {
            lead(of, *node);
        }
    }
    let mut ready: BinaryHeap<Reverse<NodeIx>> =
        layout.nodes.iter().filter(|node| waiting[**node - first] == 0).map(|node| Reverse(*node)).collect();
    let mut sorted = Vec::with_capacity(layout.nodes.len());
    let mut done = vec![false; size];
    while let Some(Reverse(node)) = ready.pop() {
        sorted.push(node);
        done[node - first] = true;
        for follower in &followers[node - first] {
            let count = &mut waiting[*follower - first];
            *count -= 1;
            if *count == 0 {
                ready.push(Reverse(*follower));
            }
        }
    }
    sorted.extend(layout.nodes.iter().filter(|node| !done[**node - first]));
    let (ends, steps): (Vec<NodeIx>, Vec<NodeIx>) =
        sorted.into_iter().partition(|node| role(*node) == Role::Handler);
    [steps, ends].concat()
}

#[cfg(test)]
mod tests {
    use super::order;
    use crate::check::plot::{Connection, Layout};
    use crate::check::program::Role;
    use crate::source::Span;

    fn layout(nodes: usize, connections: &[(usize, usize)]) -> Layout<'static> {
        let span = Span::default();
        let connection = |(source, target): &(usize, usize)| Connection {
            source: Some(*source),
            target: *target,
            port: None,
            errors: Vec::new(),
            from: span,
            to: span,
        };
        let connections = connections.iter().map(connection).collect();
        Layout { owner: None, nodes: (0..nodes).collect(), connections, ..Layout::default() }
    }

    #[test]
    fn sources_come_first_and_handlers_last() {
        let layout = layout(4, &[(3, 1), (1, 0)]);
        let role = |node| if node == 2 { Role::Handler } else { Role::Step };
        assert_eq!(order(&layout, &role), [3, 1, 0, 2]);
    }

    #[test]
    fn a_cycle_is_no_reason_to_leave_nodes_out() {
        let layout = layout(3, &[(0, 1), (1, 0), (1, 2)]);
        assert_eq!(order(&layout, &|_| Role::Step), [0, 1, 2]);
    }
}
