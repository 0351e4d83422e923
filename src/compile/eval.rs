use crate::check::expr::cel::{self, Declaration};
use crate::check::typed::Exprs;
use crate::diagnostic::Finding;
use crate::lower;
use crate::plan::expr::Code;
use crate::source::FileId;
use crate::syntax::parse_expression;
use crate::types::Type;

/// An expression of `citadel eval`, ready to be evaluated.
#[derive(Debug)]
pub struct Expression {
    /// Its code; a name reads [`Variable::Binding`](crate::plan::expr::Variable::Binding) with the index of its declaration.
    pub code: Code,
    /// Its type.
    pub ty: Type,
}

/// Compiles an expression as CEL has it. With `is_checked` off, types don't count, and what can't be resolved fails when
/// it is evaluated.
///
/// # Errors
/// What is wrong with the expression, in order.
pub fn expression(
    text: &str,
    declarations: &[Declaration],
    is_checked: bool,
) -> Result<Expression, Vec<Finding>> {
    let parsed = parse_expression(FileId::default(), text);
    let mut problems = parsed.problems;
    let mut exprs = Exprs::default();
    if problems.has_errors() {
        return Err(problems.into_sorted());
    }
    let (root, ty) =
        cel::check(&parsed.exprs, parsed.root, declarations, is_checked, &mut exprs, &mut problems);
    if problems.has_errors() {
        return Err(problems.into_sorted());
    }
    Ok(Expression { code: lower::compile(&exprs, root).code, ty })
}
