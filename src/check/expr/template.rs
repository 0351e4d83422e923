use super::elaborator::{Elaborator, untyped};
use super::error::Error;
use crate::ast;
use crate::check::typed::{ExprId, ExprKind};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

impl Elaborator<'_> {
    /// `"… ${x} …"`
    pub(super) fn template(&mut self, parts: &[ast::Part], span: Span) -> ExprId {
        let mut typed = Vec::with_capacity(parts.len());
        for part in parts {
            typed.push(match part {
                ast::Part::Text(text) => self.literal(Value::String(text.clone()), Type::String, span),
                ast::Part::Expr(id) => self.interpolated(*id),
            });
        }
        let is_secret = typed.iter().any(|part| self.exprs.ty(*part).has_secret());
        let ty = if is_secret { Type::Secret } else { Type::String };
        self.exprs.add(ExprKind::Template(typed), ty, span)
    }

    fn interpolated(&mut self, id: ast::ExprId) -> ExprId {
        let typed = self.expr(id, None);
        let ty = self.exprs.ty(typed);
        match ty.widened() {
            Type::Unknown | Type::Dyn | Type::String | Type::Secret => typed,
            Type::Bool | Type::Int | Type::Uint | Type::Double | Type::Duration | Type::Timestamp => typed,
            Type::Optional(_) => self.refuse_optional(typed),
            Type::Json => {
                let help = "convert it: `string(…)`, or `json.encode(…)` for JSON text";
                self.refuse(typed, untyped("an interpolation", help))
            }
            other => self.refuse(typed, Error::NotInterpolatable { ty: other.to_string() }),
        }
    }
}
