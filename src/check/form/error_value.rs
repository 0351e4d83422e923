//! `OutOfStock { order: x }`, `HttpServerError("text")`, `x.error`

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{ExprId, ExprKind, Name};
use crate::check::checker::{Checker, Site};
use crate::check::program::Argument;
use crate::diagnostic::Finding;
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
    #[diagnostic(code(node_error_expected), help("write `{field}: fetch.error`"))]
    NodeError { field: EcoString },
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
            ExprKind::Name { .. } | ExprKind::Select { .. } => {
                let value = self.inferred(site, expr, false)?;
                Some(Argument::Expr(value))
            }
            _ => {
                self.problems.report(Finding::new(whole.span, Error::NodeError { field: field.clone() }));
                None
            }
        }
    }

    fn report_no_error(&mut self, site: &Site<'_, 'a>, field: &EcoString, expr: ExprId) -> Option<Argument> {
        self.problems
            .report(Finding::new(site.file.exprs[expr].span, Error::Expected { field: field.clone() }));
        None
    }
}
