//! `accept: [404, "2xx"]`

use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ExprKind};
use crate::check::program::Argument;
use crate::diagnostic::{Finding, Problems};

/// What can be wrong with a list of statuses.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("this is no HTTP status")]
    #[diagnostic(code(invalid_status), help("write statuses such as `404` and classes such as `\"2xx\"`"))]
    Status,
    #[error("`accept` takes a list of statuses")]
    #[diagnostic(code(status_list), help("write `[404, \"2xx\"]`"))]
    List,
}

/// The statuses and classes of a list.
pub(super) fn statuses(file: &ast::File, expr: ast::ExprId, problems: &mut Problems) -> Option<Argument> {
    let ExprKind::List(elements) = &file.exprs[expr].kind else {
        if !matches!(file.exprs[expr].kind, ExprKind::Bad) {
            problems.report(Finding::new(file.exprs[expr].span, Error::List));
        }
        return None;
    };
    let statuses: Vec<Option<Argument>> =
        elements.iter().map(|element| status(file, element.value, problems)).collect();
    statuses.into_iter().collect::<Option<Vec<_>>>().map(Argument::List)
}

fn status(file: &ast::File, expr: ast::ExprId, problems: &mut Problems) -> Option<Argument> {
    match &file.exprs[expr].kind {
        ExprKind::Int(status) if (100..=599).contains(status) => return Some(Argument::Int(*status)),
        ExprKind::String { value, .. } if is_class(value) => return Some(Argument::Text(value.clone())),
        ExprKind::Bad => return None,
        _ => {}
    }
    problems.report(Finding::new(file.exprs[expr].span, Error::Status));
    None
}

fn is_class(text: &str) -> bool {
    matches!(text, "1xx" | "2xx" | "3xx" | "4xx" | "5xx")
}
