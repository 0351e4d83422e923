//! A workflow as it lies on the table: its nodes and graphs with what was written, before anything is checked.

use ecow::EcoString;

use super::program::{GraphIx, NodeIx};
use crate::ast;
use crate::catalog::Kind;
use crate::source::Span;

/// A workflow's tables, by the indexes that the checked workflow has too.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub(super) file: &'a ast::File,
    pub(super) workflow: &'a ast::Workflow,
    /// What `retry` … of the workflow stand in, and where missing fields are reported.
    pub(super) head: Span,
    pub(super) nodes: Vec<Place<'a>>,
    pub(super) graphs: Vec<Layout<'a>>,
}

/// A node.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) written: &'a ast::Node,
    pub(super) graph: GraphIx,
    /// `None` where the kind is unknown, which is reported.
    pub(super) kind: Option<KindOf<'a>>,
    /// The graph of a loop's body.
    pub(super) body: Option<GraphIx>,
}

/// A kind of the catalogue, or a plugin's tool.
#[derive(Debug)]
pub(super) enum KindOf<'a> {
    Standard(&'a Kind),
    Tool(Box<Kind>),
}

impl KindOf<'_> {
    pub(super) fn get(&self) -> &Kind {
        match self {
            Self::Standard(kind) => kind,
            Self::Tool(kind) => kind,
        }
    }
}

/// Nodes that are decided together.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// The loop that it is the body of.
    pub(super) owner: Option<NodeIx>,
    pub(super) nodes: Vec<NodeIx>,
    pub(super) connections: Vec<Connection<'a>>,
    /// A connection names a node that doesn't exist, which is reported.
    pub(super) incomplete: bool,
}

/// A connection as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection<'a> {
    /// `None` for `start`.
    pub(super) source: Option<NodeIx>,
    pub(super) target: NodeIx,
    pub(super) port: Option<&'a ast::Port>,
    /// `node.port`, the source as written.
    pub(super) from: Span,
    /// The target as written, without its port.
    pub(super) to: Span,
}

impl<'a> Place<'a> {
    pub(super) fn name(&self) -> &'a EcoString {
        &self.written.name.text
    }

    /// A field of the node as written.
    pub(super) fn field(&self, name: &str) -> Option<&'a ast::Field> {
        self.written.block.field(name)
    }
}

impl Connection<'_> {
    /// Whether it leaves its source on the port `error`.
    pub(super) fn is_error(&self) -> bool {
        matches!(self.port, Some(ast::Port::Error { .. }))
    }
}
