use std::sync::Arc;

use ecow::{EcoString, eco_format};

use super::checker::{Checker, Typed};
use crate::ast::{self, ExprKind as Written, Name};
use crate::check::expr::error::{Error, Overload};
use crate::check::typed::{Access, ExprId, ExprKind, Variable};
use crate::source::Span;
use crate::types::Type;
use crate::value::{Kind, Value};

impl Checker<'_> {
    /// A name: of a macro's variable, of a declaration, or of a type.
    pub(super) fn name(&mut self, name: &EcoString, is_global: bool, span: Span) -> Typed {
        let local = self.locals.iter().rev().find(|local| local.name == *name).filter(|_| !is_global);
        if let Some(local) = local {
            let (variable, ty) = (Variable::Local(local.slot), local.ty.clone());
            return self.add(ExprKind::Variable(variable), ty, span);
        }
        match self.global(name, span) {
            Some(typed) => typed,
            None => self.unknown_name(name.clone(), span),
        }
    }

    /// What a name, also one with dots, stands for outside all macros.
    fn global(&mut self, name: &str, span: Span) -> Option<Typed> {
        if let Some((index, ty)) = self.names.get(name).copied() {
            return Some(self.add(ExprKind::Variable(Variable::Binding(index)), ty.clone(), span));
        }
        let kind = Kind::named(name)?;
        let ty = Type::Kind(Arc::new(Type::parse_cel(name).unwrap_or(Type::Dyn)));
        Some(self.constant(Value::Type(kind), ty, span))
    }

    /// `a.b.c` as one name; `None` where a macro's variable or something else than names stands in it.
    pub(super) fn dotted(&self, id: ast::ExprId) -> Option<EcoString> {
        match &self.source[id].kind {
            Written::Name { name, leading_dot } => {
                let is_local = self.locals.iter().any(|local| local.name == *name);
                (*leading_dot || !is_local).then(|| name.clone())
            }
            Written::Select { base, field, optional: false } => {
                Some(eco_format!("{}.{}", self.dotted(*base)?, field.text))
            }
            _ => None,
        }
    }

    /// `base.field`, `base.?field`; the longest name that is declared comes first.
    pub(super) fn select(
        &mut self,
        id: ast::ExprId,
        base: ast::ExprId,
        field: &Name,
        optional: bool,
        span: Span,
    ) -> Typed {
        if let Some(found) = self.dotted(id).and_then(|name| self.global(&name, span)) {
            return found;
        }
        let of = self.expr(base);
        let ty = self.field(&of, field, optional, span);
        let access = if optional { Access::Nesting } else { Access::Required };
        self.add(ExprKind::Select { of: of.id, field: field.text.clone(), access }, ty, span)
    }

    /// The type of a field.
    fn field(&mut self, of: &Typed, field: &Name, optional: bool, span: Span) -> Type {
        let whole = self.inference.resolved(&of.ty);
        let is_optional = matches!(whole, Type::Optional(_));
        let ty = match whole.unwrapped() {
            Type::Map(_, value) => value.as_ref().clone(),
            open @ Type::Parameter(_) => {
                self.inference.assign(&Type::Dyn, open);
                Type::Dyn
            }
            Type::Dyn => Type::Dyn,
            other => {
                let error =
                    Error::UnknownField { ty: other.cel_text(), field: field.text.clone(), help: None };
                self.refuse(error, span);
                Type::Dyn
            }
        };
        if is_optional || optional { Type::Optional(ty.into()) } else { ty }
    }

    /// `has(x.field)`
    pub(super) fn has(&mut self, id: ast::ExprId, span: Span) -> Typed {
        let Written::Select { base, field, optional: false } = &self.source[id].kind else {
            let problem = "`has` asks for a field".into();
            return self.refuse_macro(problem, "has(x.field)", span);
        };
        let of = self.expr(*base);
        self.field(&of, field, false, span);
        let kind = ExprKind::Select { of: of.id, field: field.text.clone(), access: Access::Presence };
        self.add(kind, Type::Bool, span)
    }

    /// `base[key]`, `base[?key]`
    pub(super) fn index(&mut self, base: ast::ExprId, key: ast::ExprId, optional: bool, span: Span) -> Typed {
        let of = self.expr(base);
        let key = self.expr(key);
        let ty = self.indexed(&of, &key, optional, span);
        let access = if optional { Access::Nesting } else { Access::Required };
        let (of, key): (ExprId, ExprId) = (of.id, key.id);
        self.add(ExprKind::Index { of, key, access }, ty, span)
    }

    fn indexed(&mut self, of: &Typed, key: &Typed, optional: bool, span: Span) -> Type {
        let [t, v] = [Type::Parameter(0), Type::Parameter(1)];
        let (list, map) = (Type::list(t.clone()), Type::map(t.clone(), v.clone()));
        let of_list = if optional { Type::optional(t.clone()) } else { t.clone() };
        let of_map = if optional { Type::optional(v.clone()) } else { v.clone() };
        let overloads = [
            ([list.clone(), Type::Int], of_list),
            ([map.clone(), t.clone()], of_map),
            ([Type::optional(list), Type::Int], Type::optional(t.clone())),
            ([Type::optional(map), t], Type::optional(v)),
        ];
        let overloads = overloads.iter().map(|(parameters, result)| (parameters.as_slice(), result));
        match self.resolve(overloads, &[of.ty.clone(), key.ty.clone()]) {
            Some(ty) => ty,
            None => {
                let [found, by] = [&of.ty, &key.ty].map(|ty| self.inference.resolved(ty).cel_text());
                let problem = Overload::Operator { symbol: "[]", left: found, right: by };
                self.refuse(Error::NoOverload { problem, help: None }, span);
                Type::Dyn
            }
        }
    }
}
