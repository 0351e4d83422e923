use miette::Diagnostic;
use thiserror::Error;

use super::typed::{ExprId, ExprKind, Exprs, Variable};
use crate::diagnostic::{Finding, Problems};

/// A secret where none may be.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("a secret would be written down here")]
    #[diagnostic(
        code(secret_leak),
        help(
            "secrets go where a request is signed or a connection is made, such as `auth`, a header or `env`"
        )
    )]
    Leak,
}

/// Reports a secret in an expression, at the secret itself.
pub(super) fn report_leak(exprs: &Exprs, whole: ExprId, problems: &mut Problems) {
    let mut open = vec![whole];
    let mut found = None;
    while let Some(expr) = open.pop() {
        let typed = &exprs[expr];
        if matches!(typed.kind, ExprKind::Variable(Variable::Secret(_))) {
            found = found.min(Some(typed.span)).or(Some(typed.span));
        }
        typed.kind.operands(|operand| open.push(operand));
    }
    let span = found.unwrap_or(exprs[whole].span);
    problems.report(Finding::new(span, Error::Leak));
}
