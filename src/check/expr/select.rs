use super::call::is_guard;
use super::elaborator::{Elaborator, untyped};
use super::error::{Error, Overload};
use super::name::{Base, NodeBase};
use crate::ast;
use crate::check::typed::{Access, ExprId, ExprKind, ReadForm};
use crate::diagnostic::{Finding, nearest};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

impl Elaborator<'_> {
    /// `base.field`, `base.?field`
    pub(super) fn select(
        &mut self,
        base: ast::ExprId,
        field: &ast::Name,
        optional: bool,
        span: Span,
    ) -> ExprId {
        let marks = self.exprs.marks();
        let of = match self.base(base) {
            Base::Value(typed) => typed,
            Base::Node(node) => return self.select_of_node(&node, field, optional, span),
        };
        let through = self.goes_on_through(base, of);
        let typed = self.field(of, field, optional, through, span);
        if matches!(self.exprs[typed].kind, ExprKind::Bad) {
            // There is no such field: whether the base may be read doesn't matter then.
            self.exprs.forget_since(marks);
        }
        typed
    }

    /// `s.x`, `s.?x`, `s.error`, `s.?error`
    fn select_of_node(&mut self, node: &NodeBase, field: &ast::Name, optional: bool, span: Span) -> ExprId {
        if field.text == "error" && node.output.field("error").is_none() {
            let form = if optional { ReadForm::MaybeError } else { ReadForm::Error };
            return self.read(node, form, span);
        }
        if matches!(node.output, Type::Record(_)) && node.output.field(&field.text).is_none() {
            // Whether it may be read doesn't matter then.
            self.unknown_field(&node.output, field, ["error"]);
            return self.exprs.bad(span);
        }
        let form = if optional { ReadForm::MaybeOutput } else { ReadForm::Output };
        let of = self.read(node, form, span);
        self.field(of, field, optional, false, span)
    }

    /// After `.?` and `[?`, a plain `.` or `[` goes on through the optional, as in CEL.
    fn goes_on_through(&self, base: ast::ExprId, of: ExprId) -> bool {
        let is_optional = matches!(self.exprs.ty(of), Type::Optional(_));
        is_optional
            && std::iter::successors(Some(base), |id| self.selected_from(*id))
                .any(|id| self.is_optional_step(id))
    }

    fn selected_from(&self, id: ast::ExprId) -> Option<ast::ExprId> {
        match &self.file.exprs[id].kind {
            ast::ExprKind::Select { base, .. } | ast::ExprKind::Index { base, .. } => Some(*base),
            _ => None,
        }
    }

    fn is_optional_step(&self, id: ast::ExprId) -> bool {
        matches!(
            self.file.exprs[id].kind,
            ast::ExprKind::Select { optional: true, .. } | ast::ExprKind::Index { optional: true, .. }
        )
    }

    fn field(&mut self, of: ExprId, field: &ast::Name, optional: bool, through: bool, span: Span) -> ExprId {
        let whole = self.exprs.ty(of).clone();
        let is_optional = matches!(whole, Type::Optional(_));
        if is_optional && !optional && !through {
            return self.refuse_step(of, "?", field.span);
        }
        let Some(ty) = self.field_type(whole.unwrapped(), field) else { return self.exprs.bad(span) };
        let gives_optional = is_optional || optional || matches!(ty, Type::Optional(_));
        let access = if gives_optional { Access::Optional } else { Access::Required };
        let ty = if gives_optional && !ty.is_unknown() { Type::optional(ty) } else { ty };
        self.exprs.add(ExprKind::Select { of, field: field.text.clone(), access }, ty, span)
    }

    /// The type of a field; `None` where there is none, which has been reported.
    fn field_type(&mut self, ty: &Type, field: &ast::Name) -> Option<Type> {
        match ty {
            Type::Unknown | Type::Dyn | Type::Json => Some(ty.clone()),
            Type::Map(_, value) => Some(value.as_ref().clone()),
            Type::Record(record) => match record.field(&field.text) {
                Some(found) => Some(found.ty.clone()),
                None => {
                    self.unknown_field(ty, field, []);
                    None
                }
            },
            Type::Secret => {
                self.report(field.span, Error::SecretOperation { operation: format!("`.{}`", field.text) });
                None
            }
            _ => {
                self.unknown_field(ty, field, []);
                None
            }
        }
    }

    /// Reports a field that a type doesn't have; `others` are names that could be meant, too.
    pub(super) fn unknown_field<'n>(
        &mut self,
        ty: &'n Type,
        field: &ast::Name,
        others: impl IntoIterator<Item = &'n str>,
    ) {
        let near = match ty {
            Type::Record(record) => nearest(&field.text, record.names().chain(others)).map(str::to_owned),
            _ => None,
        };
        self.lost_guard |= is_guard(&field.text);
        let help = match (&near, ty) {
            _ if is_guard(&field.text) => Some("write `.hasValue()`".into()),
            (Some(near), _) => Some(format!("did you mean `{near}`?")),
            (None, Type::Record(record)) if !record.fields().is_empty() && record.fields().len() <= 8 => {
                let names: Vec<&str> = record.names().collect();
                Some(format!("it has `{}`", names.join("`, `")))
            }
            (None, Type::List(_)) if field.text == "length" => Some("write `.size()`".into()),
            (None, Type::String) if field.text == "length" => Some("write `.size()`".into()),
            (None, Type::List(_)) => {
                Some("take one of its elements first, or go over them: `.map(x, …)`".into())
            }
            _ => None,
        };
        let error = Error::UnknownField { ty: ty.to_string(), field: field.text.clone(), help };
        let finding = Finding::new(field.span, error);
        self.problems.report(finding);
    }

    /// A step into an optional without `?`.
    fn refuse_step(&mut self, of: ExprId, mark: &str, at: Span) -> ExprId {
        let ty = self.exprs.ty(of).to_string();
        let help = if mark == "?" {
            "go on with `.?`, which gives an optional"
        } else {
            "go on with `[?…]`, which gives an optional"
        };
        self.report(at, Error::OptionalUsed { ty, help: Some(help.into()) })
    }

    /// `base[index]`, `base[?index]`
    pub(super) fn index(
        &mut self,
        base: ast::ExprId,
        index: ast::ExprId,
        optional: bool,
        span: Span,
    ) -> ExprId {
        let of = self.expr(base, None);
        let of = self.table_of_doubles(of);
        let through = self.goes_on_through(base, of);
        let whole = self.exprs.ty(of).clone();
        let is_optional = matches!(whole, Type::Optional(_));
        if is_optional && !optional && !through {
            self.expr(index, None);
            return self.refuse_step(of, "[?", self.exprs[of].span);
        }
        let key_type = match whole.unwrapped() {
            Type::List(_) => Some(Type::Int),
            Type::Map(key, _) => Some(key.as_ref().clone()),
            _ => None,
        };
        let key = self.expr(index, key_type.as_ref());
        let Some(ty) = self.indexed(whole.unwrapped(), of, key) else {
            return self.exprs.bad(span);
        };
        let gives_optional = is_optional || optional || matches!(ty, Type::Optional(_));
        let access = if gives_optional { Access::Optional } else { Access::Required };
        let ty = if gives_optional && !ty.is_unknown() { Type::optional(ty) } else { ty };
        self.exprs.add(ExprKind::Index { of, key, access }, ty, span)
    }

    /// A literal map of doubles, some of which are written as integers.
    fn table_of_doubles(&mut self, of: ExprId) -> ExprId {
        let Type::Record(record) = self.exprs.ty(of) else { return of };
        let has_double = record.fields().iter().any(|field| field.ty == Type::Double);
        if has_double && record.value_type().is_none() {
            self.doubled(of, &Type::map(Type::String, Type::Double))
        } else {
            of
        }
    }

    /// The type of an element; `None` where there is none, which has been reported.
    fn indexed(&mut self, ty: &Type, of: ExprId, key: ExprId) -> Option<Type> {
        let (key_type, at) = (self.exprs.ty(key).widened(), self.exprs[of].span);
        if key_type.has_secret() {
            self.refuse(key, Error::SecretOperation { operation: "an index".into() });
            return None;
        }
        match ty {
            Type::Unknown | Type::Dyn => Some(ty.clone()),
            _ if key_type.is_unknown() => Some(Type::Unknown),
            Type::Json if matches!(key_type, Type::Int | Type::String | Type::Json | Type::Dyn) => {
                Some(Type::Json)
            }
            Type::List(element) if matches!(key_type, Type::Int | Type::Dyn) => {
                self.is_index(of, key).then(|| element.as_ref().clone())
            }
            Type::Map(wanted, value) if key_type.fits(wanted) => Some(value.as_ref().clone()),
            Type::Record(_) if key_type == Type::String => self.indexed_record(ty, key),
            Type::Secret => {
                self.report(at, Error::SecretOperation { operation: "an index".into() });
                None
            }
            _ => {
                self.refuse_key(ty, key, &key_type, at);
                None
            }
        }
    }

    /// A list has no element before the first, and a known one none behind its last.
    fn is_index(&mut self, of: ExprId, key: ExprId) -> bool {
        let Some(Value::Int(index)) = self.exprs.constant(key) else { return true };
        let size = match self.exprs.constant(of) {
            Some(Value::List(elements)) => i64::try_from(elements.len()).unwrap_or(i64::MAX),
            _ => i64::MAX,
        };
        let help = match index {
            ..0 => "count from the end with `xs[size(xs) - 1]`".to_owned(),
            _ if index < size => return true,
            _ if size == 0 => "the list is empty".to_owned(),
            _ => format!("the list ends at `{}`", size - 1),
        };
        let (text, wanted) = (format!("`{index}`"), "index of this list");
        self.refuse(key, Error::InvalidConversion { text, wanted, help: Some(help) });
        false
    }

    /// A literal key selects a field, any other one goes over fields of one type.
    fn indexed_record(&mut self, ty: &Type, key: ExprId) -> Option<Type> {
        let Type::Record(record) = ty else { return None };
        if let ExprKind::Literal(Value::String(name)) = &self.exprs[key].kind {
            let name = ast::Name { text: name.clone(), span: self.exprs[key].span };
            return self.field_type(ty, &name);
        }
        let joined = record.value_type();
        if joined.is_none() {
            let taker = format!("an index of `{ty}`, whose fields have several types,");
            let problem = Overload::Value { taker, found: "string".into() };
            self.refuse(
                key,
                Error::NoOverload { problem, help: Some("select the field by its name".into()) },
            );
        }
        joined
    }

    fn refuse_key(&mut self, ty: &Type, key: ExprId, key_type: &Type, at: Span) {
        let (problem, help) = match ty {
            Type::List(_) => {
                (taker("a list's index", key_type), "a list is indexed by `int`, from 0".to_owned())
            }
            Type::Map(wanted, _) => (taker("this map's index", key_type), format!("its keys are `{wanted}`")),
            Type::Json => {
                (taker("an index of `json`", key_type), "it is indexed by `string` or `int`".to_owned())
            }
            Type::Record(_) => (taker("a record's index", key_type), "select a field by its name".to_owned()),
            _ => {
                let help = (*ty == Type::String).then(|| "write `.charAt(i)`, or `.substring(i, j)`".into());
                let error = Error::NoOverload { problem: taker("`[…]`", ty), help };
                self.report(at, error);
                return;
            }
        };
        if let Type::Optional(inner) = key_type
            && !matches!(inner.as_ref(), Type::Optional(_))
        {
            self.refuse_optional(key);
        } else if *key_type == Type::Json {
            self.refuse(key, untyped("an index", "convert it: `int(…)` or `string(…)`"));
        } else {
            self.refuse(key, Error::NoOverload { problem, help: Some(help) });
        }
    }

    /// `has(x.field)`
    pub(super) fn has(&mut self, id: ast::ExprId, span: Span) -> ExprId {
        let ast::ExprKind::Select { base, field, .. } = &self.file.exprs[id].kind else {
            self.expr(id, None);
            let problem = "`has` asks for a field".into();
            return self.report(
                self.file.exprs[id].span,
                Error::MacroArguments { problem, usage: "has(x.field)".into() },
            );
        };
        let typed = match self.base(*base) {
            Base::Node(node) => self.select_of_node(&node, field, true, span),
            Base::Value(of) if matches!(self.exprs.ty(of), Type::Map(..) | Type::Json | Type::Dyn) => {
                let kind = ExprKind::Select { of, field: field.text.clone(), access: Access::Presence };
                return self.exprs.add(kind, Type::Bool, span);
            }
            Base::Value(of) => {
                let through = self.goes_on_through(*base, of);
                self.field(of, field, true, through, span)
            }
        };
        if self.is_silent(typed) {
            return typed;
        }
        self.asked(typed, span)
    }
}

fn taker(taker: &str, found: &Type) -> Overload {
    Overload::Value { taker: taker.into(), found: found.to_string() }
}
