//! Values that must be known before a run, and texts that must be literal.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast;
use crate::catalog::Known;
use crate::check::checker::{Checker, Site};
use crate::check::program::{Argument, Millis};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;
use crate::types::Type;
use crate::value::{Duration, Value};

/// What can be wrong with such a value.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{field}` must be a literal")]
    #[diagnostic(code(literal_required), help("{reason}"))]
    Literal { field: EcoString, reason: String },
    #[error("`{field}` must be {bound}")]
    #[diagnostic(code(out_of_range))]
    Range { field: EcoString, bound: String },
}

/// Reports that something must be a literal.
pub(in crate::check) fn report_literal(field: &str, reason: &str, span: Span, problems: &mut Problems) {
    problems.report(Finding::new(span, Error::Literal { field: field.into(), reason: reason.into() }));
}

/// Reports a value beyond its bounds.
pub(in crate::check) fn report_range(field: &str, bound: String, span: Span, problems: &mut Problems) {
    problems.report(Finding::new(span, Error::Range { field: field.into(), bound }));
}

fn type_of(known: Known) -> Type {
    match known {
        Known::Duration => Type::Duration,
        Known::Int { .. } => Type::Int,
        Known::Double { .. } => Type::Double,
        Known::Bool => Type::Bool,
        Known::Text => Type::String,
    }
}

const REASON: &str = "it must be known before a run; write a literal, or a constant that is one";

impl<'a> Checker<'a> {
    /// How long something may take: checked here where it is known, else evaluated when it starts.
    pub(super) fn time_limit(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
    ) -> Option<Argument> {
        let value = self.value(site, expr, &Type::Duration, false)?;
        let Some(argument) = self.constant(value).and_then(argument) else {
            return Some(Argument::Expr(value));
        };
        self.within(Known::Duration, argument, field, site.file.exprs[expr].span)
    }

    /// A value that must be known before a run: a literal, or a constant that is one.
    pub(super) fn known(
        &mut self,
        site: &Site<'_, 'a>,
        field: &EcoString,
        expr: ast::ExprId,
        known: Known,
    ) -> Option<Argument> {
        let span = site.file.exprs[expr].span;
        let value = self.value(site, expr, &type_of(known), false)?;
        let Some(argument) = self.constant(value).and_then(argument) else {
            report_literal(field, REASON, span, &mut self.problems);
            return None;
        };
        self.within(known, argument, field, span)
    }

    /// A value that keeps its bounds; reports one that doesn't.
    fn within(&mut self, known: Known, argument: Argument, field: &str, span: Span) -> Option<Argument> {
        match out_of(known, &argument) {
            Some(bound) => {
                report_range(field, bound, span, &mut self.problems);
                None
            }
            None => Some(argument),
        }
    }
}

fn argument(value: Value) -> Option<Argument> {
    Some(match value {
        Value::Duration(span) => Argument::Millis(millis(span)),
        Value::Int(number) => Argument::Int(number),
        Value::Double(number) => Argument::Double(number),
        Value::Bool(yes) => Argument::Bool(yes),
        Value::String(text) => Argument::Text(text),
        _ => return None,
    })
}

/// A negative span counts as none: both are out of range.
fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_nanos() / 1_000_000).unwrap_or(0)
}

/// The bound that a value doesn't keep.
fn out_of(known: Known, argument: &Argument) -> Option<String> {
    match (known, argument) {
        (Known::Duration, Argument::Millis(0)) => Some("longer than `0s`".into()),
        (Known::Int { least }, Argument::Int(number)) if *number < least => Some(format!("at least {least}")),
        (Known::Int { .. }, Argument::Int(number)) if u32::try_from(*number).is_err() => {
            Some(format!("at most {}", u32::MAX))
        }
        (Known::Double { least }, Argument::Double(number))
            if *number < least as f64 || !number.is_finite() =>
        {
            Some(format!("at least {least}"))
        }
        _ => None,
    }
}
