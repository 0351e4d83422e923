//! Integer literals stand for doubles where doubles are needed, also within literals, branches and macros.

use std::sync::Arc;

use super::elaborator::Elaborator;
use crate::check::typed::{Comprehension, Element, Entry, Expr, ExprId, ExprKind, Gather};
use crate::types::{Field, Record, Type};
use crate::value::Value;

impl Elaborator<'_> {
    /// Two operands of which one has doubles: integer literals of the other become doubles in the same places.
    pub(super) fn numbers_alike(&mut self, left: ExprId, right: ExprId) -> [ExprId; 2] {
        let [a, b] = [left, right].map(|side| self.exprs.ty(side).clone());
        match (has_double(&a), has_double(&b)) {
            (true, _) => [left, self.doubled(right, &a)],
            (false, true) => [self.doubled(left, &b), right],
            (false, false) => [left, right],
        }
    }

    /// The same expression with doubles for the integer literals that stand where `like` has doubles.
    pub(super) fn doubled(&mut self, typed: ExprId, like: &Type) -> ExprId {
        if !has_double(like) {
            return typed;
        }
        let Expr { kind, ty, span } = self.exprs[typed].clone();
        let changed = match (like.unwrapped(), kind) {
            (Type::Double, ExprKind::Literal(Value::Int(number))) => {
                Some((ExprKind::Literal(Value::Double(number as f64)), Type::Double))
            }
            (Type::List(inner), ExprKind::List(elements)) => self.doubled_list(elements, inner),
            (Type::Map(_, value), ExprKind::Map(entries)) => self.doubled_map(entries, &ty, value),
            (Type::List(inner), ExprKind::Comprehension(macro_)) if macro_.gather == Gather::List => {
                self.doubled_body(macro_, inner)
            }
            (_, ExprKind::Conditional { condition, then, otherwise }) => {
                let [yes, no] = [then, otherwise].map(|branch| self.doubled(branch, like));
                let kind = ExprKind::Conditional { condition, then: yes, otherwise: no };
                let ty = self.exprs.ty(yes).join(self.exprs.ty(no));
                ty.filter(|_| [yes, no] != [then, otherwise]).map(|ty| (kind, ty))
            }
            _ => None,
        };
        changed.map_or(typed, |(kind, ty)| self.exprs.add(kind, ty, span))
    }

    fn doubled_list(&mut self, elements: Vec<Element>, inner: &Type) -> Option<(ExprKind, Type)> {
        let mut ty = Type::Unknown;
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            let value = self.doubled(element.value, inner);
            ty = ty.join(self.exprs.ty(value))?;
            values.push(Element { value, ..element });
        }
        Some((ExprKind::List(values), Type::list(ty)))
    }

    fn doubled_map(&mut self, entries: Vec<Entry>, ty: &Type, value: &Type) -> Option<(ExprKind, Type)> {
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|entry| Entry { value: self.doubled(entry.value, value), ..entry })
            .collect();
        let values = entries.iter().map(|entry| self.exprs.ty(entry.value).clone());
        let ty = match ty {
            Type::Record(record) => {
                let fields =
                    record.fields().iter().zip(values).map(|(field, ty)| Field { ty, ..field.clone() });
                Type::Record(Arc::new(Record::new(None, fields.collect())))
            }
            Type::Map(key, _) => {
                let joined = values.into_iter().try_fold(Type::Unknown, |all, ty| all.join(&ty))?;
                Type::map(key.as_ref().clone(), joined)
            }
            _ => return None,
        };
        Some((ExprKind::Map(entries), ty))
    }

    fn doubled_body(&mut self, macro_: Comprehension, inner: &Type) -> Option<(ExprKind, Type)> {
        let body = self.doubled(macro_.body, inner);
        let ty = Type::list(self.exprs.ty(body).clone());
        (body != macro_.body).then(|| (ExprKind::Comprehension(Comprehension { body, ..macro_ }), ty))
    }
}

/// Whether a type is a double, or a list or map of such.
fn has_double(ty: &Type) -> bool {
    match ty {
        Type::Double => true,
        Type::Optional(inner) | Type::List(inner) | Type::Map(_, inner) => has_double(inner),
        _ => false,
    }
}
