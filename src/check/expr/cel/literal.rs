use super::checker::{Checker, Typed};
use crate::ast;
use crate::check::expr::error::Error;
use crate::check::typed::{Element, Entry, ExprKind};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    pub(super) fn list(&mut self, elements: &[ast::Element], span: Span) -> Typed {
        let mut joined = None;
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            let (value, ty) = self.element(element.value, element.optional);
            joined = Some(self.inference.join(joined, ty));
            values.push(Element { value: value.id, optional: element.optional });
        }
        let element = joined.unwrap_or_else(|| self.inference.fresh());
        self.add(ExprKind::List(values), Type::list(element), span)
    }

    pub(super) fn map(&mut self, entries: &[ast::Entry], span: Span) -> Typed {
        let (mut keys, mut values) = (None, None);
        let mut typed = Vec::with_capacity(entries.len());
        for entry in entries {
            let key = self.expr(entry.key);
            keys = Some(self.inference.join(keys, key.ty));
            let (value, ty) = self.element(entry.value, entry.optional);
            values = Some(self.inference.join(values, ty));
            typed.push(Entry { key: key.id, value: value.id, optional: entry.optional });
        }
        let key = keys.unwrap_or_else(|| self.inference.fresh());
        let value = values.unwrap_or_else(|| self.inference.fresh());
        self.add(ExprKind::Map(typed), Type::map(key, value), span)
    }

    /// A value of a literal, and what it counts as: one that may be left out as what it holds.
    fn element(&mut self, id: ast::ExprId, optional: bool) -> (Typed, Type) {
        let value = self.expr(id);
        if !optional {
            let ty = value.ty.clone();
            return (value, ty);
        }
        let ty = match self.inference.resolved(&value.ty) {
            Type::Optional(inner) => inner.as_ref().clone(),
            Type::Dyn => Type::Dyn,
            other => {
                let found = other.cel_text();
                let error =
                    Error::TypeMismatch { expected: format!("optional_type({found})"), found, help: None };
                let span = self.exprs[value.id].span;
                self.refuse(error, span);
                Type::Dyn
            }
        };
        (value, ty)
    }

    /// `"… ${x} …"`
    pub(super) fn template(&mut self, parts: &[ast::Part], span: Span) -> Typed {
        let mut typed = Vec::with_capacity(parts.len());
        for part in parts {
            let part = match part {
                ast::Part::Text(text) => self.constant(Value::String(text.clone()), Type::String, span),
                ast::Part::Expr(id) => self.interpolated(*id),
            };
            typed.push(part.id);
        }
        self.add(ExprKind::Template(typed), Type::String, span)
    }

    fn interpolated(&mut self, id: ast::ExprId) -> Typed {
        let typed = self.expr(id);
        let ty = self.inference.resolved(&typed.ty);
        if matches!(
            ty,
            Type::List(_) | Type::Map(..) | Type::Null | Type::Bytes | Type::Optional(_) | Type::Kind(_)
        ) {
            let span = self.exprs[typed.id].span;
            self.refuse(Error::NotInterpolatable { ty: ty.cel_text() }, span);
        }
        typed
    }
}
