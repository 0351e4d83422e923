//! Lays a workflow on the table: nodes and connections by index, names that are taken, and kinds that don't exist.

use std::collections::BTreeMap;

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::checker::Checker;
use super::form::lone_name;
use super::plot::{Connection, Layout, Place, Plot};
use super::program::{GraphIx, NodeIx};
use crate::ast::{self, Body, End, FieldValue, Member, Name};
use crate::catalog::Kind;
use crate::diagnostic::{Finding, is_plain, nearest};
use crate::resolve::Namespace;
use crate::source::{FileId, Span};

/// What can be wrong with names of nodes and with kinds.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{name}` is the name of something else already")]
    #[diagnostic(
        code(duplicate_name),
        help("nodes, variables, constants, settings and secrets share their names; rename one")
    )]
    Duplicate { name: EcoString },
    #[error("nothing can be called `{name}`")]
    #[diagnostic(code(reserved_name), help("it is a word of the language; choose another name"))]
    Reserved { name: EcoString },
    #[error("there is no node `{name}` here")]
    #[diagnostic(code(unknown_node), help("{}", match (known, suggestion) {
        (Some(known), _) => (*known).into(),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("declare it: `node {name}: …`"),
    }))]
    UnknownNode { name: EcoString, suggestion: Option<String>, known: Option<&'static str> },
    #[error("there is no kind of node `{name}`")]
    #[diagnostic(code(unknown_kind), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`citadel docs nodes` lists the kinds; a plugin's tool is `plugin.tool`".to_owned(),
    }))]
    UnknownKind { name: EcoString, suggestion: Option<String> },
}

/// Names that mean something by themselves, `item` and `index` apart. The parser refuses them as names of nodes; the
/// variables of a loop are expressions to it.
const RESERVED: [&str; 11] =
    ["input", "output", "run", "error", "errors", "failure", "state", "now", "start", "none", "in"];

impl<'a> Checker<'a> {
    /// A workflow's nodes and graphs.
    pub(super) fn plot(
        &mut self,
        file: &'a ast::File,
        item: &'a ast::Item,
        workflow: &'a ast::Workflow,
    ) -> Plot<'a> {
        let plot = Plot { file, workflow, doc: item.doc.as_ref(), nodes: Vec::new(), graphs: Vec::new() };
        let mut table = Table { checker: self, plot, bodies: Vec::new() };
        table.lay(&workflow.body, None);
        table.connect_all();
        table.plot
    }

    /// A node of a graph by its name; reports it where there is none, and gives the one that was plainly meant.
    pub(super) fn node_of(&mut self, plot: &Plot<'a>, graph: GraphIx, name: &Name) -> Option<NodeIx> {
        let layout = &plot.graphs[graph];
        if let Some(node) = layout.names.get(&name.text) {
            return Some(*node);
        }
        if layout.is_unparsed(&name.text) {
            return None;
        }
        let meant = self.report_unknown_node(plot, graph, name)?;
        layout.names.get(meant.as_str()).copied().filter(|_| is_plain(&name.text, &meant))
    }

    /// Gives the name that was probably meant.
    fn report_unknown_node(&mut self, plot: &Plot<'a>, graph: GraphIx, name: &Name) -> Option<String> {
        let names = plot.graphs[graph].names.keys().map(EcoString::as_str);
        let near = self.problems.want_suggestions().then(|| nearest(&name.text, names)).flatten();
        let near = near.map(str::to_owned);
        let known = self.known_as(plot, graph, &name.text);
        let error = Error::UnknownNode { name: name.text.clone(), suggestion: near.clone(), known };
        let finding = Finding::new(name.span, error);
        let near = near.filter(|_| known.is_none());
        self.problems.report(match near.clone() {
            Some(near) => finding.fix(format!("write `{near}`"), name.span, near),
            None => finding,
        });
        near
    }

    /// What a name stands for that is no node of a graph.
    fn known_as(&self, plot: &Plot<'a>, graph: GraphIx, name: &str) -> Option<&'static str> {
        let owner = |graph: &GraphIx| plot.graphs[*graph].owner.map(|owner| plot.nodes[owner].graph);
        let mut around = std::iter::successors(owner(&graph), owner);
        if around.any(|graph| plot.graphs[graph].names.contains_key(name)) {
            return Some("it is a node outside this body: connect it with the loop instead");
        }
        if plot.graphs.iter().any(|graph| graph.names.contains_key(name)) {
            return Some("it is a node of another body: only the loop around it can be connected");
        }
        if name == "start" {
            return Some("`start` is no node, and stands at the beginning of a chain only");
        }
        let is_value = self.resolved.lookup(plot.file.id, Namespace::Value, name).is_some();
        (is_value || RESERVED.contains(&name))
            .then_some("it is the name of a value, which can't be connected")
    }

    /// The kind of a name, and whether it is a guess: reports a name that is none, and gives what was probably meant.
    fn kind(&mut self, file: FileId, names: &[Name]) -> Option<(&'a Kind, bool)> {
        let first = names.first()?;
        if names.len() > 1 {
            let known = self.resolved.lookup(file, Namespace::Plugin, &first.text);
            if let Some(plugin) = known {
                self.used_plugins.insert(plugin);
                return Some((self.catalog.tool(), false));
            }
        } else if let Some(kind) = self.catalog.kind(&first.text) {
            return Some((kind, false));
        }
        if self.is_missing(file, &first.text) {
            return None;
        }
        let meant = self.report_unknown_kind(file, names, first)?;
        self.catalog.kind(&meant).map(|kind| (kind, true))
    }

    /// Gives the name that was probably meant.
    fn report_unknown_kind(&mut self, file: FileId, names: &[Name], first: &Name) -> Option<String> {
        let plugins = self.resolved.known(file, Namespace::Plugin);
        let near = match names.len() {
            1 => nearest(&first.text, self.catalog.kinds().map(|kind| kind.name.as_str())),
            _ => nearest(&first.text, plugins),
        };
        let near = near.map(str::to_owned);
        let name = names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".").into();
        let finding = Finding::new(first.span, Error::UnknownKind { name, suggestion: near.clone() });
        self.problems.report(match near.clone() {
            Some(near) => finding.fix(format!("write `{near}`"), first.span, near),
            None => finding,
        });
        near
    }
}

struct Table<'c, 'a> {
    checker: &'c mut Checker<'a>,
    plot: Plot<'a>,
    /// The bodies, by their graphs.
    bodies: Vec<&'a Body>,
}

impl<'a> Table<'_, 'a> {
    /// Lays the nodes of a body, then the bodies in it.
    fn lay(&mut self, body: &'a Body, owner: Option<NodeIx>) -> GraphIx {
        let graph = self.plot.graphs.len();
        let unparsed = if body.incomplete { self.unparsed(body) } else { String::new() };
        self.plot.graphs.push(Layout { owner, unparsed, ..Layout::default() });
        self.bodies.push(body);
        for member in &body.members {
            if let Member::Node(node) = member {
                self.node(graph, node);
            }
        }
        for node in self.plot.graphs[graph].nodes.clone() {
            let body = self.plot.nodes[node].field("body").map(|field| &field.value);
            if let Some(FieldValue::Body(body)) = body {
                let repeated = self.check_variables(graph, node);
                let inner = self.lay(body, Some(node));
                self.plot.nodes[node].body = Some(inner);
                self.plot.graphs[inner].ambiguous.extend(repeated);
            }
        }
        graph
    }

    /// Lays the connections, once all nodes are there.
    fn connect_all(&mut self) {
        for (graph, body) in std::mem::take(&mut self.bodies).into_iter().enumerate() {
            for member in &body.members {
                if let Member::Chain(chain) = member {
                    self.chain(graph, chain);
                }
            }
            self.lose_roles(graph, body);
        }
    }

    fn node(&mut self, graph: GraphIx, written: &'a ast::Node) {
        let ix = self.plot.nodes.len();
        let found = self.checker.kind(self.plot.file.id, &written.kind);
        let (kind, is_guess) = (found.map(|(kind, _)| kind), found.is_some_and(|(_, is_guess)| is_guess));
        let name = &written.name;
        if !self.check_name(graph, name) {
            self.plot.graphs[graph].ambiguous.insert(name.text.clone());
        }
        let (incoming, outgoing) = (Vec::new(), Vec::new());
        self.plot.nodes.push(Place { written, graph, kind, is_guess, body: None, incoming, outgoing });
        let layout = &mut self.plot.graphs[graph];
        layout.nodes.push(ix);
        layout.names.entry(name.text.clone()).or_insert(ix);
    }

    fn chain(&mut self, graph: GraphIx, chain: &'a ast::Chain) {
        let mut known: BTreeMap<Span, Option<NodeIx>> = BTreeMap::new();
        for end in chain.stops.iter().flat_map(|stop| &stop.ends) {
            let is_first =
                chain.stops.first().is_some_and(|stop| stop.ends.iter().any(|first| first.span == end.span));
            let starts = is_first && end.node.text == "start";
            let node = if starts { None } else { self.checker.node_of(&self.plot, graph, &end.node) };
            if node.is_none() && !starts {
                self.lose(graph, &end.node.text, !is_first);
            }
            self.plot.graphs[graph].mentioned.extend(node);
            known.insert(end.span, node);
        }
        for pair in chain.stops.windows(2) {
            let [from, to] = pair else { continue };
            for (source, target) in
                from.ends.iter().flat_map(|source| to.ends.iter().map(move |target| (source, target)))
            {
                let node = |end: &End| known.get(&end.span).copied().flatten();
                self.connect(graph, (source, node(source)), (target, node(target)));
            }
        }
    }

    /// Notes that a chain names no node. As a target it may have been meant for one that is called nearly so, or for one
    /// of another body.
    fn lose(&mut self, graph: GraphIx, name: &str, is_target: bool) {
        self.mention_elsewhere(name);
        let wanted = self.checker.problems.want_suggestions();
        let layout = &mut self.plot.graphs[graph];
        layout.is_lost = true;
        let names = layout.names.keys().map(EcoString::as_str);
        let near = wanted.then(|| nearest(name, names)).flatten();
        match near.and_then(|near| layout.names.get(near)).copied() {
            Some(near) if is_target => {
                layout.doubtful.insert(near);
            }
            Some(_) => {}
            None => layout.is_adrift = true,
        }
    }

    fn mention_elsewhere(&mut self, name: &str) {
        for layout in &mut self.plot.graphs {
            if let Some(node) = layout.names.get(name) {
                layout.mentioned.insert(*node);
                layout.doubtful.insert(*node);
            }
        }
    }

    /// Notes that `compensate`, `on_failure` or `finally` names no node.
    fn lose_roles(&mut self, graph: GraphIx, body: &'a Body) {
        let handlers = body.members.iter().filter_map(|member| match member {
            Member::Field(field) if matches!(field.name.text.as_str(), "on_failure" | "finally") => {
                Some(field)
            }
            _ => None,
        });
        let nodes = self.plot.graphs[graph].nodes.clone();
        let undos: Vec<_> = nodes.into_iter().filter_map(|node| self.plot.nodes[node].undo()).collect();
        for field in handlers.chain(undos) {
            let FieldValue::Expr(expr) = field.value else { continue };
            let name = lone_name(self.plot.file, expr);
            if name.is_none_or(|name| !self.plot.graphs[graph].names.contains_key(name)) {
                self.plot.graphs[graph].is_lost = true;
                name.into_iter().for_each(|name| self.mention_elsewhere(name));
            }
        }
    }

    fn connect(&mut self, graph: GraphIx, from: (&'a End, Option<NodeIx>), to: (&'a End, Option<NodeIx>)) {
        let Some(target) = to.1 else { return };
        let layout = &mut self.plot.graphs[graph];
        if from.1.is_none() && from.0.node.text != "start" {
            layout.doubtful.insert(target);
            return;
        }
        let at = layout.connections.len();
        let port = from.0.port.as_ref();
        layout.connections.push(Connection {
            source: from.1,
            target,
            port,
            errors: self.checker.errors.names_of(self.plot.file.id, port),
            from: from.0.span,
            to: to.0.node.span,
        });
        self.plot.nodes[target].incoming.push(at);
        if let Some(source) = from.1 {
            self.plot.nodes[source].outgoing.push(at);
        }
    }

    /// Checks the names that a loop gives to its variables, and gives those that are taken.
    fn check_variables(&mut self, graph: GraphIx, node: NodeIx) -> Vec<EcoString> {
        let place = &self.plot.nodes[node];
        let fields = ["as", "index_as"].map(|name| place.field(name));
        let names: Vec<Name> = fields.into_iter().flatten().filter_map(|field| self.lone(field)).collect();
        let mut repeated = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let word = name.text.as_str();
            if RESERVED.contains(&word) || ast::RESERVED_WORDS.contains(&word) {
                let error = Error::Reserved { name: name.text.clone() };
                self.checker.problems.report(Finding::new(name.span, error));
            } else if let Some(first) = names[..at].iter().find(|first| first.text == name.text) {
                self.report_duplicate(name, first.span);
                repeated.push(name.text.clone());
            } else if name.text != "item" && name.text != "index" && !self.check_name(graph, name) {
                repeated.push(name.text.clone());
            }
        }
        repeated
    }

    /// The lone name that a field is set to.
    fn lone(&self, field: &ast::Field) -> Option<Name> {
        let FieldValue::Expr(expr) = &field.value else { return None };
        let text = lone_name(self.plot.file, *expr)?.clone();
        Some(Name { text, span: self.plot.file.exprs[*expr].span })
    }

    /// Whether a name is free; reports it where it isn't.
    fn check_name(&mut self, graph: GraphIx, name: &Name) -> bool {
        let Some(first) = self.taken(graph, name) else { return true };
        self.report_duplicate(name, first);
        false
    }

    fn report_duplicate(&mut self, name: &Name, first: Span) {
        let finding = Finding::new(name.span, Error::Duplicate { name: name.text.clone() });
        self.checker.problems.report(finding.label(first, "this one"));
    }

    /// Where a name that can be seen from a graph stands already.
    fn taken(&self, graph: GraphIx, name: &Name) -> Option<Span> {
        let mut at = Some(graph);
        while let Some(graph) = at {
            let layout = &self.plot.graphs[graph];
            if let Some(node) = layout.names.get(&name.text) {
                return Some(self.plot.nodes[*node].written.name.span);
            }
            if let Some(span) = layout.owner.and_then(|owner| self.variable(owner, &name.text)) {
                return Some(span);
            }
            at = layout.owner.map(|owner| self.plot.nodes[owner].graph);
        }
        let resolved = self.checker.resolved;
        let global = resolved.lookup(self.plot.file.id, Namespace::Value, &name.text)?;
        Some(resolved.declaration(global).name.span)
    }

    /// Where a loop calls one of its variables so.
    fn variable(&self, owner: NodeIx, name: &str) -> Option<Span> {
        ["as", "index_as"].into_iter().find_map(|field| {
            self.lone(self.plot.nodes[owner].field(field)?).filter(|it| it.text == name).map(|it| it.span)
        })
    }

    /// The text of a body that belongs to no member.
    fn unparsed(&self, body: &Body) -> String {
        let mut rest = String::new();
        let mut at = body.span.head();
        for member in &body.members {
            let span = match member {
                Member::Field(field) => field.span,
                Member::Node(node) => node.span,
                Member::Chain(chain) => chain.span,
            };
            rest.push_str(self.checker.text(at.to(span.head())));
            rest.push(' ');
            at = span.tail();
        }
        rest.push_str(self.checker.text(at.to(body.span.tail())));
        rest.push(' ');
        rest
    }
}
