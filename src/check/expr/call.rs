use ecow::{EcoString, eco_format};

use super::elaborator::{Elaborator, untyped};
use super::error::{Error, Overload as Mismatch};
use super::hint;
use super::name::Base;
use super::overload::Bindings;
use crate::ast::{self, Name};
use crate::catalog::function::{Function, Overload};
use crate::check::typed::{Element, ExprId, ExprKind, ReadForm};
use crate::diagnostic::nearest;
use crate::source::Span;
use crate::types::Type;

/// The words before the dot of functions.
pub(super) const NAMESPACES: [&str; 5] = ["math", "optional", "base64", "strings", "json"];

/// A call whose function is known.
pub(super) struct Call<'c> {
    pub(super) function: Function,
    /// What stands before the dot of a method.
    pub(super) receiver: Option<ExprId>,
    pub(super) args: &'c [ast::ExprId],
    pub(super) wanted: Option<&'c Type>,
    /// Where the function's name is.
    pub(super) at: Span,
    pub(super) span: Span,
}

impl Elaborator<'_> {
    /// `f(x)`
    pub(super) fn call(
        &mut self,
        name: &Name,
        args: &[ast::ExprId],
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        if name.text == "has" {
            return match args {
                [only] => self.has(*only, span),
                _ => self.refuse_macro(name, "`has` takes one argument".into()),
            };
        }
        match Function::named(&name.text) {
            Some(function) => {
                self.apply(Call { function, receiver: None, args, wanted, at: name.span, span })
            }
            None => self.unknown_function(name.text.clone(), false, None, args, name.span),
        }
    }

    /// `x.f(y)`, `math.abs(x)`, `xs.map(x, …)`
    pub(super) fn method_call(
        &mut self,
        receiver: ast::ExprId,
        name: &Name,
        args: &[ast::ExprId],
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        if let Some(namespace) = self.namespace(receiver) {
            let full = eco_format!("{namespace}.{}", name.text);
            if let Some(function) = Function::named(&full) {
                return self.apply(Call { function, receiver: None, args, wanted, at: name.span, span });
            }
            let receiver_span = self.file.exprs[receiver].span;
            if !self.is_name(&namespace, receiver_span) {
                return self.unknown_function(full, false, None, args, receiver_span.to(name.span));
            }
        }
        if super::macros::is_macro(&name.text) {
            return self.macro_call(receiver, name, args, span);
        }
        let function = Function::named(&name.text);
        let marks = self.exprs.marks();
        let is_optional = function.is_some_and(super::optional::is_optional_method);
        let receiver = match self.base(receiver) {
            Base::Value(typed) => typed,
            Base::Node(node) => {
                let form = if is_optional { ReadForm::MaybeOutput } else { ReadForm::Output };
                let selection = node.span;
                self.read(&node, form, selection)
            }
        };
        let Some(function) = function else {
            // Which method was meant decides whether the node has to have succeeded.
            self.exprs.forget_since(marks);
            let ty = self.exprs.ty(receiver).clone();
            return self.unknown_function(name.text.clone(), true, Some(&ty), args, name.span);
        };
        let call = Call { function, receiver: Some(receiver), args, wanted, at: name.span, span };
        if is_optional { self.optional_call(call, receiver) } else { self.apply(call) }
    }

    /// The namespace that an expression is, unless a variable of a macro hides it.
    fn namespace(&self, id: ast::ExprId) -> Option<EcoString> {
        let ast::ExprKind::Name { name, leading_dot: false } = &self.file.exprs[id].kind else { return None };
        let is_local = self.locals.iter().any(|local| local.name == *name);
        (NAMESPACES.contains(&name.as_str()) && !is_local).then(|| name.clone())
    }

    fn unknown_function(
        &mut self,
        name: EcoString,
        is_method: bool,
        receiver: Option<&Type>,
        args: &[ast::ExprId],
        at: Span,
    ) -> ExprId {
        self.in_silence(args);
        if receiver.is_some_and(Type::is_unknown) {
            return self.exprs.bad(at);
        }
        self.lost_guard |= is_guard(&name);
        let help = hint::meant_function(&name, is_method, receiver);
        self.report(at, Error::UnknownFunction { name, is_method, help })
    }

    /// Looks at arguments of which nothing can be said, so that what they use counts as used.
    fn in_silence(&mut self, args: &[ast::ExprId]) {
        let reported = std::mem::take(self.problems);
        for arg in args {
            self.expr(*arg, None);
        }
        *self.problems = reported;
    }

    /// A function on its arguments.
    pub(super) fn apply(&mut self, call: Call<'_>) -> ExprId {
        if matches!(call.function.name(), "math.greatest" | "math.least") {
            return self.extreme(call);
        }
        let Some(candidates) = self.candidates(&call) else { return self.exprs.bad(call.span) };
        let mut values: Vec<ExprId> = call.receiver.into_iter().collect();
        for arg in call.args {
            let hint = hinted(&candidates, values.len(), call.wanted);
            values.push(self.expr(*arg, hint.as_ref()));
        }
        if let Some(refused) = self.refuse_operation(call.function, &values) {
            return refused;
        }
        if let Some(ty) = self.converted_json(call.function, &values) {
            return self.called(call, values, ty);
        }
        let Some((overload, bindings)) = self.chosen(&candidates, &mut values) else {
            return self.refuse_argument(&call, &candidates, &values);
        };
        for (value, parameter) in values.iter_mut().zip(&overload.parameters) {
            *value = self.fit(*value, &bindings.apply(parameter));
        }
        let ty = bindings.apply(&overload.result);
        self.called(call, values, ty)
    }

    pub(super) fn called(&mut self, call: Call<'_>, arguments: Vec<ExprId>, ty: Type) -> ExprId {
        self.check_arguments(call.function, &arguments);
        self.exprs.add(ExprKind::Call { function: call.function, arguments }, ty, call.span)
    }

    /// The overloads that take so many arguments, and this receiver.
    fn candidates(&mut self, call: &Call<'_>) -> Option<Vec<(&'static Overload, Bindings)>> {
        let is_method = call.receiver.is_some();
        let styled: Vec<_> =
            call.function.overloads().iter().filter(|known| known.is_method == is_method).collect();
        if styled.is_empty() {
            self.in_silence(call.args);
            self.refuse_style(call);
            return None;
        }
        let receiver = call.receiver.map(|receiver| self.exprs.ty(receiver).clone());
        let mut taking = Vec::new();
        for overload in styled {
            let mut bindings = Bindings::default();
            let is_taken = receiver.as_ref().is_none_or(|ty| {
                overload.parameters.first().is_some_and(|parameter| bindings.bind(parameter, ty))
            });
            taking.extend(is_taken.then_some((overload, bindings)));
        }
        if taking.is_empty() {
            self.in_silence(call.args);
            self.refuse_receiver(call);
            return None;
        }
        let count = call.args.len() + usize::from(is_method);
        let fitting: Vec<_> =
            taking.iter().filter(|(known, _)| known.parameters.len() == count).cloned().collect();
        if fitting.is_empty() {
            self.in_silence(call.args);
            if receiver.is_none_or(|ty| !ty.is_unknown()) {
                let counts = taking.iter().map(|(known, _)| known.parameters.len() - usize::from(is_method));
                self.refuse_count(call, counts.collect());
            }
            return None;
        }
        Some(fitting)
    }

    fn refuse_style(&mut self, call: &Call<'_>) {
        let name = EcoString::from(call.function.name());
        let is_method = call.receiver.is_none();
        let help = Some(format!("write `{}`", usage(call.function)));
        self.report(call.at, Error::NoOverload { problem: Mismatch::Style { name, is_method }, help });
    }

    fn refuse_receiver(&mut self, call: &Call<'_>) {
        let Some(receiver) = call.receiver else { return };
        if self.refuse_operation(call.function, &[receiver]).is_some() {
            return;
        }
        if let Type::Optional(_) = self.exprs.ty(receiver) {
            self.refuse_optional(receiver);
            return;
        }
        let found = self.exprs.ty(receiver).to_string();
        let problem = Mismatch::Value { taker: format!("`.{}()`", call.function.name()), found };
        self.report(call.at, Error::NoOverload { problem, help: Some(signatures(call.function)) });
    }

    pub(super) fn refuse_count(&mut self, call: &Call<'_>, mut counts: Vec<usize>) -> ExprId {
        counts.sort_unstable();
        counts.dedup();
        let takes = match counts[..] {
            [0] => "no argument".into(),
            [1] => "one argument".into(),
            _ => {
                let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
                format!("{} arguments", counts.join(" or "))
            }
        };
        let problem = Mismatch::Count { name: call.function.name().into(), takes, given: call.args.len() };
        self.report(call.at, Error::NoOverload { problem, help: Some(signatures(call.function)) })
    }

    /// Refuses functions of secrets and of `json`.
    fn refuse_operation(&mut self, function: Function, values: &[ExprId]) -> Option<ExprId> {
        let name = format!("`{}`", function.name());
        if let Some(secret) = values.iter().find(|value| self.exprs.ty(**value).has_secret()) {
            return Some(self.refuse(*secret, Error::SecretOperation { operation: name }));
        }
        let is_json = |value: &&ExprId| *self.exprs.ty(**value) == Type::Json;
        let json = values.iter().find(is_json).filter(|_| !function.takes_json())?;
        Some(self.refuse(*json, untyped(name, "convert it, for instance `string(…)`, or declare its type")))
    }

    /// What a conversion makes of a `json` value.
    fn converted_json(&self, function: Function, values: &[ExprId]) -> Option<Type> {
        let [only] = values else { return None };
        let is_json = *self.exprs.ty(*only) == Type::Json;
        let converts =
            function.overloads().iter().all(|known| !matches!(known.parameters[..], [Type::Parameter(_)]));
        (is_json && converts).then(|| function.overloads().first().map(|known| known.result.clone()))?
    }

    /// The first overload that takes the values, integer literals standing for doubles in the end.
    fn chosen(
        &mut self,
        candidates: &[(&'static Overload, Bindings)],
        values: &mut [ExprId],
    ) -> Option<(&'static Overload, Bindings)> {
        let takes = |this: &Self, values: &[ExprId]| {
            candidates.iter().find_map(|(overload, bindings)| {
                let mut bindings = bindings.clone();
                let mut pairs = overload.parameters.iter().zip(values);
                pairs
                    .all(|(parameter, value)| bindings.bind(parameter, this.exprs.ty(*value)))
                    .then_some((*overload, bindings))
            })
        };
        takes(self, values).or_else(|| {
            let doubles: Vec<ExprId> = values.iter().map(|value| self.as_double(*value)).collect();
            let found = takes(self, &doubles)?;
            values.copy_from_slice(&doubles);
            Some(found)
        })
    }

    /// Says which argument isn't taken.
    fn refuse_argument(
        &mut self,
        call: &Call<'_>,
        candidates: &[(&Overload, Bindings)],
        values: &[ExprId],
    ) -> ExprId {
        if values.iter().any(|value| self.is_silent(*value)) {
            return self.exprs.bad(call.span);
        }
        let is_taken = |index: usize, ty: &Type| {
            candidates.iter().any(|(overload, bindings)| {
                overload.parameters.get(index).is_some_and(|parameter| bindings.clone().bind(parameter, ty))
            })
        };
        let blamed =
            values.iter().enumerate().find(|(index, value)| !is_taken(*index, self.exprs.ty(**value)));
        let (index, value) = blamed.map_or((0, None), |(index, value)| (index, Some(*value)));
        let Some(value) = value.or(values.last().copied()) else { return self.exprs.bad(call.span) };
        let ty = self.exprs.ty(value);
        if matches!(ty, Type::Optional(_)) && is_taken(index, ty.unwrapped()) {
            return self.refuse_optional(value);
        }
        let problem = Mismatch::Value { taker: format!("`{}`", call.function.name()), found: ty.to_string() };
        let help = Some(signatures(call.function));
        self.refuse(value, Error::NoOverload { problem, help })
    }

    /// `math.greatest`, `math.least`: of numbers of one type, or of one list of them.
    fn extreme(&mut self, call: Call<'_>) -> ExprId {
        if call.args.is_empty() || call.receiver.is_some() {
            return self.refuse_count(&call, vec![1, 2]);
        }
        let mut values = Vec::with_capacity(call.args.len());
        for arg in call.args {
            values.push(Element { value: self.expr(*arg, call.wanted), optional: false });
        }
        let ids: Vec<ExprId> = values.iter().map(|element| element.value).collect();
        if let Some(refused) = self.refuse_operation(call.function, &ids) {
            return refused;
        }
        let Some(ty) = self.unify(&mut values, "the arguments") else { return self.exprs.bad(call.span) };
        let number = match (&ty, call.args.len()) {
            (Type::List(element), 1) => element.widened(),
            (ty, _) => ty.widened(),
        };
        let ids = values.into_iter().map(|element| element.value).collect();
        match number {
            Type::Int | Type::Uint | Type::Double | Type::Unknown | Type::Dyn => {
                self.called(call, ids, number)
            }
            _ => self.refuse_argument(&call, &[], &ids),
        }
    }
}

/// What an argument may stand for, where all overloads agree on it.
fn hinted(candidates: &[(&'static Overload, Bindings)], index: usize, wanted: Option<&Type>) -> Option<Type> {
    let mut hints = candidates.iter().map(|(overload, bindings)| {
        let mut bindings = bindings.clone();
        if let Some(wanted) = wanted {
            bindings.bind(&overload.result, wanted);
        }
        overload.parameters.get(index).map(|parameter| bindings.apply(parameter))
    });
    let first = hints.next().flatten()?;
    hints.all(|hint| hint.as_ref() == Some(&first)).then_some(first)
}

/// How a function is called, in a help.
pub(super) fn signatures(function: Function) -> String {
    let texts: Vec<String> =
        function.overloads().iter().take(4).map(|overload| format!("`{}`", overload.text)).collect();
    let more = if function.overloads().len() > 4 { ", …" } else { "" };
    format!("it is called {}{more}", texts.join(", "))
}

fn usage(function: Function) -> &'static str {
    function.overloads().first().map_or("", |overload| overload.text)
}

/// Whether a name is, or nearly is, that of the method which asks whether something is there.
pub(super) fn is_guard(name: &str) -> bool {
    name == "hasValue" || nearest(name, ["hasValue"]).is_some()
}
