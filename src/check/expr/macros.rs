use super::elaborator::{Elaborator, Local, untyped};
use super::error::{Error, Overload};
use crate::ast::{self, ExprKind as Written, Name, RESERVED_WORDS};
use crate::catalog::function::macros;
use crate::check::typed::{Comprehension, ExprId, ExprKind, Gather, OptionalBody, OptionalMap, Slot};
use crate::source::Span;
use crate::types::Type;

/// How a macro over a list or a map is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) gather: Gather,
    /// Of the element, or of the index or key and the element.
    pub(super) variables: usize,
    pub(super) has_filter: bool,
}

impl Form {
    /// The form of a macro with so many arguments.
    pub(super) fn of(name: &str, arguments: usize) -> Option<Self> {
        let form = |gather, variables, has_filter| Some(Self { gather, variables, has_filter });
        match (name, arguments) {
            ("all", 2 | 3) => form(Gather::All, arguments - 1, false),
            ("exists", 2 | 3) => form(Gather::Exists, arguments - 1, false),
            ("exists_one" | "existsOne", 2 | 3) => form(Gather::ExistsOne, arguments - 1, false),
            ("filter", 2) => form(Gather::Filter, 1, false),
            ("map", 2 | 3) => form(Gather::List, 1, arguments == 3),
            ("transformList", 3 | 4) => form(Gather::List, 2, arguments == 4),
            ("transformMap", 3 | 4) => form(Gather::Map, 2, arguments == 4),
            ("transformMapEntry", 3 | 4) => form(Gather::Entries, 2, arguments == 4),
            _ => None,
        }
    }
}

/// What a macro with this name gives from an optional.
pub(super) fn optional_form(name: &str) -> Option<OptionalBody> {
    match name {
        "optMap" => Some(OptionalBody::Value),
        "optFlatMap" => Some(OptionalBody::Optional),
        _ => None,
    }
}

/// Whether a name behind a dot is a macro's.
pub(super) fn is_macro(name: &str) -> bool {
    name != "has" && macros().iter().any(|known| known.name == name)
}

impl Elaborator<'_> {
    /// A macro on what stands before its dot.
    pub(super) fn macro_call(
        &mut self,
        receiver: ast::ExprId,
        name: &Name,
        args: &[ast::ExprId],
        span: Span,
    ) -> ExprId {
        if let Some(gives) = optional_form(&name.text) {
            return self.optional_map(receiver, name, args, gives, span);
        }
        let range = self.expr(receiver, None);
        let Some(form) = Form::of(&name.text, args.len()) else {
            return self.refuse_macro(name, miscounted(name, args.len()));
        };
        let (variables, rest) = args.split_at(form.variables);
        let Some(variables) = self.variables(variables, name) else { return self.exprs.bad(span) };
        let Some((key, element)) = self.ranged(range, name) else {
            self.scoped(variables.into_iter().map(|variable| (variable, Type::Unknown)), |this, _| {
                rest.iter().for_each(|arg| {
                    this.expr(*arg, None);
                });
            });
            return self.exprs.bad(span);
        };
        let is_map = matches!(self.exprs.ty(range), Type::Map(..) | Type::Record(_));
        let types = match form.variables {
            2 => vec![key.clone(), element.clone()],
            _ if is_map => vec![key.clone()],
            _ => vec![element.clone()],
        };
        let single = types.first().cloned().unwrap_or_default();
        let typed = variables.into_iter().zip(types);
        let (slots, filter, body) = self.scoped(typed, |this, slots| {
            let (filter, body) = this.body(form, rest);
            (slots, filter, body)
        });
        let ty = self.gathered(form.gather, &single, &key, body);
        let (first, second) = (slots.first().copied().unwrap_or_default(), slots.get(1).copied());
        let comprehension = Comprehension { gather: form.gather, range, first, second, filter, body };
        self.exprs.add(ExprKind::Comprehension(comprehension), ty, span)
    }

    /// The filter and the body.
    fn body(&mut self, form: Form, rest: &[ast::ExprId]) -> (Option<ExprId>, ExprId) {
        let (filter, body) = match *rest {
            [filter, body] if form.has_filter => (Some(self.condition(filter)), body),
            [body, ..] => (None, body),
            [] => return (None, self.exprs.bad(Span::default())),
        };
        let value = |this: &mut Self| match form.gather {
            Gather::All | Gather::Exists | Gather::ExistsOne | Gather::Filter => this.condition(body),
            Gather::List | Gather::Map => this.expr(body, None),
            Gather::Entries => this.entries(body),
        };
        let body = match filter {
            Some(filter) => self.assuming(filter, true, value),
            None => value(self),
        };
        (filter, body)
    }

    /// The body of `transformMapEntry`: a map.
    fn entries(&mut self, id: ast::ExprId) -> ExprId {
        let typed = self.expr(id, None);
        match self.exprs.ty(typed) {
            Type::Map(..) | Type::Record(_) | Type::Unknown | Type::Dyn => typed,
            _ => self.fit(typed, &Type::map(Type::Unknown, Type::Unknown)),
        }
    }

    fn gathered(&self, gather: Gather, single: &Type, key: &Type, body: ExprId) -> Type {
        let ty = self.exprs.ty(body).clone();
        match gather {
            Gather::All | Gather::Exists | Gather::ExistsOne => Type::Bool,
            Gather::Filter => Type::list(single.clone()),
            Gather::List => Type::list(ty),
            Gather::Map => Type::map(key.clone(), ty),
            Gather::Entries => match ty {
                Type::Record(record) => Type::map(Type::String, record.value_type().unwrap_or(Type::Json)),
                other => other,
            },
        }
    }

    /// The types of index or key and of element; `None` for what can't be gone over, which has been reported.
    fn ranged(&mut self, range: ExprId, name: &Name) -> Option<(Type, Type)> {
        let ty = self.exprs.ty(range).clone();
        let operation = || format!("`{}`", name.text);
        match &ty {
            Type::Unknown | Type::Dyn => return Some((ty.clone(), ty)),
            Type::List(element) => return Some((Type::Int, element.as_ref().clone())),
            Type::Map(key, value) => return Some((key.as_ref().clone(), value.as_ref().clone())),
            Type::Record(record) => {
                return Some((Type::String, record.value_type().unwrap_or(Type::Json)));
            }
            Type::Optional(_) => self.refuse_optional(range),
            Type::Secret => self.refuse(range, Error::SecretOperation { operation: operation() }),
            Type::Json => self.refuse(range, untyped(operation(), "declare its type where it comes in")),
            other => {
                let problem = Overload::Value { taker: operation(), found: other.to_string() };
                let help = Some("it goes over a list, or over the keys of a map".into());
                self.refuse(range, Error::NoOverload { problem, help })
            }
        };
        None
    }

    /// The names of a macro's variables.
    fn variables(&mut self, args: &[ast::ExprId], name: &Name) -> Option<Vec<Name>> {
        let mut names: Vec<Name> = Vec::with_capacity(args.len());
        for arg in args {
            let ast::Expr { kind, span } = &self.file.exprs[*arg];
            let Written::Name { name: variable, leading_dot: false } = kind else {
                let problem = format!("`{}` needs a name for its variable here", name.text);
                self.report(*span, macro_error(name, problem));
                return None;
            };
            if RESERVED_WORDS.contains(&variable.as_str()) || variable == "in" {
                self.report(*span, Error::ReservedVariable { name: variable.clone() });
                return None;
            }
            if names.iter().any(|known| known.text == *variable) {
                self.report(*span, macro_error(name, format!("`{variable}` is the name of both variables")));
                return None;
            }
            names.push(Name { text: variable.clone(), span: *span });
        }
        Some(names)
    }

    /// Does `work` where variables stand for values of these types, with their slots.
    fn scoped<T>(
        &mut self,
        variables: impl IntoIterator<Item = (Name, Type)>,
        work: impl FnOnce(&mut Self, Vec<Slot>) -> T,
    ) -> T {
        let outer = self.locals.len();
        for (name, ty) in variables {
            let slot = Slot::try_from(self.locals.len()).unwrap_or(Slot::MAX);
            self.locals.push(Local { name: name.text, slot, ty });
        }
        let slots = self.locals.iter().skip(outer).map(|local| local.slot).collect();
        let result = work(self, slots);
        self.locals.truncate(outer);
        result
    }

    /// `x.optMap(v, body)`, `x.optFlatMap(v, body)`
    fn optional_map(
        &mut self,
        receiver: ast::ExprId,
        name: &Name,
        args: &[ast::ExprId],
        gives: OptionalBody,
        span: Span,
    ) -> ExprId {
        let of = self.optional_base(receiver);
        let [variable, body] = args else {
            return self.refuse_macro(name, miscounted(name, args.len()));
        };
        let Some(variables) = self.variables(&[*variable], name) else { return self.exprs.bad(span) };
        let inner = match self.exprs.ty(of) {
            Type::Optional(inner) => inner.as_ref().clone(),
            ty @ (Type::Unknown | Type::Dyn) => ty.clone(),
            ty => {
                let problem = Overload::Value { taker: format!("`{}`", name.text), found: ty.to_string() };
                return self
                    .refuse(of, Error::NoOverload { problem, help: Some("it always has a value".into()) });
            }
        };
        let typed = variables.into_iter().map(|variable| (variable, inner.clone()));
        let (slot, body) = self.scoped(typed, |this, slots| {
            (slots.first().copied().unwrap_or_default(), this.expr(*body, None))
        });
        let body = match (gives, self.exprs.ty(body)) {
            (OptionalBody::Optional, Type::Optional(_) | Type::Unknown | Type::Dyn) => body,
            (OptionalBody::Optional, _) => self.lifted(body),
            (OptionalBody::Value, _) => body,
        };
        let is_nested = matches!((gives, self.exprs.ty(body)), (OptionalBody::Value, Type::Optional(_)));
        let gives = if is_nested { OptionalBody::Optional } else { gives };
        let ty = match self.exprs.ty(body) {
            Type::Unknown => Type::Unknown,
            ty => Type::optional(ty.clone()),
        };
        self.exprs.add(ExprKind::OptionalMap(OptionalMap { of, slot, body, gives }), ty, span)
    }

    pub(super) fn refuse_macro(&mut self, name: &Name, problem: String) -> ExprId {
        self.report(name.span, macro_error(name, problem))
    }
}

fn macro_error(name: &Name, problem: String) -> Error {
    let forms = macros().iter().filter(|known| known.name == name.text).map(|known| known.usage);
    Error::MacroArguments { problem, usage: forms.collect::<Vec<_>>().join("` or `") }
}

fn miscounted(name: &Name, count: usize) -> String {
    format!("`{}` doesn't take {count} argument{}", name.text, if count == 1 { "" } else { "s" })
}
