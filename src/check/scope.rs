//! What names stand for, by the place where they stand.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::draft::{Draft, Reader};
use super::expr::{Lookup, Scope};
use super::failure::{error_type, errors_in_scope, failure_type};
use super::plot::Connection;
use super::program::{ErrorType, GraphIx, NodeIx, Program, Role};
use super::test::Reports;
use super::type_expr::unknown_type;
use super::typed::Variable;
use crate::ast::{self, ItemKind, Name, Port};
use crate::catalog::Given;
use crate::diagnostic::Finding;
use crate::resolve::{DeclarationId, Namespace, Resolved};
use crate::source::{FileId, Span};
use crate::types::Type;

/// Names that exist, but not here.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("no error has come where this node runs")]
    #[diagnostic(
        code(error_not_in_scope),
        help(
            "`error` is there where all connections to a node are error connections; of one node read `node.?error`"
        )
    )]
    NoError,
    #[error("the run has not failed here")]
    #[diagnostic(
        code(failure_not_in_scope),
        help("`failure` is there in the nodes of `on_failure` and `finally`")
    )]
    NoFailure,
    #[error("`{name}` runs after this is evaluated")]
    #[diagnostic(
        code(body_not_in_scope),
        help("`while` is evaluated before the body; hand values on with `state` and `next`, or use `until`")
    )]
    Body { name: EcoString },
    #[error("the {noun} `{name}` can't be read here")]
    #[diagnostic(
        code(not_constant),
        help("constants and defaults are known before any run: they read literals and other constants")
    )]
    NotConstant { noun: &'static str, name: EcoString },
    #[error("this is evaluated before there is a run")]
    #[diagnostic(
        code(run_not_in_scope),
        help("a run's id and what it shares a key by are chosen from `input`, constants and settings")
    )]
    Run,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) enum Place<'s, 'a> {
    /// A constant, a setting's default, a type's default.
    Constants,
    /// A schedule.
    Globals,
    /// A trigger, with what it is called with.
    Trigger(&'s Type),
    /// A member of a workflow that is evaluated when a run starts.
    Start(&'s Type),
    /// A node, or what is evaluated when a graph is over.
    Graph(&'s Draft<'a>, Reader),
    /// What a test expects.
    Reports(&'s Reports),
    /// `while` of the loop with this body.
    Before(&'s Draft<'a>, GraphIx),
}

/// The names of a place.
pub(super) struct Names<'s, 'a> {
    pub(super) resolved: &'a Resolved,
    pub(super) program: &'s Program,
    pub(super) places: &'s BTreeMap<DeclarationId, usize>,
    pub(super) types: &'s BTreeMap<DeclarationId, Type>,
    pub(super) unparsed: &'s BTreeMap<FileId, BTreeSet<&'a str>>,
    pub(super) file: &'a ast::File,
    pub(super) place: Place<'s, 'a>,
    pub(super) given: &'s [Given],
    /// An error that is built here, which looks like a type.
    pub(super) error: Option<(&'s EcoString, &'s Type)>,
}

impl Scope for Names<'_, '_> {
    fn lookup(&mut self, name: &str, span: Span) -> Lookup {
        if let Some(given) = self.given.iter().find(|given| given.name() == name) {
            return Lookup::Value(Variable::Given(*given), given.ty());
        }
        let local = match self.place {
            Place::Constants | Place::Globals => None,
            Place::Trigger(body) => (name == "body").then(|| Lookup::Value(Variable::Body, body.clone())),
            Place::Start(_) if name == "run" => Some(refused(Error::Run, span)),
            Place::Start(input) => start(name, input),
            Place::Reports(reports) => return reported(reports, name),
            Place::Graph(draft, reader) => self.in_graph(draft, reader, 0, name, span),
            Place::Before(draft, graph) => {
                in_loop(draft, graph, name).or_else(|| self.before(draft, graph, name, span))
            }
        };
        local.unwrap_or_else(|| self.global(name, span))
    }

    fn names(&self) -> Vec<EcoString> {
        let mut names: Vec<EcoString> =
            self.resolved.known(self.file.id, Namespace::Value).map(EcoString::from).collect();
        let words: &[&str] = match self.place {
            Place::Constants | Place::Globals => &[],
            Place::Trigger(_) => &["body"],
            Place::Start(_) => &["input"],
            Place::Reports(_) => &["run"],
            _ => &["input", "run", "now"],
        };
        names.extend(words.iter().copied().map(EcoString::from));
        names.extend(self.given.iter().map(|given| EcoString::from(given.name())));
        if let Place::Reports(reports) = self.place {
            names = reports.nodes.keys().cloned().chain(["run".into()]).collect();
        }
        if let Place::Graph(draft, reader) = self.place {
            let mut graph = Some(draft.graph_of(reader));
            while let Some(at) = graph {
                let layout = &draft.plot.graphs[at];
                names.extend(layout.names.keys().cloned());
                names.extend(
                    draft.loops[at].iter().flat_map(|handed| [handed.variable.clone(), handed.index.clone()]),
                );
                graph = layout.owner.map(|owner| draft.plot.nodes[owner].graph);
            }
        }
        names
    }

    fn record_type(&mut self, path: &[Name]) -> Result<Type, Box<Finding>> {
        let [name] = path else { return Err(Box::new(qualified(path))) };
        if let Some((_, details)) = self.error.filter(|(error, _)| **error == name.text) {
            return Ok(details.clone());
        }
        match self.resolved.lookup(self.file.id, Namespace::Type, &name.text) {
            Some(declaration) => Ok(self.types.get(&declaration).cloned().unwrap_or_default()),
            None if self.is_missing(&name.text) => Ok(Type::Unknown),
            None => {
                let known = self.resolved.known(self.file.id, Namespace::Type);
                Err(Box::new(unknown_type(&name.text, name.span, known)))
            }
        }
    }
}

impl Names<'_, '_> {
    fn is_missing(&self, name: &str) -> bool {
        let unparsed = self.unparsed.get(&self.file.id).is_some_and(|words| words.contains(name));
        unparsed || self.resolved.is_promised(self.file.id, name)
    }

    /// Constants everywhere; settings and secrets wherever something runs.
    fn global(&self, name: &str, span: Span) -> Lookup {
        let Some(declaration) = self.resolved.lookup(self.file.id, Namespace::Value, name) else {
            return if self.is_missing(name) { Lookup::Silent } else { Lookup::Unknown };
        };
        let item = &self.resolved.item(declaration).kind;
        if matches!(self.place, Place::Constants) && !matches!(item, ItemKind::Const(_)) {
            let noun = if matches!(item, ItemKind::Secret(_)) { "secret" } else { "setting" };
            return refused(Error::NotConstant { noun, name: name.into() }, span);
        }
        let Some(place) = self.places.get(&declaration).copied() else { return Lookup::Silent };
        match item {
            ItemKind::Const(_) => match self.program.constants.get(place) {
                Some(constant) => Lookup::Value(Variable::Constant(place), constant.ty.clone()),
                None => Lookup::Silent,
            },
            ItemKind::Setting(_) => match self.program.settings.get(place) {
                Some(setting) => Lookup::Value(Variable::Setting(place), setting.ty.clone()),
                None => Lookup::Silent,
            },
            ItemKind::Secret(_) => Lookup::Value(Variable::Secret(place), Type::Secret),
            _ => Lookup::Unknown,
        }
    }

    /// What a name is to a reader; `depth` counts the bodies between where the expression stands and the reader.
    fn in_graph(
        &self,
        draft: &Draft<'_>,
        reader: Reader,
        depth: u32,
        name: &str,
        span: Span,
    ) -> Option<Lookup> {
        let special = match name {
            "error" => Some(error(draft, reader, span)),
            "failure" => Some(failure(draft, reader, span)),
            "now" => Some(Lookup::Value(Variable::Now, Type::Timestamp)),
            _ => None,
        };
        let found = special.or_else(|| self.around(draft, draft.graph_of(reader), depth, name));
        found.or_else(|| start(name, &draft.header.input))
    }

    /// The names of a graph and of those around it; `depth` counts bodies.
    fn around(&self, draft: &Draft<'_>, graph: GraphIx, depth: u32, name: &str) -> Option<Lookup> {
        let layout = &draft.plot.graphs[graph];
        if layout.ambiguous.contains(name) {
            return Some(Lookup::Silent);
        }
        if let Some(node) = layout.names.get(name) {
            return Some(node_value(draft, *node));
        }
        let found = handed(draft, graph, depth, name);
        if found.is_some() {
            return found;
        }
        if layout.is_unparsed(name) {
            return Some(Lookup::Silent);
        }
        self.around(draft, draft.plot.nodes[layout.owner?].graph, depth + 1, name)
    }

    fn before(&self, draft: &Draft<'_>, graph: GraphIx, name: &str, span: Span) -> Option<Lookup> {
        if draft.plot.graphs[graph].names.contains_key(name) {
            return Some(refused(Error::Body { name: name.into() }, span));
        }
        let owner = draft.plot.graphs[graph].owner?;
        self.in_graph(draft, Reader::Node(owner), 1, name, span)
    }
}

fn in_loop(draft: &Draft<'_>, graph: GraphIx, name: &str) -> Option<Lookup> {
    let state = draft.loops[graph].as_ref()?.state.clone();
    (name == "state").then(|| state.map(|ty| Lookup::Value(Variable::State(0), ty))).flatten()
}

/// That a type has no dots in its name.
fn qualified(path: &[Name]) -> Finding {
    let written: Vec<&str> = path.iter().map(|name| name.text.as_str()).collect();
    let span = path.iter().map(|name| name.span).reduce(Span::to).unwrap_or_default();
    unknown_type(&written.join(".").into(), span, std::iter::empty())
}

/// What a loop hands to its body.
fn handed(draft: &Draft<'_>, graph: GraphIx, depth: u32, name: &str) -> Option<Lookup> {
    let handed = draft.loops[graph].as_ref()?;
    if name == handed.variable {
        return Some(Lookup::Value(Variable::Item(depth), handed.item.clone()));
    }
    if name == handed.index {
        return Some(Lookup::Value(Variable::Index(depth), Type::Int));
    }
    let state = handed.state.clone().filter(|_| name == "state")?;
    Some(Lookup::Value(Variable::State(depth), state))
}

/// What a test sees of its run.
fn reported(reports: &Reports, name: &str) -> Lookup {
    if name == "run" {
        return Lookup::Value(Variable::Run, reports.run.clone());
    }
    match reports.nodes.get(name) {
        Some((node, report)) => Lookup::Value(Variable::Node(*node), report.clone()),
        None => Lookup::Unknown,
    }
}

fn start(name: &str, input: &Type) -> Option<Lookup> {
    match name {
        "input" => Some(Lookup::Value(Variable::Input, input.clone())),
        "run" => Some(Lookup::Value(Variable::Run, run_type())),
        _ => None,
    }
}

/// What a node can't read because nothing leads to it as it should: what else is wrong with the node follows from that.
fn refused_in(draft: &Draft<'_>, reader: Reader, error: Error, span: Span) -> Lookup {
    let finding = Finding::new(span, error);
    Lookup::Refused(Box::new(match reader {
        Reader::Node(node) => finding.covering(draft.plot.nodes[node].written.span),
        Reader::End(_) => finding,
    }))
}

fn refused(error: Error, span: Span) -> Lookup {
    Lookup::Refused(Box::new(Finding::new(span, error)))
}

fn run_type() -> Type {
    Type::record([
        ("id", Type::String),
        ("workflow", Type::String),
        ("started_at", Type::Timestamp),
        ("scheduled_at", Type::optional(Type::Timestamp)),
    ])
}

fn node_value(draft: &Draft<'_>, ix: NodeIx) -> Lookup {
    let node = draft.node(ix);
    Lookup::Node {
        index: ix,
        output: node.map(|node| node.output.clone()).unwrap_or_default(),
        error: node.map(|node| error_type(&node.errors)).unwrap_or_default(),
    }
}

/// `error`, of the node or of the nearest loop around it behind error connections.
fn error(draft: &Draft<'_>, reader: Reader, span: Span) -> Lookup {
    let mut at = match reader {
        Reader::Node(node) => Some(node),
        Reader::End(graph) => draft.plot.graphs[graph].owner,
    };
    while let Some(node) = at {
        let errors: Option<Vec<&ErrorType>> = errors_in_scope(&draft.plot, &draft.nodes, node);
        if let Some(errors) = errors {
            return Lookup::Value(Variable::Error, error_type(errors));
        }
        if is_open(draft, node) {
            return Lookup::Silent;
        }
        at = draft.plot.layout_of(node).owner;
    }
    refused_in(draft, reader, Error::NoError, span)
}

/// Whether what leads to a node is unknown: a connection that may have led there is in error, which is reported.
fn is_open(draft: &Draft<'_>, node: NodeIx) -> bool {
    let layout = draft.plot.layout_of(node);
    let is_unknown = |connection: &Connection<'_>| {
        let source = connection.source.and_then(|source| draft.node(source));
        let port = connection.port.and_then(|port| match port {
            Port::Named(name) => Some(&name.text),
            Port::Error { .. } => None,
        });
        source.zip(port).is_some_and(|(source, port)| !source.ports.contains(port))
    };
    let mut incoming = draft.plot.incoming(node);
    layout.doubtful.contains(&node)
        || (layout.leads_anywhere() && draft.plot.nodes[node].incoming.is_empty())
        || incoming.any(is_unknown)
}

fn failure(draft: &Draft<'_>, reader: Reader, span: Span) -> Lookup {
    let mut at = match reader {
        Reader::Node(node) => Some(node),
        Reader::End(graph) => draft.plot.graphs[graph].owner,
    };
    while let Some(node) = at {
        if draft.role(node) == Role::Handler {
            return Lookup::Value(Variable::Failure, failure_type());
        }
        let layout = draft.plot.layout_of(node);
        if layout.is_lost {
            return Lookup::Silent;
        }
        at = layout.owner;
    }
    refused_in(draft, reader, Error::NoFailure, span)
}
