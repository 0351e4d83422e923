//! `OutOfStock { order: x }`, `HttpServerError("text")`, `x.error`

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::word::lone_name;
use crate::ast::{self, ExprId, ExprKind, Name};
use crate::check::checker::{Checker, Site};
use crate::check::failure::error_type;
use crate::check::program::Argument;
use crate::check::scope::Place;
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::Type;

/// What can be wrong with an error value.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{field}` takes an error")]
    #[diagnostic(
        code(error_expected),
        help("write `OutOfStock {{ order: x }}` for a declared one, `Timeout(\"text\")` for another")
    )]
    Expected { field: EcoString },
    #[error("`{field}` takes the error of another node")]
    #[diagnostic(code(node_error_expected), help("write `{field}: {}.error`", node.as_deref().unwrap_or("fetch")))]
    NodeError { field: EcoString, node: Option<EcoString> },
}

impl<'a> Checker<'a> {
    /// The error that a run ends with.
    pub(in crate::check) fn error_value(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ExprId,
    ) -> Option<Argument> {
        let whole = &site.file.exprs[expr];
        match &whole.kind {
            ExprKind::Bad => None,
            ExprKind::Record { path, .. } => {
                let [name] = path.as_slice() else { return self.report_no_error(site, field, expr) };
                let known = self.use_error(site.file.id, name)?;
                if self.is_missing(site.file.id, &known.text) {
                    return None;
                }
                let details = match self.errors.details(site.file.id, &known.text).cloned() {
                    Some(record) => self.details(site, expr, &name.text, &record)?,
                    None => return self.report_no_error(site, field, expr),
                };
                Some(Argument::Error { name: known.text, details: Some(details), message: None })
            }
            ExprKind::Call { function, args } => {
                let name = self.use_error(site.file.id, function)?.text;
                let [message] = args.as_slice() else { return self.report_no_error(site, field, expr) };
                let message = self.value(site, *message, &Type::String, false)?;
                Some(Argument::Error { name, details: None, message: Some(message) })
            }
            ExprKind::Name { name, .. } => {
                let written = Name { text: name.clone(), span: whole.span };
                let name = self.use_error(site.file.id, &written)?.text;
                Some(Argument::Error { name, details: None, message: None })
            }
            _ => self.report_no_error(site, field, expr),
        }
    }

    /// The error of another node, as it came.
    pub(super) fn node_error(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ExprId,
    ) -> Option<Argument> {
        let whole = &site.file.exprs[expr];
        match &whole.kind {
            ExprKind::Bad => None,
            ExprKind::Name { name, .. } if is_node(site.place, name) => {
                let node = Some(name.clone());
                self.report_no_node_error(field, node, whole.span)
            }
            ExprKind::Name { .. } | ExprKind::Select { .. } => {
                let value = self.inferred(site, expr, false)?;
                if self.exprs.ty(value).fits(&error_type([])) {
                    return Some(Argument::Expr(value));
                }
                let node = root(site.file, expr).filter(|name| is_node(site.place, name)).cloned();
                self.report_no_node_error(field, node, whole.span)
            }
            _ => self.report_no_node_error(field, None, whole.span),
        }
    }

    fn report_no_node_error(
        &mut self,
        field: &EcoString,
        node: Option<EcoString>,
        at: Span,
    ) -> Option<Argument> {
        self.problems.report(Finding::new(at, Error::NodeError { field: field.clone(), node }));
        None
    }

    fn report_no_error(&mut self, site: &Site<'_, 'a>, field: &EcoString, expr: ExprId) -> Option<Argument> {
        self.problems
            .report(Finding::new(site.file.exprs[expr].span, Error::Expected { field: field.clone() }));
        None
    }
}

/// The name that a selection begins with.
fn root(file: &ast::File, mut expr: ExprId) -> Option<&EcoString> {
    while let ExprKind::Select { base, .. } = &file.exprs[expr].kind {
        expr = *base;
    }
    lone_name(file, expr)
}

/// Whether a name is that of a node, of which something is to be selected.
fn is_node(place: Place<'_, '_>, name: &EcoString) -> bool {
    let Place::Graph(draft, reader) = place else { return false };
    draft.plot.graphs[draft.graph_of(reader)].names.contains_key(name)
}
