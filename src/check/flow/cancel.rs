//! Which `first` can cancel which node, and that it must have started then.

use super::bdd::{Bdd, TooLarge, Variable};
use super::decided::Decided;
use super::graph::{Graph, Join, NodeIx};
use super::ground::Ground;
use super::outcome::Outcomes;
use super::shape::Shape;
use super::tree::{Tree, VertexIx};

/// For each node the nearest `first` that can cancel it: one that stands on every way from the node (the node is
/// "only on the way there") and can start before the node is decided. Where that one is followed by the next one from
/// it, all others are met that can start although the nearest doesn't.
pub(super) fn cancellers(ground: &Ground) -> Vec<Option<NodeIx>> {
    let Ground { graph, shape, certain, .. } = ground;
    let mut decided = Decided::before();
    let mut canceller = vec![None; graph.nodes.len()];
    let cancels = |node: NodeIx| matches!(graph.nodes[node].join, Join::AtLeast { cancels: true, .. });
    if !(0..graph.nodes.len()).any(cancels) {
        return canceller;
    }
    for (node, nearest) in nearest(graph, shape, cancels).into_iter().enumerate() {
        canceller[node] = nearest;
    }
    for node in shape.order.iter().rev() {
        let mut is_over =
            |next: NodeIx| certain.succeeded(next, *node) || decided.contains(ground, next, *node);
        while let Some(next) = canceller[*node].filter(|next| is_over(*next)) {
            canceller[*node] = canceller[next];
        }
    }
    canceller
}

/// For each node the nearest of the `wanted` that stands on every way from it: postdominators.
fn nearest(graph: &Graph, shape: &Shape, wanted: impl Fn(NodeIx) -> bool) -> Vec<Option<NodeIx>> {
    let mut nearest = vec![None; graph.nodes.len()];
    let mut tree = Tree::new();
    let mut vertex: Vec<VertexIx> = vec![Tree::ROOT; graph.nodes.len()];
    let mut nodes: Vec<NodeIx> = vec![usize::MAX];
    for node in shape.order.iter().rev() {
        let targets = shape.outgoing(*node).filter(|(_, arc)| arc.connection.is_some());
        let above = targets.map(|(_, arc)| vertex[arc.target]).reduce(|a, b| tree.common(a, b));
        let above = above.unwrap_or(Tree::ROOT);
        vertex[*node] = tree.add(above);
        nodes.push(*node);
        if above != Tree::ROOT {
            let next = nodes[above as usize];
            nearest[*node] = if wanted(next) { Some(next) } else { nearest[next] };
        }
    }
    nearest
}

impl Outcomes {
    /// The ways in which this variable says that a node was cancelled, but no `first` that could do it has started.
    pub(super) fn idly_cancelled(
        &mut self,
        ground: &Ground,
        variable: Variable,
        node: NodeIx,
    ) -> Result<Bdd, TooLarge> {
        let mut ways = self.functions.choice(variable, Bdd::TRUE, Bdd::FALSE);
        let mut next = ground.canceller[node];
        while let Some(canceller) = next {
            ways = self.functions.without(ways, self.ends[canceller].runs)?;
            next = ground.canceller[canceller];
        }
        Ok(ways)
    }
}
