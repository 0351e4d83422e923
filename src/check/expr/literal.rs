use super::elaborator::Elaborator;
use super::error::Error;
use crate::ast;
use crate::check::typed::{Element, ExprId, ExprKind};
use crate::source::Span;
use crate::types::{Literal, Type};
use crate::value::Value;

impl Elaborator<'_> {
    /// A literal that may be a member of a union.
    pub(super) fn scalar(&mut self, value: Value, wanted: Option<&Type>, span: Span) -> ExprId {
        let literal = Literal::of(&value);
        let ty = match (wanted.map(Type::unwrapped), &literal) {
            (Some(union @ Type::Literals(members)), Some(literal)) if members.contains(literal) => {
                union.clone()
            }
            (_, Some(literal)) => literal.ty(),
            (_, None) => Type::Unknown,
        };
        self.literal(value, ty, span)
    }

    /// An integer literal, which stands for a double where one is needed.
    pub(super) fn int(&mut self, number: i64, wanted: Option<&Type>, span: Span) -> ExprId {
        match wanted.map(Type::unwrapped) {
            Some(Type::Double) => self.literal(Value::Double(number as f64), Type::Double, span),
            Some(union @ Type::Literals(members))
                if !members.contains(&Literal::Int(number))
                    && members.contains(&Literal::Double(number as f64)) =>
            {
                self.literal(Value::Double(number as f64), union.clone(), span)
            }
            _ => self.scalar(Value::Int(number), wanted, span),
        }
    }

    /// The same value as a double, where it is an integer literal.
    pub(super) fn as_double(&mut self, typed: ExprId) -> ExprId {
        match self.exprs[typed].kind {
            ExprKind::Literal(Value::Int(number)) => {
                let span = self.exprs[typed].span;
                self.literal(Value::Double(number as f64), Type::Double, span)
            }
            _ => typed,
        }
    }

    pub(super) fn list(&mut self, elements: &[ast::Element], wanted: Option<&Type>, span: Span) -> ExprId {
        let element_type = match wanted.map(Type::unwrapped) {
            Some(Type::List(element)) => Some(element.as_ref().clone()),
            Some(ty @ (Type::Json | Type::Dyn)) => Some(ty.clone()),
            _ => None,
        };
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            let value = self.element(element.value, element.optional, element_type.as_ref());
            values.push(Element { value, optional: element.optional });
        }
        let ty = match &element_type {
            Some(ty @ (Type::Json | Type::Dyn)) => self.untyped_elements(&values, ty),
            Some(ty) => self.secret_or(&values, ty),
            None => self.common_or_json(&mut values),
        };
        self.exprs.add(ExprKind::List(values), Type::list(ty), span)
    }

    /// A value of a list or map literal. One that is left out where it is none has to be an optional; its own type is
    /// what counts then.
    pub(super) fn element(&mut self, id: ast::ExprId, optional: bool, wanted: Option<&Type>) -> ExprId {
        if !optional {
            return match wanted {
                Some(wanted) => self.check(id, wanted),
                None => self.expr(id, None),
            };
        }
        let wanted = Type::optional(wanted.cloned().unwrap_or_default());
        let typed = self.expr(id, Some(&wanted));
        match self.exprs.ty(typed) {
            Type::Optional(_) | Type::Unknown | Type::Dyn => self.fit(typed, &wanted),
            found => {
                let found = found.to_string();
                let help = Some("leave the `?` away: it always has a value".into());
                self.refuse(typed, Error::TypeMismatch { expected: format!("{found}?"), found, help })
            }
        }
    }

    /// The one type of several values, among which integer literals stand for doubles where there are doubles. `None`
    /// where they have none.
    pub(super) fn common(&mut self, values: &mut [Element]) -> Option<Type> {
        if values.iter().any(|element| *self.element_type(*element) == Type::Double) {
            for element in values.iter_mut().filter(|element| !element.optional) {
                element.value = self.as_double(element.value);
            }
        }
        values.iter().try_fold(Type::Unknown, |joined, element| joined.join(self.element_type(*element)))
    }

    /// The same where there has to be one.
    pub(super) fn unify(&mut self, values: &mut [Element], what: &'static str) -> Option<Type> {
        let common = self.common(values);
        if common.is_none() {
            self.report_mixed(values, what);
        }
        common
    }

    /// At the first value that doesn't go with those before it.
    fn report_mixed(&mut self, values: &[Element], what: &'static str) {
        let mut joined = Type::Unknown;
        for element in values {
            let found = self.element_type(*element);
            match joined.join(found) {
                Some(wider) => joined = wider,
                None => {
                    let error =
                        Error::MixedTypes { what, before: joined.to_string(), found: found.to_string() };
                    self.refuse(element.value, error);
                    return;
                }
            }
        }
    }

    /// The type of the elements of a literal: `json` where they are of several, as CEL has `dyn` then.
    pub(super) fn common_or_json(&mut self, values: &mut [Element]) -> Type {
        self.common(values).unwrap_or_else(|| self.secret_or(values, &Type::Json))
    }

    /// What an element counts as: one that may be left out, as what it holds.
    pub(super) fn element_type(&self, element: Element) -> &Type {
        let ty = self.exprs.ty(element.value);
        if element.optional { ty.unwrapped() } else { ty }
    }

    /// The type of values that need have no common one.
    pub(super) fn untyped_elements(&self, values: &[Element], untyped: &Type) -> Type {
        let joined =
            values.iter().try_fold(Type::Unknown, |joined, element| joined.join(self.element_type(*element)));
        match joined {
            Some(joined) if !values.is_empty() => joined,
            _ => self.secret_or(values, untyped),
        }
    }

    /// The type that was wanted, unless a secret stands among the values.
    pub(super) fn secret_or(&self, values: &[Element], ty: &Type) -> Type {
        if values.iter().any(|element| self.exprs.ty(element.value).has_secret()) {
            Type::Secret
        } else {
            ty.clone()
        }
    }
}
