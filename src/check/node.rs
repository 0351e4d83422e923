//! A node: its fields, its policy, its errors, its output.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::block::{Expected, Known, is_guess};
use super::checker::{Checker, Site};
use super::draft::{Draft, Reader};
use super::errors::of_node;
use super::failure::{error_type, errors_in_scope};
use super::form::join_of;
use super::output::{Elsewhere, output};
use super::program::{
    Argument, Body, Config, Effect, Execution, Keyed, Message, Node, NodeIx, OnError, Retry, Role, TimeLimit,
};
use super::retry;
use super::scope::Place;
use super::section::effect;
use super::special::{check_handler, check_undo, check_undone};
use super::timing::{ATTEMPT, Timeouts};
use crate::ast;
use crate::catalog::{self, Form, Kind, Output, Ports};
use crate::diagnostic::Finding;
use crate::types::{Literal, Type};

/// What can be wrong with a node as a whole.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`switch` needs a value of a few literals, not `{ty}`")]
    #[diagnostic(code(switch_not_union), help("{}", if *ty == Type::Bool {
        "write `when: …`"
    } else {
        "declare its type, `\"a\" | \"b\"`, or write `cases { … }`"
    }))]
    SwitchNotUnion { ty: Type },
    #[error("`succeed` ends a run, and this is the body of a loop")]
    #[diagnostic(code(succeed_in_body), help("end the loop with `until` or `enough`"))]
    SucceedInBody,
    #[error("a node that runs in the workflow's own worker may run twice")]
    #[diagnostic(code(local_effect), help("say `effect: idempotent`, or remove `local`"))]
    LocalEffect,
}

/// Fields that are checked after the others, in this order: they read what the others make.
const LATER: [&str; 7] = ["state", "while", "body", "collect", "until", "next", "fallback"];

/// The kind that the messages of an approval are of.
pub const MESSAGE: &str = "notification";

/// Fields that say when a node runs, where it leads and what becomes of its failure.
const WAYS: [&str; 7] = ["join", "on_error", "when", "cases", "switch", "call", "otherwise"];

impl<'a> Checker<'a> {
    /// Checks a node whose sources have been checked.
    pub(super) fn node(&mut self, draft: &mut Draft<'a>, ix: NodeIx) {
        let plot = draft.plot.clone();
        let place = &plot.nodes[ix];
        match place.kind {
            // What is wrong with its fields may follow from the guess.
            Some(kind) if place.is_guess => self.quietly(|checker| checker.node_of_kind(draft, ix, kind)),
            Some(kind) => self.node_of_kind(draft, ix, kind),
            None => {}
        }
    }

    fn node_of_kind(&mut self, draft: &mut Draft<'a>, ix: NodeIx, kind: &'a Kind) {
        let plot = draft.plot.clone();
        let place = &plot.nodes[ix];
        let written = place.written;
        let expected = Expected {
            blocks: vec![&kind.block, self.catalog.common(kind.class)],
            of: place.description(),
            head: place.head(),
            incomplete: written.block.incomplete,
        };
        let fields: Vec<&ast::Field> = written.block.fields.iter().collect();
        let repeats = kind.block.get("body").is_some_and(|body| matches!(body.form, Form::Body));
        let later: &[&str] = if repeats { &LATER } else { &LATER[6..] };
        let (mut config, later) = self.config(&site(draft, Reader::Node(ix)), &expected, &fields, later);
        self.take_reads(draft, Reader::Node(ix));
        if written.block.incomplete || has_two_forms(&config) || self.are_ways_in_error(&config) {
            draft.unclear.insert(ix);
        }
        let (body, elsewhere) = self.elsewhere(draft, ix, kind, &mut config, &later);
        let output = output(kind, &config, elsewhere, &self.exprs);
        self.fallback(&site(draft, Reader::Node(ix)), &mut config, &later, &output);
        self.take_reads(draft, Reader::Node(ix));
        let mut node = self.assemble(draft, ix, kind, config, output, body);
        self.check_node(draft, ix, kind, &node);
        self.check_conditions(&node.config);
        if kind.is_handler() {
            self.check_cases(draft, ix);
        }
        self.check_details(draft.plot.file.id, &node.config);
        self.check_sql(draft, ix, &node.config);
        if kind.block.get("input").is_some()
            && node.config.span("input").is_none()
            && !node.config.is_doubtful()
        {
            self.check_no_input(node.config.get("call"), &expected.of, expected.head);
        }
        self.catalog.common(kind.class).fields.iter().for_each(|field| node.config.remove(&field.name));
        draft.nodes[ix] = Some(node);
    }

    /// Whether what says when a node runs and where it leads is in error.
    fn are_ways_in_error(&self, config: &Config) -> bool {
        let is_bad = |argument: &Argument| match argument {
            Argument::Expr(expr) => self.exprs.has_bad(*expr),
            Argument::Cases(cases) => cases
                .iter()
                .any(|(_, case)| matches!(case, Argument::Expr(expr) if self.exprs.has_bad(*expr))),
            _ => false,
        };
        WAYS.iter().any(|field| config.span(field).is_some() && config.get(field).is_none_or(is_bad))
    }

    /// What an output and a body need beside the node's own fields.
    fn elsewhere(
        &mut self,
        draft: &mut Draft<'a>,
        ix: NodeIx,
        kind: &Kind,
        config: &mut Config,
        later: &[Known<'a>],
    ) -> (Option<Body>, Elsewhere) {
        if let Some((body, elsewhere)) = self.repetition(draft, ix, config, later) {
            return (Some(body), elsewhere);
        }
        self.no_repetition(config, later);
        let call = config.get("call");
        let elsewhere = match (&kind.output, call) {
            (Output::Callee, Some(Argument::Workflow(callee))) => {
                Elsewhere::Callee(self.outputs.get(callee).map(|(ty, _)| ty.clone()).unwrap_or_default())
            }
            (Output::Activity, Some(Argument::Activity(callee))) => Elsewhere::Callee(
                self.program.activities.get(*callee).map(|a| a.returns.clone()).unwrap_or_default(),
            ),
            (Output::Handler, _) => {
                let errors = errors_in_scope(&draft.plot, &draft.nodes, ix).unwrap_or_default();
                Elsewhere::Handler { error: error_type(errors), value: self.handled_value(config) }
            }
            _ => Elsewhere::Nothing,
        };
        (None, elsewhere)
    }

    /// What the cases of a handler give: the type that fits all of them, optional where one gives nothing.
    fn handled_value(&self, config: &Config) -> Type {
        let cases =
            config.cases("cases").unwrap_or_default().iter().filter_map(|(_, argument)| match argument {
                Argument::Fields(case) => Some(case),
                _ => None,
            });
        let goes_on = |case: &&Config| case.word("action").is_some_and(|action| action == "continue");
        let cases: Vec<&Config> = cases.chain(config.fields("otherwise")).filter(goes_on).collect();
        let values = cases.iter().filter_map(|case| Some(self.exprs.ty(case.expr("value")?).widened()));
        let joined =
            values.map(Some).reduce(|a, b| a?.join(&b?)).unwrap_or(Some(Type::Unknown)).unwrap_or(Type::Json);
        if cases.iter().all(|case| case.expr("value").is_some()) { joined } else { Type::optional(joined) }
    }

    /// What goes with a body that isn't there, which is reported, isn't looked at.
    fn no_repetition(&mut self, config: &mut Config, later: &[Known<'a>]) {
        for (field, spec) in later.iter().filter(|(_, spec)| spec.name != "fallback") {
            config.mark(spec.name.clone(), field.span);
            let is_guess = is_guess(&(*field, *spec));
            if matches!(spec.form, Form::Body) && !is_guess && !matches!(field.value, ast::FieldValue::Bad) {
                self.report_shape(&spec.form, field);
            }
        }
    }

    fn fallback(&mut self, site: &Site<'_, 'a>, config: &mut Config, later: &[Known<'a>], output: &Type) {
        let Some((field, _)) = later.iter().find(|(_, spec)| spec.name == "fallback") else { return };
        let ast::FieldValue::Expr(expr) = field.value else { return config.mark("fallback", field.span) };
        match self.partial(site, expr, output) {
            Some(value) => config.set("fallback", Argument::Expr(value), field.span),
            None => config.mark("fallback", field.span),
        }
    }

    fn assemble(
        &mut self,
        draft: &Draft<'a>,
        ix: NodeIx,
        kind: &'a Kind,
        config: Config,
        output: Type,
        body: Option<Body>,
    ) -> Node {
        let place = &draft.plot.nodes[ix];
        let more = self.further_errors(draft, ix, &config);
        let compensate = match config.get("compensate") {
            Some(Argument::Node(undo)) => Some(*undo),
            _ => None,
        };
        Node {
            name: place.name().clone(),
            span: place.written.name.span,
            title: config.word("name").cloned(),
            kind: place.kind_name(),
            graph: place.graph,
            role: draft.role(ix),
            join: join_of(config.get("join")),
            ports: self.ports(kind, &config, place.written),
            errors: of_node(self.catalog, kind, &config, more),
            output,
            fallback: config.expr("fallback"),
            on_error: on_error(draft, &config),
            compensate,
            timeout: config.time_limit("timeout").filter(|_| !kind.class.is_activity()),
            execution: kind.class.is_activity().then(|| self.execution(draft, &config)),
            message: self.message(draft, &config),
            config,
            body,
        }
    }

    /// What tells people of an approval is tried as any node of its kind that says nothing else.
    fn message(&self, draft: &Draft<'a>, config: &Config) -> Option<Message> {
        let fields = config.fields("notify")?;
        let kind = self.catalog.kind(MESSAGE)?;
        Some(Message {
            errors: of_node(self.catalog, kind, fields, Vec::new()),
            output: output(kind, fields, Elsewhere::Nothing, &self.exprs),
            execution: self.execution(draft, &Config::default()),
        })
    }

    fn execution(&self, draft: &Draft<'a>, config: &Config) -> Execution {
        let declared = match config.get("call") {
            Some(Argument::Activity(activity)) => {
                self.program.activities.get(*activity).and_then(|a| a.effect)
            }
            _ => None,
        };
        Execution {
            retry: retry::chosen(config, &self.policies).unwrap_or_else(|| workflow_policy(draft)),
            timeout: config.time_limit("timeout").unwrap_or(TimeLimit::Fixed(ATTEMPT)),
            total_timeout: config.time_limit("total_timeout"),
            heartbeat_timeout: config.time_limit("heartbeat_timeout"),
            breaker: keyed(config.get("breaker")),
            limit: keyed(config.get("limit")),
            effect: effect(config).or(declared).unwrap_or(Effect::Idempotent),
            task_queue: config.word("task_queue").cloned(),
            local: config.flag("local"),
        }
    }

    /// The ports besides `error`; empty where they follow from something in error.
    fn ports(&mut self, kind: &Kind, config: &Config, written: &ast::Node) -> Vec<EcoString> {
        match &kind.ports {
            Ports::Ok => vec!["ok".into()],
            Ports::Own(ports) => ports.clone(),
            Ports::None => Vec::new(),
            Ports::Condition if has_two_forms(config) => Vec::new(),
            Ports::Condition if config.span("when").is_some() => vec!["true".into(), "false".into()],
            Ports::Condition if config.span("cases").is_some() => {
                let cases = config.cases("cases").unwrap_or_default().iter().map(|(name, _)| name.clone());
                cases.chain([EcoString::from("otherwise")]).collect()
            }
            Ports::Condition => self.switch_members(config, written),
        }
    }

    /// The members of the union that a `switch` is on.
    fn switch_members(&mut self, config: &Config, written: &ast::Node) -> Vec<EcoString> {
        let Some(switch) = config.expr("switch") else { return Vec::new() };
        match self.exprs.ty(switch).clone() {
            Type::Literals(members) => members.iter().map(port_of).collect(),
            Type::Unknown => Vec::new(),
            ty => {
                let at = config.span("switch").unwrap_or(written.name.span);
                self.problems.report(Finding::new(at, Error::SwitchNotUnion { ty }));
                Vec::new()
            }
        }
    }

    /// What is said of a node once all of it is known.
    fn check_node(&mut self, draft: &Draft<'a>, ix: NodeIx, kind: &Kind, node: &Node) {
        let place = &draft.plot.nodes[ix];
        match node.role {
            Role::Undo(_) => check_undo(kind, node, &mut self.problems),
            Role::Handler => {
                check_handler(draft.roles.handler_of(ix), kind, node, &mut self.problems);
            }
            Role::Step => {}
        }
        check_undone(&node.config, &node.on_error, &mut self.problems);
        if node.kind == "succeed" && draft.plot.graphs[place.graph].owner.is_some() {
            self.problems.report(Finding::new(node.span, Error::SucceedInBody));
        }
        let retry = node.execution.as_ref().map(|execution| &execution.retry);
        let workflow = draft.header.timeout.and_then(|(limit, at)| Some((limit.millis()?, at)));
        Timeouts { config: &node.config, retry, workflow }.check(&mut self.problems);
        if let Some(span) = node.config.span("on_error")
            && let OnError::Retry(policy) = &node.on_error
        {
            retry::check_again(policy, span, &mut self.problems);
        }
        if let Some(execution) = &node.execution {
            self.check_execution(draft, kind, node, execution);
        }
    }

    fn check_execution(&mut self, draft: &Draft<'a>, kind: &Kind, node: &Node, execution: &Execution) {
        let config = &node.config;
        let bounded = execution.total_timeout.is_some() || draft.header.timeout.is_some();
        let unbounded = execution.retry.maximum_attempts.is_none() && !bounded;
        // Where the node runs again under the policy, that is an error of its own.
        let again = config.span("on_error").is_some() && matches!(node.on_error, OnError::Retry(_));
        if let Some(chosen_at) = config.span("retry").filter(|_| unbounded && !again) {
            retry::report_unbounded(chosen_at, &mut self.problems);
        }
        let unclear = unclear(kind, config);
        if let Some(local) = config.span("local").filter(|_| execution.local)
            && (unclear.is_some() || execution.effect == Effect::Once)
        {
            self.problems.report(Finding::new(local, Error::LocalEffect));
            return;
        }
        let again = execution.retry.maximum_attempts != Some(1) || matches!(node.on_error, OnError::Retry(_));
        if let Some(field) = unclear.filter(|_| again) {
            let at = config.span(field).unwrap_or(node.span);
            retry::report_unclear_effect(&node.name, &execution.retry, at, &mut self.problems);
        }
    }
}

/// Whether a condition says in two ways what it decides, which is reported.
fn has_two_forms(config: &Config) -> bool {
    ["when", "cases", "switch"].iter().filter(|form| config.span(form).is_some()).count() > 1
}

/// The field by which it is unclear what a second execution does; empty where it is the whole node.
fn unclear(kind: &Kind, config: &Config) -> Option<&'static str> {
    let said = ["effect", "idempotency_key"].iter().any(|field| config.span(field).is_some());
    if said || config.flag("transactional") || config.is_doubtful() {
        return None;
    }
    match kind.effect {
        catalog::Effect::Unclear => Some(""),
        catalog::Effect::UnclearWhere { field, words } => {
            config.word(field).is_some_and(|word| words.contains(&word.as_str())).then_some(field)
        }
        catalog::Effect::Pure | catalog::Effect::Idempotent => None,
    }
}

fn on_error(draft: &Draft<'_>, config: &Config) -> OnError {
    match config.word("on_error").map(EcoString::as_str) {
        Some("continue") => OnError::Continue,
        Some("retry") => OnError::Retry(workflow_policy(draft)),
        Some(_) => OnError::Stop,
        None => draft.header.on_error.clone(),
    }
}

fn keyed(argument: Option<&Argument>) -> Option<Keyed<usize>> {
    match argument {
        Some(Argument::Policy { index, key }) => Some(Keyed { policy: *index, key: *key }),
        _ => None,
    }
}

/// A literal as the name of a port.
fn port_of(literal: &Literal) -> EcoString {
    match literal {
        Literal::String(text) => text.clone(),
        other => other.to_string().into(),
    }
}

/// Where a reader's expressions stand.
pub(super) fn site<'s, 'a>(draft: &'s Draft<'a>, reader: Reader) -> Site<'s, 'a> {
    Site { file: draft.plot.file, place: Place::Graph(draft, reader), given: &[] }
}

fn workflow_policy(draft: &Draft<'_>) -> Retry {
    draft.header.retry.as_ref().map_or_else(Retry::standard, Retry::clone)
}
