//! A workflow: its members, then its nodes in the order in which they can read each other, then its connections.

use ecow::EcoString;

use super::block::{Expected, Known};
use super::checker::{Checker, Site};
use super::draft::{Draft, Header, Reader};
use super::edge::{Edges, check_chain_end};
use super::form::{lone_name, names_within};
use super::order::order;
use super::plot::Plot;
use super::program::{
    Argument, Concurrency, Config, Edge, Graph, GraphIx, Input, Join, Node, NodeIx, OnError, Role, Workflow,
    WorkflowIx,
};
use super::retry;
use super::scope::Place;
use super::type_expr::record;
use super::typed::ExprId;
use super::verify::verify;
use crate::ast::{self, FieldValue, Member};
use crate::diagnostic::{is_plain, nearest};
use crate::types::Type;

/// Members that need the nodes.
const LATER: [&str; 4] = ["input", "on_failure", "finally", "output"];

/// Members that name nodes which run when everything else is over.
const HANDLERS: [&str; 2] = ["on_failure", "finally"];

/// A run's output, in source order.
type Output = Vec<(EcoString, ExprId)>;

impl<'a> Checker<'a> {
    /// Checks a workflow whose callees have been checked.
    pub(super) fn workflow(&mut self, ix: WorkflowIx) -> Workflow {
        let plot = self.plots[ix].clone();
        let findings_before = self.problems.len();
        self.marks = self.exprs.marks();
        let (config, later) = self.members(ix, &plot);
        self.check_input(&later);
        let header = self.header(ix, &config);
        let mut draft = Draft::new(ix, plot.clone(), header, findings_before);
        let ends = self.claim_roles(&mut draft, &later);
        self.graph(&mut draft, 0);
        let output = self.run_output(&mut draft, &later);
        let edges = self.edges(&mut draft);
        chains(&plot.workflow.body).for_each(|chain| check_chain_end(chain, &mut self.problems));
        verify(&draft, &edges, &self.exprs, &mut self.problems);
        self.check_inherited(&draft, &config);
        self.finish(draft, config, ends, output, edges)
    }

    /// Checks the nodes of a graph.
    pub(super) fn graph(&mut self, draft: &mut Draft<'a>, graph: GraphIx) {
        let plot = draft.plot.clone();
        for node in order(&plot.graphs[graph], &|node| draft.role(node)) {
            self.node(draft, node);
        }
    }

    fn members(&mut self, ix: WorkflowIx, plot: &Plot<'a>) -> (Config, Vec<Known<'a>>) {
        let body = &plot.workflow.body;
        let fields: Vec<&ast::Field> = body
            .members
            .iter()
            .filter_map(|member| match member {
                Member::Field(field) => Some(field),
                _ => None,
            })
            .collect();
        let expected = Expected {
            blocks: self.catalog.section("workflow").into_iter().collect(),
            of: "a workflow".into(),
            head: plot.workflow.name.span,
            incomplete: body.incomplete,
        };
        let input = self.inputs[ix].clone();
        let site = Site { file: plot.file, place: Place::Start(&input), given: &[] };
        self.config(&site, &expected, &fields, &LATER)
    }

    /// Reports an `input` that is no block.
    fn check_input(&mut self, later: &[Known<'a>]) {
        if let Some((field, spec)) = later.iter().find(|(_, spec)| spec.name == "input")
            && !matches!(field.value, FieldValue::Params { .. } | FieldValue::Bad)
        {
            self.report_shape(&spec.form, field);
        }
    }

    fn header(&mut self, ix: WorkflowIx, config: &Config) -> Header {
        let retry = retry::chosen(config, &self.policies);
        let policy = retry.clone().unwrap_or_else(super::program::Retry::standard);
        let on_error = match config.word("on_error").map(EcoString::as_str) {
            Some("continue") => OnError::Continue,
            Some("retry") => OnError::Retry(policy.clone()),
            _ => OnError::Stop,
        };
        if let (OnError::Retry(policy), Some(at)) = (&on_error, config.span("on_error")) {
            retry::check_again(policy, at, &mut self.problems);
        }
        Header {
            input: self.inputs[ix].clone(),
            on_error,
            retry,
            timeout: config.time_limit("timeout").zip(config.span("timeout")),
        }
    }

    /// Says which nodes run for another reason than their connections; gives those of `on_failure` and `finally`.
    fn claim_roles(&mut self, draft: &mut Draft<'a>, later: &[Known<'a>]) -> [Option<NodeIx>; 2] {
        let plot = draft.plot.clone();
        let ends = HANDLERS.map(|name| {
            let (field, _) = later.iter().find(|(_, spec)| spec.name == name)?;
            self.named_node(&plot, 0, field)
        });
        for (node, field) in ends.into_iter().zip(HANDLERS) {
            node.into_iter().for_each(|node| draft.roles.claim_handler(node, field));
        }
        let names: Vec<EcoString> = plot.nodes.iter().map(|place| place.name().clone()).collect();
        for (ix, place) in plot.nodes.iter().enumerate() {
            let Some(field) = place.undo() else { continue };
            let FieldValue::Expr(expr) = field.value else { continue };
            let Some(undo) = meant_node(&plot, place.graph, expr) else { continue };
            if !draft.roles.claim_undo(undo, ix, &names, field.span, &mut self.problems) {
                draft.unclear.insert(undo);
            }
        }
        ends
    }

    fn named_node(&mut self, plot: &Plot<'a>, graph: GraphIx, field: &'a ast::Field) -> Option<NodeIx> {
        let FieldValue::Expr(expr) = field.value else {
            self.report_name_expected(field);
            return None;
        };
        let Some(name) = lone_name(plot.file, expr) else {
            self.report_name_expected(field);
            return meant_node(plot, graph, expr);
        };
        let name = ast::Name { text: name.clone(), span: plot.file.exprs[expr].span };
        self.node_of(plot, graph, &name)
    }

    fn run_output(&mut self, draft: &mut Draft<'a>, later: &[Known<'a>]) -> Output {
        let Some(known) = later.iter().find(|(_, spec)| spec.name == "output") else { return Vec::new() };
        let mut config = Config::default();
        let site = Site { file: draft.plot.file, place: Place::Graph(draft, Reader::End(0)), given: &[] };
        self.set(&site, &mut config, *known);
        self.take_reads(draft, Reader::End(0));
        let fields = config.cases("output").unwrap_or_default().iter();
        fields
            .filter_map(|(name, argument)| match argument {
                Argument::Expr(expr) => Some((name.clone(), *expr)),
                _ => None,
            })
            .collect()
    }

    fn edges(&mut self, draft: &mut Draft<'a>) -> Vec<Vec<Edge>> {
        let plot = draft.plot.clone();
        let mut all = Vec::new();
        for (graph, layout) in plot.graphs.iter().enumerate() {
            let mut edges = Edges {
                plot: &plot,
                nodes: &draft.nodes,
                roles: &draft.roles,
                known_errors: &self.errors,
                problems: &mut self.problems,
            };
            let (edges, refused) = edges.check(layout);
            draft.doubtful[graph].extend(refused);
            all.push(edges);
        }
        all
    }

    /// Warns of a policy of the workflow that nothing bounds for a node that has none of its own.
    fn check_inherited(&mut self, draft: &Draft<'a>, config: &Config) {
        if matches!(draft.header.on_error, OnError::Retry(_)) {
            // That is an error of its own.
            return;
        }
        let unbounded = draft.header.retry.as_ref().is_some_and(|policy| policy.maximum_attempts.is_none());
        let Some(at) = config.span("retry").filter(|_| unbounded && draft.header.timeout.is_none()) else {
            return;
        };
        let inherits = |node: &Node| {
            let own = ["retry", "retry_attempts"].iter().any(|field| node.config.span(field).is_some());
            node.execution.as_ref().is_some_and(|execution| !own && execution.total_timeout.is_none())
        };
        if draft.nodes.iter().flatten().any(inherits) {
            retry::report_unbounded(at, &mut self.problems);
        }
    }

    fn finish(
        &mut self,
        draft: Draft<'a>,
        config: Config,
        [on_failure, finally]: [Option<NodeIx>; 2],
        output: Output,
        edges: Vec<Vec<Edge>>,
    ) -> Workflow {
        let plot = draft.plot.clone();
        let output_type =
            Type::record(output.iter().map(|(name, expr)| (name.clone(), self.exprs.ty(*expr).clone())));
        let errors = self.run_errors(&draft);
        let graphs = plot.graphs.iter().zip(edges).map(|(layout, edges)| Graph {
            owner: layout.owner,
            nodes: layout.nodes.clone(),
            edges,
        });
        let described = config.word("description").or(plot.doc).cloned();
        Workflow {
            name: plot.workflow.name.text.clone(),
            span: plot.workflow.name.span,
            title: config.word("name").cloned(),
            description: described,
            id: config.expr("id"),
            return_existing: config.word("on_duplicate").is_some_and(|word| word == "return_existing"),
            input: std::mem::take(&mut self.run_inputs[draft.ix]),
            input_type: draft.header.input.clone(),
            output,
            output_type,
            errors,
            timeout: config.time_limit("timeout"),
            parallelism: config.count("parallelism"),
            max_concurrent: config.count("max_concurrent").unwrap_or(50),
            on_error: draft.header.on_error.clone(),
            retry: draft.header.retry.clone(),
            concurrency: config.fields("concurrency").and_then(concurrency),
            task_queue: config.word("task_queue").cloned(),
            on_failure,
            finally,
            graphs: graphs.collect(),
            nodes: plot
                .nodes
                .iter()
                .zip(draft.nodes)
                .map(|(place, node)| node.unwrap_or_else(|| unknown(place)))
                .collect(),
        }
    }

    /// Whether a block of a workflow has no meaning, which is reported: it may have been meant for another one.
    fn has_unknown_block(&self, body: &ast::Body) -> bool {
        let known = self.catalog.section("workflow");
        body.members.iter().any(|member| match member {
            Member::Field(ast::Field { name, value: FieldValue::Block(_), .. }) => {
                known.is_some_and(|block| block.get(&name.text).is_none())
            }
            _ => false,
        })
    }

    /// What a run is started with.
    pub(super) fn run_input(&mut self, plot: &Plot<'a>) -> (Type, Vec<Input>) {
        let written = plot.workflow.body.members.iter().find_map(|member| match member {
            Member::Field(field) if field.name.text == "input" => Some(&field.value),
            _ => None,
        });
        let (params, incomplete) = match written {
            Some(FieldValue::Params { params, incomplete, .. }) => (params.as_slice(), *incomplete),
            Some(_) => (&[][..], true),
            None => {
                (&[][..], plot.graphs[0].is_unparsed("input") || self.has_unknown_block(&plot.workflow.body))
            }
        };
        let fields = self.params(plot.file, params);
        let docs = |name: &EcoString| {
            params.iter().find(|param| param.name.text == *name).and_then(|p| p.doc.clone())
        };
        let inputs = fields.iter().map(|(field, default)| Input {
            name: field.name.clone(),
            ty: field.ty.clone(),
            default: *default,
            doc: docs(&field.name),
        });
        let inputs = inputs.collect();
        (if incomplete { Type::Unknown } else { record(None, fields) }, inputs)
    }
}

/// The node that is named where a lone name is taken, in whatever form.
fn meant_node(plot: &Plot<'_>, graph: GraphIx, expr: ast::ExprId) -> Option<NodeIx> {
    let names = &plot.graphs[graph].names;
    let meant = |name: &EcoString| {
        let plain = || nearest(name, names.keys().map(EcoString::as_str)).filter(|near| is_plain(name, near));
        names.get(name).or_else(|| names.get(plain()?)).copied()
    };
    names_within(plot.file, expr).into_iter().find_map(meant)
}

/// A node of which too little is known, so that the others keep their indexes.
fn unknown(place: &super::plot::Place<'_>) -> Node {
    Node {
        name: place.name().clone(),
        span: place.written.name.span,
        title: None,
        kind: place.kind_name(),
        graph: place.graph,
        role: Role::Step,
        join: Join::All,
        ports: Vec::new(),
        errors: Vec::new(),
        output: Type::Unknown,
        fallback: None,
        on_error: OnError::Stop,
        compensate: None,
        timeout: None,
        execution: None,
        config: Config::default(),
        body: None,
        message: None,
    }
}

fn concurrency(config: &Config) -> Option<Concurrency> {
    Some(Concurrency {
        key: config.expr("key"),
        limit: config.count("limit")?,
        then: config.word("then").cloned().unwrap_or_default(),
    })
}

fn chains<'a>(body: &'a ast::Body) -> Box<dyn Iterator<Item = &'a ast::Chain> + 'a> {
    Box::new(body.members.iter().flat_map(|member| -> Box<dyn Iterator<Item = &'a ast::Chain> + 'a> {
        match member {
            Member::Chain(chain) => Box::new(std::iter::once(chain)),
            Member::Node(node) => Box::new(node.block.fields.iter().flat_map(|field| match &field.value {
                FieldValue::Body(body) => chains(body),
                _ => Box::new(std::iter::empty()),
            })),
            Member::Field(_) => Box::new(std::iter::empty()),
        }
    }))
}
