use super::checker::{Checker, Typed};
use crate::ast::{self, ExprKind as Written, Name};
use crate::check::expr::elaborator::Local;
use crate::check::expr::error::{Error, Overload};
use crate::check::expr::macros::{Form, optional_form};
use crate::check::typed::{Comprehension, ExprKind, Gather, OptionalBody, OptionalMap, Slot};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::Type;

impl Checker<'_> {
    /// A macro; `None` where it isn't called as one.
    pub(super) fn macro_call(
        &mut self,
        receiver: ast::ExprId,
        name: &Name,
        args: &[ast::ExprId],
        span: Span,
    ) -> Option<Typed> {
        if let (Some(gives), [variable, body]) = (optional_form(&name.text), args) {
            return Some(self.optional_map(receiver, *variable, *body, gives, span));
        }
        let form = Form::of(&name.text, args.len())?;
        let (variables, rest) = args.split_at(form.variables);
        let range = self.expr(receiver);
        let Some(names) = self.variables(variables) else {
            return Some(self.refuse_macro("a macro's variable is a name".into(), "xs.all(x, …)", span));
        };
        if let [first, second] = &names[..]
            && first.text == second.text
        {
            let problem = format!("both variables are called `{}`", first.text);
            return Some(self.refuse_macro(problem, "xs.all(i, x, …)", span));
        }
        Some(self.comprehension(form, range, &names, rest, span))
    }

    fn comprehension(
        &mut self,
        form: Form,
        range: Typed,
        names: &[Name],
        rest: &[ast::ExprId],
        span: Span,
    ) -> Typed {
        let (key, element, is_map) = self.ranged(&range);
        let types = match form.variables {
            2 => vec![key.clone(), element],
            _ if is_map => vec![key.clone()],
            _ => vec![element],
        };
        let single = types.first().cloned().unwrap_or(Type::Dyn);
        let outer = self.enter(names, types);
        let filter = rest.first().filter(|_| form.has_filter).map(|filter| {
            let filter = self.expr(*filter);
            self.demand(&filter, &Type::Bool);
            filter.id
        });
        let body = match rest.last() {
            Some(body) => self.expr(*body),
            None => self.bad(span),
        };
        self.locals.truncate(outer);
        let ty = self.gathered(form.gather, single, key, &body);
        let slot = |index: usize| Slot::try_from(outer + index).unwrap_or(Slot::MAX);
        let second = (form.variables == 2).then(|| slot(1));
        let comprehension = Comprehension {
            gather: form.gather,
            range: range.id,
            first: slot(0),
            second,
            filter,
            body: body.id,
        };
        self.add(ExprKind::Comprehension(comprehension), ty, span)
    }

    /// Puts variables in scope; how many there were before.
    fn enter(&mut self, names: &[Name], types: Vec<Type>) -> usize {
        let outer = self.locals.len();
        for (name, ty) in names.iter().zip(types) {
            let slot = Slot::try_from(self.locals.len()).unwrap_or(Slot::MAX);
            self.locals.push(Local { name: name.text.clone(), slot, ty });
        }
        outer
    }

    fn gathered(&mut self, gather: Gather, single: Type, key: Type, body: &Typed) -> Type {
        match gather {
            Gather::All | Gather::Exists | Gather::ExistsOne => {
                self.demand(body, &Type::Bool);
                Type::Bool
            }
            Gather::Filter => {
                self.demand(body, &Type::Bool);
                Type::list(single)
            }
            Gather::List => Type::list(body.ty.clone()),
            Gather::Map => Type::map(key, body.ty.clone()),
            Gather::Entries => {
                let map = Type::map(self.inference.fresh(), self.inference.fresh());
                self.demand(body, &map);
                map
            }
        }
    }

    /// The types of index or key and of element, and whether it is a map.
    fn ranged(&mut self, range: &Typed) -> (Type, Type, bool) {
        match self.inference.resolved(&range.ty) {
            Type::List(element) => (Type::Int, element.as_ref().clone(), false),
            Type::Map(key, value) => (key.as_ref().clone(), value.as_ref().clone(), true),
            Type::Dyn => (Type::Dyn, Type::Dyn, false),
            open @ Type::Parameter(_) => {
                self.inference.assign(&Type::Dyn, &open);
                (Type::Dyn, Type::Dyn, false)
            }
            other => {
                let problem = Overload::Value { taker: "a macro".into(), found: other.cel_text() };
                let span = self.exprs[range.id].span;
                self.refuse(Error::NoOverload { problem, help: None }, span);
                (Type::Dyn, Type::Dyn, false)
            }
        }
    }

    fn variables(&self, args: &[ast::ExprId]) -> Option<Vec<Name>> {
        args.iter()
            .map(|arg| match &self.source[*arg] {
                ast::Expr { kind: Written::Name { name, leading_dot: false }, span } => {
                    Some(Name { text: name.clone(), span: *span })
                }
                _ => None,
            })
            .collect()
    }

    fn optional_map(
        &mut self,
        receiver: ast::ExprId,
        variable: ast::ExprId,
        body: ast::ExprId,
        gives: OptionalBody,
        span: Span,
    ) -> Typed {
        let of = self.expr(receiver);
        let Some(names) = self.variables(&[variable]) else {
            return self.refuse_macro("a macro's variable is a name".into(), "opt.optMap(x, …)", span);
        };
        let inner = self.inference.fresh();
        self.demand(&of, &Type::Optional(inner.clone().into()));
        let inner = self.inference.resolved(&inner);
        let outer = self.enter(&names, vec![inner]);
        let body = self.expr(body);
        self.locals.truncate(outer);
        let ty = match gives {
            OptionalBody::Value => Type::Optional(body.ty.clone().into()),
            OptionalBody::Optional => {
                let optional = Type::Optional(self.inference.fresh().into());
                self.demand(&body, &optional);
                optional
            }
        };
        let slot = Slot::try_from(outer).unwrap_or(Slot::MAX);
        self.add(ExprKind::OptionalMap(OptionalMap { of: of.id, slot, body: body.id, gives }), ty, span)
    }

    /// A macro is taken apart when the expression is read: a wrong one is in error, checked or not.
    pub(super) fn refuse_macro(&mut self, problem: String, usage: &str, span: Span) -> Typed {
        self.problems.report(Finding::new(span, Error::MacroArguments { problem, usage: usage.into() }));
        self.bad(span)
    }
}
