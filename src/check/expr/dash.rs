//! Names with a dash in them, which are read as subtractions.

use ecow::{EcoString, eco_format};

use super::elaborator::Elaborator;
use super::error::Error;
use super::name::Base;
use super::scope::Lookup;
use crate::ast::{self, BinaryOp, ExprKind};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::Type;

impl Elaborator<'_> {
    /// Whether `a.order-id` means the field `order-id`, which is reported, or `order-id` something of that name, which was
    /// reported where it is declared.
    pub(super) fn is_dashed_name(&mut self, left: ast::ExprId, right: ast::ExprId) -> bool {
        let Some((second, end)) = self.first_name(right) else { return false };
        let whole = &self.file.exprs[left];
        if whole.span.end + 1 != end.start {
            return false;
        }
        match &whole.kind {
            ExprKind::Name { name, .. } => {
                let name = eco_format!("{name}-{second}");
                !matches!(self.scope.lookup(&name, whole.span), Lookup::Unknown)
            }
            ExprKind::Select { base, field, .. } => {
                let (base, field) = (*base, field.clone());
                let name = eco_format!("{}-{second}", field.text);
                self.is_field(base, &name, field.span.to(end))
            }
            _ => false,
        }
    }

    /// A key without quotes, which may have dashes in it, and the name that it begins with.
    pub(super) fn bare_key(&self, id: ast::ExprId) -> Option<(EcoString, ast::Name)> {
        let ast::Expr { kind, span } = &self.file.exprs[id];
        match kind {
            ExprKind::Name { name, leading_dot: false } => {
                Some((name.clone(), ast::Name { text: name.clone(), span: *span }))
            }
            ExprKind::Binary { op: BinaryOp::Subtract, left, right, .. } => {
                let (key, first) = self.bare_key(*left)?;
                let (second, _) = self.bare_key(*right)?;
                let is_one = self.file.exprs[*left].span.end + 1 == self.file.exprs[*right].span.start;
                is_one.then(|| (eco_format!("{key}-{second}"), first))
            }
            _ => None,
        }
    }

    /// The name that an expression begins with.
    fn first_name(&self, id: ast::ExprId) -> Option<(EcoString, Span)> {
        match &self.file.exprs[id] {
            ast::Expr { kind: ExprKind::Name { name, leading_dot: false }, span } => {
                Some((name.clone(), *span))
            }
            ast::Expr { kind: ExprKind::Select { base, .. } | ExprKind::Index { base, .. }, .. } => {
                self.first_name(*base)
            }
            _ => None,
        }
    }

    fn is_field(&mut self, base: ast::ExprId, name: &EcoString, span: Span) -> bool {
        let ty = match self.base(base) {
            Base::Value(typed) => self.exprs.ty(typed).clone(),
            Base::Node(node) => node.output,
        };
        if !matches!(&ty, Type::Record(record) if record.field(name).is_some()) {
            return false;
        }
        let help = Some(format!("write `` `{name}` `` in backticks"));
        let error = Error::UnknownField { ty: ty.to_string(), field: name.clone(), help };
        let finding = Finding::new(span, error);
        self.problems.report(finding.fix("put it between backticks", span, format!("`{name}`")));
        true
    }
}
