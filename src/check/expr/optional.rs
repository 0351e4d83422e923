use super::call::Call;
use super::elaborator::Elaborator;
use super::error::{Error, Overload};
use crate::catalog::function::Function;
use crate::check::program::NodeIx;
use crate::check::typed::{ExprId, ExprKind, Proof, Variable};
use crate::source::Span;
use crate::types::Type;

/// `hasValue`, `value`, `or`, `orValue`
pub(super) fn is_optional_method(function: Function) -> bool {
    matches!(function.name(), "hasValue" | "value" | "or" | "orValue")
}

/// What is known of an optional whose value is taken.
enum Evidence {
    /// It has one, or whether it has is not for the file to say.
    Enough,
    /// It has one if this node has succeeded.
    Node(NodeIx),
    /// A condition may have asked for it.
    Ask,
}

impl Elaborator<'_> {
    /// A method of an optional.
    pub(super) fn optional_call(&mut self, call: Call<'_>, receiver: ExprId) -> ExprId {
        let inner = match self.exprs.ty(receiver) {
            Type::Optional(inner) => inner.as_ref().clone(),
            ty @ (Type::Unknown | Type::Dyn) => ty.clone(),
            _ => return self.refuse_certain(&call, receiver),
        };
        let takes = usize::from(matches!(call.function.name(), "or" | "orValue"));
        if call.args.len() != takes {
            return self.refuse_count(&call, vec![takes]);
        }
        match (call.function.name(), call.args.first()) {
            ("or", Some(other)) => {
                let other = self.expr(*other, Some(&Type::optional(inner.clone())));
                self.alternative(call, receiver, other, inner)
            }
            ("orValue", Some(other)) => {
                let other = self.expr(*other, Some(&inner));
                if matches!(self.exprs.ty(other), Type::Optional(_)) && !inner.is_unknown() {
                    return self.refuse_optional(other);
                }
                self.alternative(call, receiver, other, inner)
            }
            ("value", _) => {
                self.demand_proof(receiver, &call);
                self.called(call, vec![receiver], inner)
            }
            _ => self.called(call, vec![receiver], Type::Bool),
        }
    }

    /// `a.or(b)`, `a.orValue(b)`
    fn alternative(&mut self, call: Call<'_>, receiver: ExprId, other: ExprId, inner: Type) -> ExprId {
        if self.exprs.ty(other).has_secret() {
            let operation = format!("`{}`", call.function.name());
            return self.refuse(other, Error::SecretOperation { operation });
        }
        let other = if inner == Type::Double { self.as_double(other) } else { other };
        let gives_optional = call.function.name() == "or";
        let Some(joined) = inner.join(self.exprs.ty(other).unwrapped()) else {
            let expected = if gives_optional { Type::optional(inner) } else { inner };
            return self.fit(other, &expected);
        };
        let ty = if gives_optional && !joined.is_unknown() { Type::optional(joined) } else { joined };
        let other = if gives_optional { self.fit(other, &ty) } else { other };
        self.called(call, vec![receiver, other], ty)
    }

    fn refuse_certain(&mut self, call: &Call<'_>, receiver: ExprId) -> ExprId {
        for arg in call.args {
            self.expr(*arg, None);
        }
        let ty = self.exprs.ty(receiver);
        if ty.has_secret() {
            return self.refuse(
                receiver,
                Error::SecretOperation { operation: format!("`{}`", call.function.name()) },
            );
        }
        let help = match ty {
            Type::Json => "ask with `.?`: `x.?field`, which gives an optional".into(),
            _ if call.function.name() == "hasValue" => "it always has a value".into(),
            _ => format!("it always has a value: leave `.{}(…)` away", call.function.name()),
        };
        let problem =
            Overload::Value { taker: format!("`.{}()`", call.function.name()), found: ty.to_string() };
        self.report(call.at, Error::NoOverload { problem, help: Some(help) })
    }

    /// `.value()` needs the proof that there is one.
    fn demand_proof(&mut self, optional: ExprId, call: &Call<'_>) {
        let (mut nodes, mut asks) = (Vec::new(), Vec::new());
        let mut open = vec![optional];
        while let Some(next) = open.pop() {
            if let ExprKind::Call { function, arguments } = &self.exprs[next].kind
                && function.name() == "or"
            {
                open.extend(arguments);
                continue;
            }
            match self.evidence(next) {
                Evidence::Enough => return,
                Evidence::Node(node) => nodes.push(node),
                Evidence::Ask => asks.push(self.asked(next, call.span)),
            }
        }
        nodes.sort_unstable();
        self.exprs.note_proof(Proof { nodes, asks, span: call.span, given: self.given });
    }

    /// `optional.hasValue()`, as a condition that may stand elsewhere.
    pub(super) fn asked(&mut self, optional: ExprId, span: Span) -> ExprId {
        let function = Function::named("hasValue").expect("the table has it");
        self.exprs.add(ExprKind::Call { function, arguments: vec![optional] }, Type::Bool, span)
    }

    fn evidence(&self, optional: ExprId) -> Evidence {
        if self.is_silent(optional) || self.is_known_to_have_value(optional) {
            return Evidence::Enough;
        }
        if let Some(node) = self.exprs.node_behind(optional) {
            return if node.is_all { Evidence::Node(node.index) } else { Evidence::Ask };
        }
        match &self.exprs[optional].kind {
            ExprKind::Call { function, .. } if function.name() == "optional.none" => Evidence::Ask,
            ExprKind::Select { .. } if self.is_declared_path(optional) => Evidence::Ask,
            ExprKind::Variable(variable) if !matches!(variable, Variable::Local(_)) => Evidence::Ask,
            _ => Evidence::Enough,
        }
    }

    /// Fields of declared records from a name that isn't a macro's variable. Whether an element of a list, a map or json is
    /// there is for the author to know, as it is without `?`.
    fn is_declared_path(&self, id: ExprId) -> bool {
        match &self.exprs[id].kind {
            ExprKind::Variable(variable) => !matches!(variable, Variable::Local(_)),
            ExprKind::Select { of, .. } => {
                matches!(self.exprs.ty(*of).unwrapped(), Type::Record(_)) && self.is_declared_path(*of)
            }
            _ => false,
        }
    }
}
