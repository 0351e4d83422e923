//! Loops: what is repeated, how often, and what becomes of it.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::block::Known;
use super::checker::{Checker, Site};
use super::draft::{Draft, Loop, Reader};
use super::expr;
use super::node::site;
use super::output::Elsewhere;
use super::plot;
use super::program::{Body, Config, NodeIx, StateVariable};
use super::scope::Place;
use crate::ast::{self, ExprKind, FieldValue, Param, TypeKind};
use crate::diagnostic::{Finding, nearest};
use crate::types::Type;

/// What can be wrong with a loop.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("a body has no field `{name}`")]
    #[diagnostic(code(field_in_body), help("{}", if *beside {
        format!("write `{name}` beside `body`, as a field of the loop")
    } else {
        "a body holds nodes and connections".to_owned()
    }))]
    FieldInBody { name: EcoString, beside: bool },
    #[error("nothing ends `{node}` for sure")]
    #[diagnostic(code(unbounded_loop), help("give it `max_iterations` or a `timeout`"))]
    Unbounded { node: EcoString },
    #[error("`{field}` wants one iteration after the other")]
    #[diagnostic(code(parallel_state), help("remove `parallelism`, or `{field}`"))]
    ParallelState { field: EcoString },
    #[error("`{name}` needs a value at first")]
    #[diagnostic(code(state_without_value), help("write `{name}: {ty} = …`"))]
    NoInitial { name: EcoString, ty: Type },
    #[error("`{name}` needs a type")]
    #[diagnostic(code(state_without_type), help("write `{name}: {ty} = {value}`"))]
    NoType { name: EcoString, ty: Type, value: String },
}

impl<'a> Checker<'a> {
    /// Checks what a loop repeats: its state, then its body, then what is evaluated after an iteration.
    pub(super) fn repetition(
        &mut self,
        draft: &mut Draft<'a>,
        ix: NodeIx,
        config: &mut Config,
        later: &[Known<'a>],
    ) -> Option<(Body, Elsewhere)> {
        let graph = draft.plot.nodes[ix].body?;
        self.check_body_fields(&draft.plot.nodes[ix], config);
        let field = |name: &str| later.iter().find(|(_, spec)| spec.name == name).copied();
        let mut state =
            self.state(&site(draft, Reader::Node(ix)), field("state").map(|(field, _)| field), config);
        self.take_reads(draft, Reader::Node(ix));
        let handed = Loop {
            variable: config.word("as").cloned().unwrap_or_else(|| "item".into()),
            index: config.word("index_as").cloned().unwrap_or_else(|| "index".into()),
            item: self.item(config),
            state: state_type(&state, config),
        };
        draft.loops[graph] = Some(handed.clone());
        if let Some(known) = field("while") {
            let site = Site { file: draft.plot.file, place: Place::Before(draft, graph), given: &[] };
            self.set(&site, config, known);
            self.take_reads(draft, Reader::Node(ix));
        }
        self.graph(draft, graph);
        let end = site(draft, Reader::End(graph));
        for known in ["collect", "until"].into_iter().filter_map(field) {
            self.set(&end, config, known);
        }
        let is_known = !(state.is_empty() && config.is_doubtful());
        if let Some((next, _)) = field("next").filter(|_| is_known) {
            self.next(&end, next, &mut state);
        }
        self.take_reads(draft, Reader::End(graph));
        self.check_loop(draft, ix, config);
        let collected = field("collect")
            .map(|_| config.expr("collect").map_or(Type::Unknown, |expr| self.exprs.ty(expr).clone()));
        let gaps = config.word("on_iteration_error").map(|word| word == "continue");
        let is_doubtful = config.is_doubtful();
        let elsewhere =
            Elsewhere::Loop { collected, item: handed.item, state: handed.state, gaps, is_doubtful };
        let body = Body { graph, variable: handed.variable, index: handed.index, state };
        Some((body, elsewhere))
    }

    /// A body holds nodes and connections; the fields of its loop stand beside it.
    fn check_body_fields(&mut self, place: &plot::Place<'a>, config: &mut Config) {
        let Some(ast::FieldValue::Body(body)) = place.field("body").map(|field| &field.value) else { return };
        for member in &body.members {
            let ast::Member::Field(field) = member else { continue };
            let beside = place.kind.is_some_and(|kind| kind.block.get(&field.name.text).is_some());
            let error = Error::FieldInBody { name: field.name.text.clone(), beside };
            self.problems.report(Finding::new(field.name.span, error).covering(field.span));
            config.doubt();
        }
    }

    /// The loop variable's type.
    fn item(&mut self, config: &Config) -> Type {
        let Some(over) = config.expr("over") else {
            let counted = ["times", "while", "until"].iter().any(|field| config.span(field).is_some());
            return if counted { Type::Int } else { Type::Unknown };
        };
        match self.exprs.ty(over).clone() {
            Type::List(element) => element.as_ref().clone(),
            Type::Map(key, value) => {
                Type::record([("key", key.as_ref().clone()), ("value", value.as_ref().clone())])
            }
            Type::Record(record) => {
                Type::record([("key", Type::String), ("value", record.value_type().unwrap_or(Type::Json))])
            }
            Type::Unknown | Type::Dyn => Type::Unknown,
            ty => {
                self.problems.report(Finding::new(self.exprs[over].span, not_iterable(&ty)));
                Type::Unknown
            }
        }
    }

    fn report_unknown_state(&mut self, name: &ast::Name, state: &[StateVariable]) {
        let names: Vec<String> = state.iter().map(|variable| format!("`{}`", variable.name)).collect();
        let help = match nearest(&name.text, state.iter().map(|variable| variable.name.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "declare it in `state`".into(),
            None => format!("its fields are {}", names.join(", ")),
        };
        let error =
            expr::Error::UnknownField { ty: "state".into(), field: name.text.clone(), help: Some(help) };
        self.problems.report(Finding::new(name.span, error));
    }

    fn state(
        &mut self,
        site: &Site<'_, 'a>,
        field: Option<&'a ast::Field>,
        config: &mut Config,
    ) -> Vec<StateVariable> {
        let Some(field) = field else { return Vec::new() };
        config.mark("state", field.span);
        let FieldValue::Params { params, .. } = &field.value else { return Vec::new() };
        let once = self.params_once(params);
        once.into_iter().map(|param| self.state_variable(site, param)).collect()
    }

    fn state_variable(&mut self, site: &Site<'_, 'a>, param: &'a Param) -> StateVariable {
        let is_value =
            matches!(&site.file.types[param.ty].kind, TypeKind::Literals(members) if members.len() == 1);
        if is_value && param.default.is_none() {
            return self.untyped_state(site, param);
        }
        let (name, ty) = (param.name.text.clone(), self.type_of(site.file, param.ty));
        let initial = match param.default {
            Some(default) => self.value_or_bad(site, default, &ty),
            None => {
                let error = Error::NoInitial { name: name.clone(), ty: ty.clone() };
                self.problems.report(Finding::new(param.span, error));
                self.exprs.bad(param.span)
            }
        };
        StateVariable { name, ty, initial, next: None }
    }

    /// A variable with a value where its type belongs.
    fn untyped_state(&mut self, site: &Site<'_, 'a>, param: &'a Param) -> StateVariable {
        let (name, value) = (param.name.text.clone(), site.file.types[param.ty].span);
        let ty = self.type_of(site.file, param.ty).widened();
        let value = self.text(value).to_owned();
        let error = Error::NoType { name: name.clone(), ty: ty.clone(), value };
        self.problems.report(Finding::new(param.span, error).covering(param.span));
        StateVariable { name, ty, initial: self.exprs.bad(param.span), next: None }
    }

    fn next(&mut self, site: &Site<'_, 'a>, field: &'a ast::Field, state: &mut [StateVariable]) {
        let FieldValue::Block(block) = &field.value else { return };
        for case in self.each_once(&block.fields) {
            let Some(expr) = self.case_expr(case, "a value") else { continue };
            match state.iter_mut().find(|variable| variable.name == case.name.text) {
                Some(variable) => variable.next = self.value(site, expr, &variable.ty.clone(), false),
                None => self.report_unknown_state(&case.name, state),
            }
        }
    }

    fn check_loop(&mut self, draft: &Draft<'a>, ix: NodeIx, config: &Config) {
        let place = &draft.plot.nodes[ix];
        let written = |field: &str| config.span(field).is_some();
        let conditional = written("while") || written("until");
        let bounded = written("max_iterations") || written("timeout") || written("over") || written("times");
        if conditional && !bounded && !config.is_doubtful() && !place.written.block.incomplete {
            let error = Error::Unbounded { node: place.name().clone() };
            self.problems.report(Finding::new(place.head(), error));
        }
        let Some(field) = place.field("parallelism") else { return };
        let one = matches!(&field.value, FieldValue::Expr(expr)
            if matches!(draft.plot.file.exprs[*expr].kind, ExprKind::Int(1)));
        let serial = ["state", "while", "until"].into_iter().find(|field| written(field));
        if let Some(serial) = serial.filter(|_| !one) {
            self.problems.report(Finding::new(field.span, Error::ParallelState { field: serial.into() }));
        }
    }
}

fn not_iterable(ty: &Type) -> expr::Error {
    let found = ty.to_string();
    match ty {
        Type::Optional(_) => {
            let help = "give it a value: `.orValue([])`".to_owned();
            expr::Error::OptionalUsed { ty: found, help: Some(help) }
        }
        Type::Json => {
            let help = "declare its type where it comes from".to_owned();
            expr::Error::UntypedOperand { operation: "`over`".into(), help: Some(help) }
        }
        _ => {
            let help = "for a number write `times`".to_owned();
            expr::Error::TypeMismatch { expected: "list or map".into(), found, help: Some(help) }
        }
    }
}

fn record(state: &[StateVariable]) -> Type {
    Type::record(state.iter().map(|variable| (variable.name.clone(), variable.ty.clone())))
}

/// What `state` is; anything where its block may be the one that is unknown.
fn state_type(state: &[StateVariable], config: &Config) -> Option<Type> {
    match state {
        [] => config.is_doubtful().then_some(Type::Unknown),
        _ => Some(record(state)),
    }
}
