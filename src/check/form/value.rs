//! Fields that take a value: of a type, of one of several, of any.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ExprKind, Name};
use crate::catalog::{Form, Reference};
use crate::check::block::report_missing;
use crate::check::checker::{Checker, Site};
use crate::check::expr;
use crate::check::program::Argument;
use crate::check::typed::{ExprId, ExprKind as Typed};
use crate::diagnostic::Finding;
use crate::resolve::Namespace;
use crate::source::Span;
use crate::types::{Field, Type};

/// What can be wrong with a list of names.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{field}` takes a list of names")]
    #[diagnostic(code(name_list), help("write `[{example}]`"))]
    Names { field: EcoString, example: &'static str },
}

impl<'a> Checker<'a> {
    /// A value as its form says.
    pub(super) fn expression(
        &mut self,
        site: &Site<'_, 'a>,
        form: &Form,
        secret: bool,
        expr: ast::ExprId,
    ) -> Option<ExprId> {
        match form {
            Form::Value(Type::Bool) => self.condition(site, expr),
            Form::Value(ty) => self.value(site, expr, ty, secret),
            Form::OneOf(types) => self.one_of(site, expr, types, secret),
            Form::Entries(types) => self.entries(site, types, secret, expr),
            _ => self.inferred(site, expr, secret),
        }
    }

    /// A map whose values are each of one of some types, or an optional of it.
    fn entries(
        &mut self,
        site: &Site<'_, 'a>,
        types: &[Type],
        secret: bool,
        expr: ast::ExprId,
    ) -> Option<ExprId> {
        let typed = self.inferred(site, expr, secret)?;
        let whole = self.exprs[typed].span;
        let values: Vec<(Type, Span)> = match (&self.exprs[typed].kind, self.exprs.ty(typed)) {
            (Typed::Map(entries), _) => entries
                .iter()
                .map(|entry| (self.exprs.ty(entry.value).clone(), self.exprs[entry.value].span))
                .collect(),
            (_, Type::Record(record)) => {
                record.fields().iter().map(|field| (field.value_type().clone(), whole)).collect()
            }
            (_, Type::Map(_, value)) => vec![(value.as_ref().clone(), whole)],
            (_, Type::Unknown | Type::Dyn) => Vec::new(),
            _ => {
                let found = self.exprs.ty(typed).clone();
                self.problems
                    .report(Finding::new(whole, mismatch("map", &found, "write `{ \"name\": value }`")));
                return None;
            }
        };
        let fits = |ty: &Type| types.is_empty() || types.iter().any(|wanted| ty.unwrapped().fits(wanted));
        for (found, span) in values.into_iter().filter(|(ty, _)| !fits(ty)) {
            let expected = types.iter().map(Type::to_string).collect::<Vec<_>>().join(" or ");
            let help = "convert it to a text: `string(…)`, `json.encode(…)`";
            self.problems.report(Finding::new(span, mismatch(&expected, &found, help)));
        }
        Some(typed)
    }

    /// What a child, a remote activity or a started workflow gets; the details of an error.
    pub(super) fn input_of(
        &mut self,
        site: &Site<'_, 'a>,
        callee: Option<&Argument>,
        expr: ast::ExprId,
    ) -> Option<Argument> {
        let wanted = match callee {
            // Beside an error that has its details already, more may be said.
            Some(Argument::Error { details: Some(_), .. }) => Some(Type::Json),
            Some(Argument::Error { name, .. }) => {
                Some(self.errors.details(site.file.id, name).cloned().unwrap_or(Type::Json))
            }
            other => self.input_type(other),
        };
        let typed = match wanted {
            Some(ty) => self.value(site, expr, &ty, false),
            None => self.inferred(site, expr, false),
        };
        typed.map(Argument::Expr)
    }

    /// What a callee takes; `None` where it is unknown.
    pub(in crate::check) fn input_type(&self, callee: Option<&Argument>) -> Option<Type> {
        match callee? {
            Argument::Workflow(workflow) => self.inputs.get(*workflow).cloned(),
            Argument::Activity(activity) => Some(self.program.activities.get(*activity)?.input.clone()),
            _ => None,
        }
    }

    /// Reports that a callee gets no input which needs one.
    pub(in crate::check) fn check_no_input(&mut self, callee: Option<&Argument>, of: &str, head: Span) {
        let needs = match self.input_type(callee) {
            Some(Type::Record(record)) => record.fields().iter().any(Field::is_required),
            _ => false,
        };
        if needs {
            report_missing(of, "input", head, &mut self.problems);
        }
    }

    /// Names of errors.
    pub(super) fn error_names(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
    ) -> Option<Argument> {
        let names = self.names(site, field, "Timeout, HttpServerError", expr)?;
        let known = self.errors.check_all(site.file.id, &names, &mut self.problems);
        Some(Argument::Errors(known.into_iter().map(|name| name.text).collect()))
    }

    fn names(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        example: &'static str,
        expr: ast::ExprId,
    ) -> Option<Vec<Name>> {
        let whole = &site.file.exprs[expr];
        let names = match &whole.kind {
            ExprKind::Bad => return None,
            ExprKind::List(elements) => {
                elements.iter().map(|element| name(site.file, element.value)).collect()
            }
            _ => None,
        };
        if names.is_none() {
            self.problems.report(Finding::new(whole.span, Error::Names { field: field.clone(), example }));
        }
        names
    }

    /// Tools of plugins, and workflows.
    pub(super) fn tools(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
    ) -> Option<Argument> {
        let whole = &site.file.exprs[expr];
        let ExprKind::List(elements) = &whole.kind else {
            if !matches!(whole.kind, ExprKind::Bad) {
                let error = Error::Names { field: field.clone(), example: "plugin.tool, workflow" };
                self.problems.report(Finding::new(whole.span, error));
            }
            return None;
        };
        let tools: Vec<Option<Argument>> =
            elements.iter().map(|element| self.tool(site, field, element.value)).collect();
        tools.into_iter().collect::<Option<Vec<_>>>().map(Argument::List)
    }

    fn tool(&mut self, site: &Site<'_, 'a>, field: &EcoString, expr: ast::ExprId) -> Option<Argument> {
        if let ExprKind::Select { base, field: tool, .. } = &site.file.exprs[expr].kind
            && let Some(plugin) = name(site.file, *base)
        {
            let known = self.resolved.lookup(site.file.id, Namespace::Plugin, &plugin.text);
            if let Some(declaration) = known {
                self.used_plugins.insert(declaration);
                return Some(Argument::Tool(format!("{}.{}", plugin.text, tool.text).into()));
            }
        }
        self.reference(site, field, expr, Reference::Workflow)
    }
}

fn mismatch(expected: &str, found: &Type, help: &str) -> expr::Error {
    expr::Error::TypeMismatch { expected: expected.into(), found: found.to_string(), help: Some(help.into()) }
}

fn name(file: &ast::File, expr: ast::ExprId) -> Option<Name> {
    let written = &file.exprs[expr];
    match &written.kind {
        ExprKind::Name { name, .. } => Some(Name { text: name.clone(), span: written.span }),
        _ => None,
    }
}
