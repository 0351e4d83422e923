//! Small random graphs.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    Class, Connection, Decision, ErrorType, Graph, Guard, Handling, Join, Node, Port, Ports, Unrouted,
};

/// What random graphs may contain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ingredients {
    /// Joins that cancel, nodes that complete the run, guards over what isn't decided: time matters there.
    pub(super) timing: bool,
}

fn node(ix: usize, with: Ingredients) -> impl Strategy<Value = Node> {
    let join = (0..10usize).prop_map(move |choice| match choice {
        0 | 1 => Join::Every,
        2 => Join::AtLeast { count: 1, cancels: false },
        3 => Join::AtLeast { count: 2, cancels: false },
        4 if with.timing => Join::AtLeast { count: 1, cancels: true },
        5 if with.timing => Join::AtLeast { count: 2, cancels: true },
        _ => Join::All,
    });
    let unrouted = prop_oneof![Just(Unrouted::Stop), Just(Unrouted::Continue), Just(Unrouted::Fallback)];
    let errors = (0..3u32).prop_map(|count| (0..count).map(ErrorType).collect::<Vec<_>>());
    let handling = prop_oneof![
        9 => Just(None),
        1 => any::<(bool, bool)>().prop_map(|(named, otherwise)| {
            Some(Handling { cases: vec![(ErrorType(0), named)], otherwise })
        }),
    ];
    (join, unrouted, errors, handling, ports(ix, with)).prop_map(
        |(join, unrouted, errors, handling, (ports, decision))| Node {
            join,
            unrouted,
            errors,
            handling,
            ports,
            decision,
            ..Node::step()
        },
    )
}

fn ports(ix: usize, with: Ingredients) -> impl Strategy<Value = (Ports, Decision)> {
    (0..12usize, guard(ix, with), guard(ix, with)).prop_map(move |(choice, a, b)| match choice {
        0 => (Ports::Fail, Decision::Free),
        1 if with.timing => (Ports::Succeed, Decision::Free),
        2 => (Ports::Own(2), Decision::Free),
        3 | 4 => (Ports::Own(2), Decision::Cases(vec![a])),
        5 => (Ports::Own(3), Decision::Cases(vec![a, b])),
        6 => (Ports::Own(3), Decision::Switch(1)),
        _ => (Ports::Ok, Decision::Free),
    })
}

fn guard(ix: usize, with: Ingredients) -> impl Strategy<Value = Guard> {
    let is = prop_oneof![
        (0..2usize).prop_map(|case| Guard::Is { class: 0, case }),
        (0..3usize).prop_map(|case| Guard::Is { class: 1, case }),
    ];
    let earlier = (0..ix.max(1))
        .prop_map(move |node| if ix > 0 && with.timing { Guard::HasValue(node) } else { Guard::Unknown });
    let leaf = prop_oneof![3 => is, 2 => earlier, 1 => Just(Guard::Constant(true))];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|guard| Guard::Not(Box::new(guard))),
            prop::collection::vec(inner.clone(), 2).prop_map(Guard::And),
            prop::collection::vec(inner, 2).prop_map(Guard::Or),
        ]
    })
}

pub(super) fn graph(with: Ingredients) -> impl Strategy<Value = Graph> {
    let nodes: Vec<_> = (0..6).map(|ix| node(ix, with).boxed()).collect();
    let connections = prop::collection::vec((0..6usize, 0..6usize, 0..8usize), 3..9);
    (nodes, connections, 0..2usize, 0..3usize).prop_map(move |(mut nodes, wanted, reads, first_read)| {
        let mut seen = BTreeSet::new();
        let mut connections = Vec::new();
        for (a, b, port) in wanted {
            let (source, target) = (a.min(b), a.max(b));
            let port = match (nodes[source].ports, port) {
                (Ports::Fail | Ports::Succeed, _) => continue,
                (_, 0) => Port::AnyError,
                (_, 1) => Port::Errors(vec![ErrorType(0)]),
                (Ports::Own(ports), port) => Port::Own(port % ports),
                (Ports::Ok, _) => Port::Ok,
            };
            if source != target && seen.insert((source, target)) {
                connections.push(Connection { source, target, port });
            }
        }
        for (ix, node) in nodes.iter_mut().enumerate() {
            if !connections.iter().any(|connection| connection.target == ix) {
                node.join = Join::All;
            }
        }
        if !with.timing {
            take_failures_at_any_time(&mut nodes, &connections);
        }
        let reads = if with.timing { (first_read..first_read + reads).collect() } else { Vec::new() };
        let classes = vec![Class { cases: 2, reads: reads.clone() }, Class { cases: 3, reads }];
        Graph { nodes, connections, classes, incomplete: false }
    })
}

/// A failure counts as handled only before a target has started. The analysis allows for both ends; where the
/// target always starts first, that is one too many.
fn take_failures_at_any_time(nodes: &mut [Node], connections: &[Connection]) {
    for connection in connections {
        if connection.port.is_error() && matches!(nodes[connection.target].join, Join::AtLeast { .. }) {
            nodes[connection.source].unrouted = Unrouted::Continue;
        }
    }
}
