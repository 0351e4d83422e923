//! `error` and `failure`: what they are where they can be read.

use ecow::EcoString;

use super::errors::merged;
use super::plot::{Connection, Plot};
use super::program::{ErrorType, Node, NodeIx, OnError, Role};
use crate::catalog::Kind;
use crate::types::Type;

/// What an error is to who reads it; `errors` are those that can come.
pub(super) fn error_type<'e>(errors: impl IntoIterator<Item = &'e ErrorType>) -> Type {
    let mut errors = errors.into_iter();
    let details = match (errors.next(), errors.next()) {
        (Some(only), None) => only.details.clone().unwrap_or(Type::Json),
        // None can come, or those that can are unknown, which is reported.
        (None, _) => Type::Unknown,
        _ => Type::Json,
    };
    Type::record([
        ("node", Type::String),
        ("type", Type::String),
        ("message", Type::String),
        ("attempts", Type::Int),
        ("details", details),
    ])
}

/// What `failure` is at the end of a run, and `run.error` in a test.
pub(super) fn failure_type() -> Type {
    let one = Type::record([("node", Type::String), ("type", Type::String), ("message", Type::String)]);
    Type::record([
        ("type", Type::String),
        ("message", Type::String),
        ("node", Type::String),
        ("attempts", Type::Int),
        ("details", Type::Json),
        ("unknown_effects", Type::list(Type::String)),
        ("failures", Type::list(one)),
    ])
}

/// The errors that can come to a node by its error connections; `None` where another connection leads there too.
pub(super) fn errors_in_scope<'n>(
    plot: &Plot<'_>,
    nodes: &'n [Option<Node>],
    node: NodeIx,
) -> Option<Vec<&'n ErrorType>> {
    let mut incoming = plot.incoming(node).peekable();
    incoming.peek()?;
    let mut errors: Vec<&ErrorType> = Vec::new();
    for connection in incoming {
        if !connection.is_error() {
            return None;
        }
        let source = connection.source?;
        let Some(node) = nodes.get(source).and_then(Option::as_ref) else { continue };
        errors.extend(node.errors.iter().filter(|error| takes(plot, connection, &error.name)));
    }
    errors.sort_by(|a, b| a.name.cmp(&b.name));
    errors.dedup_by(|a, b| a.name == b.name);
    Some(errors)
}

/// Whether an error connection takes an error of its source: one that it names, or any that no other names.
fn takes(plot: &Plot<'_>, connection: &Connection<'_>, error: &EcoString) -> bool {
    match connection.source {
        Some(source) if connection.errors.is_empty() => !is_named(plot, source, error),
        _ => connection.errors.contains(error),
    }
}

/// Whether some connection of a node names an error.
pub(super) fn is_named(plot: &Plot<'_>, source: NodeIx, error: &EcoString) -> bool {
    plot.outgoing(source).any(|connection| connection.errors.contains(error))
}

/// What may fail in a graph and isn't handled there: what a loop or a child fails with. `ends_with` gives the errors
/// that a node ends its run with.
pub(super) fn unhandled(
    plot: &Plot<'_>,
    graph: usize,
    nodes: &[Option<Node>],
    ends_with: &dyn Fn(NodeIx, &Node) -> Vec<ErrorType>,
) -> Vec<ErrorType> {
    let layout = &plot.graphs[graph];
    let mut errors = Vec::new();
    for (ix, node) in layout.nodes.iter().filter_map(|ix| Some((*ix, nodes.get(*ix)?.as_ref()?))) {
        if node.role != Role::Step || node.fallback.is_some() || node.on_error == OnError::Continue {
            continue;
        }
        let handling = || {
            plot.outgoing(ix).filter(|connection| connection.is_error() && !handles(plot, connection.target))
        };
        let all_taken = handling().any(|connection| connection.errors.is_empty());
        let taken = |error: &&ErrorType| {
            all_taken || handling().any(|connection| connection.errors.contains(&error.name))
        };
        errors.extend(node.errors.iter().filter(|error| !taken(error)).cloned());
        errors.extend(ends_with(ix, node));
    }
    merged(errors)
}

/// Whether a node is an error handler, which may stop the run for what reaches it.
fn handles(plot: &Plot<'_>, node: NodeIx) -> bool {
    plot.nodes.get(node).and_then(|place| place.kind).is_some_and(Kind::is_handler)
}
