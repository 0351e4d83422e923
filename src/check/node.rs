//! A node: its fields, its policy, its errors, its output.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::block::{Expected, Known};
use super::checker::{Checker, Site};
use super::draft::{Draft, Loop, Reader};
use super::errors::of_node;
use super::form::join_of;
use super::output::{Elsewhere, output};
use super::program::{
    Argument, Body, Config, Effect, ErrorType, Execution, Keyed, Node, NodeIx, OnError, Retry, Role,
};
use super::retry::{self, Bounds};
use super::section::effect;
use super::special::{check_undo, check_undone};
use super::timing::{ATTEMPT, Timeouts};
use crate::ast;
use crate::catalog::{self, Class, Kind, Ports};
use crate::diagnostic::Finding;
use crate::types::{Literal, Type};

/// What can be wrong with a node as a whole.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`switch` needs a value of a few literals, not `{ty}`")]
    #[diagnostic(code(switch_not_union), help("declare its type, `\"a\" | \"b\"`, or write `cases {{ … }}`"))]
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

impl<'a> Checker<'a> {
    /// Checks a node whose sources have been checked.
    pub(super) fn node(&mut self, draft: &mut Draft<'a>, ix: NodeIx) {
        let plot = draft.plot.clone();
        let place = &plot.nodes[ix];
        let Some(kind) = place.kind else { return };
        let written = place.written;
        let head = written.kind.first().map_or(written.name.span, |name| name.span);
        let expected = Expected {
            blocks: vec![&kind.block, self.catalog.common(kind.class)],
            of: format!("a `{}` node", place.kind_name()),
            head,
            incomplete: written.block.incomplete,
        };
        let site = self.site(draft, ix);
        let fields: Vec<&ast::Field> = written.block.fields.iter().collect();
        let later: &[&str] = if place.body.is_some() { &LATER } else { &LATER[6..] };
        let (mut config, later) = self.config(&site, &expected, &fields, later);
        self.take_reads(draft, Reader::Node(ix));
        let (body, elsewhere) = self.elsewhere(draft, ix, &site, &mut config, &later);
        let output = output(kind, &config, elsewhere, &self.program.exprs);
        self.fallback(&site, &mut config, &later, &output);
        self.take_reads(draft, Reader::Node(ix));
        let mut node = self.assemble(draft, ix, kind, config, output, body);
        self.check_node(draft, ix, kind, &node);
        self.catalog.common(kind.class).fields.iter().for_each(|field| node.config.remove(&field.name));
        draft.nodes[ix] = Some(node);
    }

    fn fallback(&mut self, site: &Site<'a>, config: &mut Config, later: &[Known<'a>], output: &Type) {
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
            timeout: config.millis("timeout").filter(|_| !kind.class.is_activity()),
            execution: kind.class.is_activity().then(|| self.execution(draft, &config)),
            config,
            body,
        }
    }

    fn execution(&self, draft: &Draft<'a>, config: &Config) -> Execution {
        let declared = match config.get("call") {
            Some(Argument::Activity(activity)) => self.program.activities.get(*activity).and_then(|a| a.effect),
            _ => None,
        };
        Execution {
            retry: retry::chosen(config, &self.policies).unwrap_or_else(|| workflow_policy(draft)),
            timeout: config.millis("timeout").unwrap_or(ATTEMPT),
            total_timeout: config.millis("total_timeout"),
            heartbeat_timeout: config.millis("heartbeat_timeout"),
            breaker: keyed(config.get("breaker")),
            limit: keyed(config.get("limit")),
            effect: effect(config).or(declared).unwrap_or(Effect::Idempotent),
            task_queue: config.expr("task_queue"),
            local: config.flag("local"),
        }
    }

    /// The ports besides `error`; empty where they follow from something in error.
    fn ports(&mut self, kind: &Kind, config: &Config, written: &ast::Node) -> Vec<EcoString> {
        match &kind.ports {
            Ports::Ok => vec!["ok".into()],
            Ports::Own(ports) => ports.clone(),
            Ports::None => Vec::new(),
            Ports::Condition if config.span("when").is_some() => vec!["true".into(), "false".into()],
            Ports::Condition if config.span("cases").is_some() => {
                let cases = config.cases("cases").unwrap_or_default().iter().map(|(name, _)| name.clone());
                cases.chain([EcoString::from("otherwise")]).collect()
            }
            Ports::Condition => self.members(config, written),
        }
    }

    /// The members of the union that a `switch` is on.
    fn members(&mut self, config: &Config, written: &ast::Node) -> Vec<EcoString> {
        let Some(switch) = config.expr("switch") else { return Vec::new() };
        match self.program.exprs.ty(switch).clone() {
            Type::Literals(members) => members.iter().map(port_of).collect(),
            Type::Bool => vec!["true".into(), "false".into()],
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
        if let Role::Undo(_) = node.role {
            check_undo(&node.kind, kind.class == Class::Ending, node.span, &node.config, &mut self.problems);
        }
        check_undone(&node.config, &node.on_error, &mut self.problems);
        if node.kind == "succeed" && draft.plot.graphs[place.graph].owner.is_some() {
            self.problems.report(Finding::new(node.span, Error::SucceedInBody));
        }
        let retry = node.execution.as_ref().map(|execution| &execution.retry);
        let workflow = draft.header.timeout;
        Timeouts { config: &node.config, retry, workflow }.check(&mut self.problems);
        if let Some(span) = node.config.span("on_error") {
            if let OnError::Retry(policy) = &node.on_error {
                retry::check_again(policy, span, &mut self.problems);
            }
        }
        if let Some(execution) = &node.execution {
            self.check_execution(draft, kind, node, execution);
        }
    }

    fn check_execution(&mut self, draft: &Draft<'a>, kind: &Kind, node: &Node, execution: &Execution) {
        let config = &node.config;
        let bounds = Bounds { total: execution.total_timeout, workflow: draft.header.timeout.map(|(span, _)| span) };
        let unbounded = execution.retry.maximum_attempts.is_none() && !bounds.any();
        if let Some(chosen_at) = config.span("retry").filter(|_| unbounded) {
            retry::report_unbounded(chosen_at, &mut self.problems);
        }
        let unclear = unclear(kind, config);
        if let Some(local) = config.span("local").filter(|_| execution.local) {
            if unclear.is_some() || execution.effect == Effect::Once {
                self.problems.report(Finding::new(local, Error::LocalEffect));
                return;
            }
        }
        let again = execution.retry.maximum_attempts != Some(1) || matches!(node.on_error, OnError::Retry(_));
        if let Some(field) = unclear.filter(|_| again) {
            let at = config.span(field).unwrap_or(node.span);
            retry::report_unclear_effect(&node.name, &execution.retry, at, &mut self.problems);
        }
    }
}

/// The field by which it is unclear what a second execution does; empty where it is the whole node.
fn unclear(kind: &Kind, config: &Config) -> Option<&'static str> {
    let said = ["effect", "idempotency_key"].iter().any(|field| config.span(field).is_some());
    if said || config.flag("transactional") {
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

fn workflow_policy(draft: &Draft<'_>) -> Retry {
    draft.header.retry.as_ref().map_or_else(Retry::standard, |(policy, _)| policy.clone())
}
