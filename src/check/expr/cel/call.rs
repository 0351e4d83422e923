use ecow::{EcoString, eco_format};

use super::checker::{Checker, Typed};
use crate::ast::{self, Name};
use crate::catalog::function::Function;
use crate::check::expr::error::{Error, Overload};
use crate::check::expr::hint;
use crate::check::expr::macros::is_macro;
use crate::check::typed::{Defect, ExprKind};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::Type;

impl Checker<'_> {
    /// `f(x)`
    pub(super) fn call(&mut self, name: &Name, args: &[ast::ExprId], span: Span) -> Typed {
        if let ("has", [only]) = (name.text.as_str(), args) {
            return self.has(*only, span);
        }
        let arguments: Vec<Typed> = args.iter().map(|arg| self.expr(*arg)).collect();
        match Function::named(&name.text) {
            Some(function) => self.apply(function, false, &arguments, span),
            None => self.unknown_function(name.text.clone(), false, span),
        }
    }

    /// `x.f(y)`, `math.abs(x)`, `xs.map(x, …)`
    pub(super) fn method_call(
        &mut self,
        receiver: ast::ExprId,
        name: &Name,
        args: &[ast::ExprId],
        span: Span,
    ) -> Typed {
        if is_macro(&name.text)
            && let Some(typed) = self.macro_call(receiver, name, args, span)
        {
            return typed;
        }
        let full = self.dotted(receiver).map(|prefix| eco_format!("{prefix}.{}", name.text));
        if let Some(function) = full.and_then(|full| Function::named(&full)) {
            let arguments: Vec<Typed> = args.iter().map(|arg| self.expr(*arg)).collect();
            return self.apply(function, false, &arguments, span);
        }
        let Some(function) = Function::named(&name.text) else {
            return self.unknown_function(name.text.clone(), true, span);
        };
        let arguments: Vec<Typed> = [receiver].iter().chain(args).map(|arg| self.expr(*arg)).collect();
        self.apply(function, true, &arguments, span)
    }

    fn unknown_function(&mut self, name: EcoString, is_method: bool, span: Span) -> Typed {
        if self.is_checked {
            let help = hint::meant_function(&name, is_method, None);
            self.problems.report(Finding::new(span, Error::UnknownFunction { name, is_method, help }));
            return self.bad(span);
        }
        self.add(ExprKind::Fail(Defect::UnknownFunction(name)), Type::Dyn, span)
    }

    fn apply(&mut self, function: Function, is_method: bool, arguments: &[Typed], span: Span) -> Typed {
        let ids = arguments.iter().map(|argument| argument.id).collect();
        if !self.is_checked && !takes(function, is_method, arguments.len()) {
            return self.add(ExprKind::Fail(Defect::Arguments(function.name().into())), Type::Dyn, span);
        }
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
        let ty = if is_extreme(function) && !is_method {
            self.extreme(&types)
        } else {
            self.overloaded(function, is_method, &types)
        };
        let ty = ty.unwrap_or_else(|| {
            let found: Vec<String> = types.iter().map(|ty| self.inference.resolved(ty).cel_text()).collect();
            let problem =
                Overload::Value { taker: format!("`{}`", function.name()), found: found.join(", ") };
            self.refuse(Error::NoOverload { problem, help: None }, span);
            Type::Dyn
        });
        self.add(ExprKind::Call { function, arguments: ids }, ty, span)
    }

    fn overloaded(&mut self, function: Function, is_method: bool, types: &[Type]) -> Option<Type> {
        let overloads = function.overloads().iter().filter(|known| known.is_method == is_method);
        self.resolve(overloads.map(|known| (known.parameters.as_slice(), &known.result)), types)
    }

    /// `math.greatest`, `math.least`: of numbers, `dyn` where they are mixed, or of a list of them.
    fn extreme(&self, types: &[Type]) -> Option<Type> {
        let types: Vec<Type> = types.iter().map(|ty| self.inference.resolved(ty)).collect();
        let numbers = match &types[..] {
            [Type::List(element)] => vec![element.as_ref().clone()],
            [] => return None,
            _ => types,
        };
        let is_free = |ty: &Type| matches!(ty, Type::Dyn | Type::Parameter(_));
        if !numbers.iter().all(|ty| ty.is_number() || is_free(ty)) {
            return None;
        }
        let first = numbers.first()?;
        Some(if first.is_number() && numbers.iter().all(|ty| ty == first) {
            first.clone()
        } else {
            Type::Dyn
        })
    }
}

fn is_extreme(function: Function) -> bool {
    matches!(function.name(), "math.greatest" | "math.least")
}

/// Whether a function may be called with so many arguments, the receiver among them.
fn takes(function: Function, is_method: bool, count: usize) -> bool {
    let fits = |known: &crate::catalog::function::Overload| {
        known.is_method == is_method && known.parameters.len() == count
    };
    function.overloads().iter().any(fits) || is_extreme(function) && count > 0
}
