//! A workflow as it lies on the table: its nodes and graphs with what was written, before anything is checked.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::program::{GraphIx, NodeIx};
use crate::ast;
use crate::catalog::Kind;
use crate::diagnostic::{is_plain, nearest};
use crate::source::Span;

/// A workflow's tables, by the indexes that the checked workflow has too.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub(super) file: &'a ast::File,
    pub(super) workflow: &'a ast::Workflow,
    /// The `///` lines above it.
    pub(super) doc: Option<&'a EcoString>,
    pub(super) nodes: Vec<Place<'a>>,
    pub(super) graphs: Vec<Layout<'a>>,
}

/// A node.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) written: &'a ast::Node,
    pub(super) graph: GraphIx,
    /// `None` where the kind is unknown, which is reported.
    pub(super) kind: Option<&'a Kind>,
    /// Another kind is written, which was reported: this one was probably meant.
    pub(super) is_guess: bool,
    /// The graph of a loop's body.
    pub(super) body: Option<GraphIx>,
    /// The connections into it, by their places in its graph.
    pub(super) incoming: Vec<usize>,
    /// The connections out of it.
    pub(super) outgoing: Vec<usize>,
}

/// Nodes that are decided together.
#[derive(Debug, Default)]
pub(super) struct Layout<'a> {
    /// The loop that it is the body of.
    pub(super) owner: Option<NodeIx>,
    /// In source order, side by side in the workflow's table.
    pub(super) nodes: Vec<NodeIx>,
    pub(super) names: BTreeMap<EcoString, NodeIx>,
    /// Names that a node has and something else too, which is reported: what they mean is open.
    pub(super) ambiguous: BTreeSet<EcoString>,
    pub(super) connections: Vec<Connection<'a>>,
    /// Nodes that a chain names, also where nothing could be made of the connection.
    pub(super) mentioned: BTreeSet<NodeIx>,
    /// Nodes to which a connection leads whose source is unknown, which is reported.
    pub(super) doubtful: BTreeSet<NodeIx>,
    /// A connection, an undo or a handler is named that doesn't exist, which is reported: what a node comes after,
    /// and which nodes run at the end, is open.
    pub(super) is_lost: bool,
    /// One of the names that are lost is like none of the nodes'.
    pub(super) is_adrift: bool,
    /// The text that did not parse.
    pub(super) unparsed: String,
}

impl Layout<'_> {
    /// Whether a connection may lead to any node: one names none and nothing like it, or did not parse.
    pub(super) fn leads_anywhere(&self) -> bool {
        self.is_adrift || !self.unparsed.is_empty()
    }

    /// Whether there may be more connections than are known.
    pub(super) fn is_open(&self) -> bool {
        self.is_lost || !self.unparsed.is_empty()
    }

    /// Whether a name may stand in what did not parse: nothing is said of it then.
    pub(super) fn is_unparsed(&self, name: &str) -> bool {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        self.unparsed.split(|c| !is_name(c)).any(|word| word == name)
    }
}

/// A connection as written.
#[derive(Debug, Clone)]
pub(super) struct Connection<'a> {
    /// `None` for `start`.
    pub(super) source: Option<NodeIx>,
    pub(super) target: NodeIx,
    pub(super) port: Option<&'a ast::Port>,
    /// The errors that an error port names, as runs know them.
    pub(super) errors: Vec<EcoString>,
    /// `node.port`, the source as written.
    pub(super) from: Span,
    /// The target as written, without its port.
    pub(super) to: Span,
}

impl<'a> Plot<'a> {
    /// The graph that a node is in.
    pub(super) fn layout_of(&self, node: NodeIx) -> &Layout<'a> {
        &self.graphs[self.nodes[node].graph]
    }

    /// The connections into a node.
    pub(super) fn incoming(&self, node: NodeIx) -> impl Iterator<Item = &Connection<'a>> + Clone {
        let layout = self.layout_of(node);
        self.nodes[node].incoming.iter().map(|at| &layout.connections[*at])
    }

    /// The connections out of a node.
    pub(super) fn outgoing(&self, node: NodeIx) -> impl Iterator<Item = &Connection<'a>> + Clone {
        let layout = self.layout_of(node);
        self.nodes[node].outgoing.iter().map(|at| &layout.connections[*at])
    }
}

impl<'a> Place<'a> {
    pub(super) fn name(&self) -> &'a EcoString {
        &self.written.name.text
    }

    /// Its kind: `http_request`, `mailer.send`.
    pub(super) fn kind_name(&self) -> EcoString {
        if let Some(kind) = self.kind.filter(|_| self.is_guess) {
            return kind.name.clone();
        }
        let names: Vec<&str> = self.written.kind.iter().map(|name| name.text.as_str()).collect();
        names.join(".").into()
    }

    /// What messages call it, with an article.
    pub(super) fn description(&self) -> String {
        let kind = self.kind_name();
        let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} `{kind}` node")
    }

    /// Where its kind is written: what is missing is reported there.
    pub(super) fn head(&self) -> Span {
        self.written.kind.first().map_or(self.written.name.span, |name| name.span)
    }

    /// A field of the node as written.
    pub(super) fn field(&self, name: &str) -> Option<&'a ast::Field> {
        self.written.block.field(name)
    }

    /// The node that undoes it, as written, also where the field's name is misspelt.
    pub(super) fn undo(&self) -> Option<&'a ast::Field> {
        let fields = &self.written.block.fields;
        let meant = || fields.iter().find(|field| is_plain(&field.name.text, "compensate"));
        self.field("compensate").or_else(meant)
    }
}

impl Connection<'_> {
    /// Whether it leaves its source on the port `error`, or on none and that was probably meant.
    pub(super) fn is_error(&self) -> bool {
        match self.port {
            Some(ast::Port::Error { .. }) => true,
            Some(ast::Port::Named(name)) => nearest(&name.text, ["error"]).is_some(),
            None => false,
        }
    }
}
