//! Values that must be known before a run, and texts that must be literal.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ExprKind, UnaryOp};
use crate::catalog::Known;
use crate::check::checker::{Checker, Site};
use crate::check::program::{Argument, Millis};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;
use crate::types::Type;

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
    /// A value that must be known before a run: a literal, or a constant that is one.
    pub(super) fn known(
        &mut self,
        site: &Site<'a>,
        field: &EcoString,
        expr: ast::ExprId,
        known: Known,
    ) -> Option<Argument> {
        let span = site.file.exprs[expr].span;
        self.value(site, expr, &type_of(known), false)?;
        let Some(argument) = self.folded(site.file, expr, known) else {
            report_literal(field, REASON, span, &mut self.problems);
            return None;
        };
        match out_of(known, &argument) {
            Some(bound) => {
                self.problems.report(Finding::new(span, Error::Range { field: field.clone(), bound }));
                None
            }
            None => Some(argument),
        }
    }

    /// What a literal, or a constant that is one, stands for.
    fn folded(&self, file: &'a ast::File, expr: ast::ExprId, known: Known) -> Option<Argument> {
        match (&file.exprs[expr].kind, known) {
            (ExprKind::Name { name, .. }, _) => {
                let (file, value) = self.constant_value(file, name)?;
                self.folded(file, value, known)
            }
            (ExprKind::Unary { op: UnaryOp::Negate, operand }, _) => negated(self.folded(file, *operand, known)?),
            (ExprKind::Duration(nanos), Known::Duration) => Some(Argument::Millis(millis(*nanos)?)),
            (ExprKind::Int(number), Known::Int { .. }) => Some(Argument::Int(*number)),
            (ExprKind::Int(number), Known::Double { .. }) => Some(Argument::Double(*number as f64)),
            (ExprKind::Double(number), Known::Double { .. }) => Some(Argument::Double(*number)),
            (ExprKind::Bool(yes), Known::Bool) => Some(Argument::Bool(*yes)),
            (ExprKind::String { value, .. }, Known::Text) => Some(Argument::Text(value.clone())),
            _ => None,
        }
    }
}

/// Negative spans count as none: both are out of range.
fn millis(nanos: i64) -> Option<Millis> {
    Some(Millis::try_from(nanos / 1_000_000).unwrap_or(0))
}

fn negated(argument: Argument) -> Option<Argument> {
    match argument {
        Argument::Millis(_) => Some(Argument::Millis(0)),
        Argument::Int(number) => Some(Argument::Int(number.saturating_neg())),
        Argument::Double(number) => Some(Argument::Double(-number)),
        _ => None,
    }
}

/// The bound that a value doesn't keep.
fn out_of(known: Known, argument: &Argument) -> Option<String> {
    match (known, argument) {
        (Known::Duration, Argument::Millis(0)) => Some("longer than `0s`".into()),
        (Known::Int { least }, Argument::Int(number)) if *number < least => Some(format!("at least {least}")),
        (Known::Int { .. }, Argument::Int(number)) if u32::try_from(*number).is_err() => {
            Some(format!("at most {}", u32::MAX))
        }
        (Known::Double { least }, Argument::Double(number)) if *number < least as f64 || !number.is_finite() => {
            Some(format!("at least {least}"))
        }
        _ => None,
    }
}
