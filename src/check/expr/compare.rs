use super::elaborator::{Elaborator, untyped};
use super::error::{Error, Overload};
use super::fit::nearest_member;
use crate::ast::{self, BinaryOp};
use crate::check::typed::{ExprId, ExprKind, Variable};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::types::{Literal, Type};
use crate::value::{Duration, Kind, Value};

impl Elaborator<'_> {
    /// `a == b`, `a != b`
    pub(super) fn equality(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        operands: [ast::ExprId; 2],
        span: Span,
    ) -> ExprId {
        let marks = self.exprs.marks();
        let [left, right] = self.compared(operands);
        if self.is_silent(left) || self.is_silent(right) {
            return self.exprs.add(ExprKind::Binary { op, left, right }, Type::Bool, span);
        }
        let [left, right] = self.numbers_alike(left, right);
        if self.is_comparable(op.symbol(), op_span, left, right) {
            self.exprs.add(ExprKind::Binary { op, left, right }, Type::Bool, span)
        } else {
            if self.lost_guard {
                self.exprs.forget_since(marks);
            }
            self.exprs.bad(span)
        }
    }

    /// The operands of `==`. Beside a `type(x)` the name of a type is the type.
    fn compared(&mut self, [left, right]: [ast::ExprId; 2]) -> [ExprId; 2] {
        let asks = |this: &Self, id: ast::ExprId| match &this.file.exprs[id].kind {
            ast::ExprKind::Call { function, .. } => function.text == "type",
            _ => false,
        };
        let named = |this: &mut Self, id: ast::ExprId, beside: ast::ExprId| match &this.file.exprs[id] {
            ast::Expr { kind: ast::ExprKind::Name { name, .. }, span } if asks(this, beside) => {
                let kind = Kind::named(name).filter(|_| !this.is_name(name, *span));
                kind.map(|kind| this.literal(Value::Type(kind), Type::Kind(Type::Dyn.into()), *span))
            }
            _ => None,
        };
        let typed_left = named(self, left, right).unwrap_or_else(|| self.expr(left, None));
        let typed_right = named(self, right, left).unwrap_or_else(|| self.expr(right, None));
        [typed_left, typed_right]
    }

    /// Whether two values may be equal; what may not has been reported.
    fn is_comparable(&mut self, symbol: &'static str, at: Span, left: ExprId, right: ExprId) -> bool {
        let [a, b] = [self.exprs.ty(left).clone(), self.exprs.ty(right).clone()];
        for (side, ty) in [(left, &a), (right, &b)] {
            if ty.has_secret() {
                self.refuse(side, Error::SecretOperation { operation: format!("`{symbol}`") });
                return false;
            }
        }
        match (&a, &b) {
            (Type::Json | Type::Dyn | Type::Unknown, _) | (_, Type::Json | Type::Dyn | Type::Unknown) => true,
            (Type::Null, Type::Null) => true,
            (Type::Null, ty) | (ty, Type::Null) => {
                self.compared_with_null(ty, at, if a == Type::Null { right } else { left });
                false
            }
            (Type::Optional(x), Type::Optional(y)) => self.is_pair(at, (left, x), (right, y)),
            (Type::Optional(_), _) => {
                self.refuse_optional(left);
                false
            }
            (_, Type::Optional(_)) => {
                self.refuse_optional(right);
                false
            }
            (a, b) => self.is_pair(at, (left, a), (right, b)),
        }
    }

    fn is_pair(&mut self, at: Span, (left, a): (ExprId, &Type), (right, b): (ExprId, &Type)) -> bool {
        if let Some(possible) = self.is_in_union(a, right).or_else(|| self.is_in_union(b, left)) {
            return possible;
        }
        if let (Type::Literals(x), Type::Literals(y)) = (a, b)
            && !x.iter().any(|member| y.contains(member))
        {
            let error =
                Error::ImpossibleComparison { ty: a.to_string(), value: format!("`{b}`"), help: None };
            self.report(at, error);
            return false;
        }
        let is_same = a.widened().join(&b.widened()).is_some()
            && !matches!((a, b), (Type::Map(..) | Type::Record(_), Type::List(_)));
        if !is_same {
            self.never_equal(at, (left, a), (right, b));
        }
        is_same
    }

    /// Whether a known value is a member of a union; `None` where it isn't known or the other side no union.
    fn is_in_union(&mut self, union: &Type, known: ExprId) -> Option<bool> {
        let Type::Literals(members) = union else { return None };
        let value = self.exprs.constant(known)?;
        let written = Literal::of(&value)?;
        if !members.iter().any(|member| member.ty() == written.ty()) {
            return None;
        }
        if members.contains(&written) {
            return Some(true);
        }
        let near = nearest_member(members, &value);
        let help = near.as_ref().map(|near| format!("did you mean `{near}`?"));
        let span = self.exprs[known].span;
        let error =
            Error::ImpossibleComparison { ty: union.to_string(), value: format!("`{written}`"), help };
        self.report_finding(Finding::new(span, error), span);
        Some(false)
    }

    fn compared_with_null(&mut self, ty: &Type, at: Span, other: ExprId) {
        self.lost_guard = true;
        let help = match (ty, &self.exprs[other].kind) {
            (_, ExprKind::Variable(Variable::Node(_))) => {
                "whether a node has succeeded is asked with `.hasValue()`"
            }
            (Type::Optional(_), _) => "an optional is asked with `.hasValue()`",
            _ => "it always has a value",
        };
        let span = self.exprs[other].span.to(at);
        let error = Error::ComparedWithNull { ty: ty.to_string(), help: Some(help.into()) };
        self.report(span, error);
    }

    fn never_equal(&mut self, at: Span, (left, a): (ExprId, &Type), (right, b): (ExprId, &Type)) {
        let problem = Overload::NeverEqual { left: a.to_string(), right: b.to_string() };
        let help = equal_help(&a.widened(), &b.widened());
        let finding = Finding::new(at, Error::NoOverload { problem, help });
        self.problems.report(match self.text_for_duration((left, a), (right, b)) {
            Some((span, text)) => finding.fix(format!("write `{text}`"), span, text),
            None => finding,
        });
    }

    /// A text beside a duration that would be one without its quotes.
    fn text_for_duration(&self, left: (ExprId, &Type), right: (ExprId, &Type)) -> Option<(Span, String)> {
        let text = match (left.1, right.1) {
            (Type::Duration, Type::String) => right.0,
            (Type::String, Type::Duration) => left.0,
            _ => return None,
        };
        match &self.exprs[text].kind {
            ExprKind::Literal(Value::String(value)) if Duration::parse(value).is_ok() => {
                Some((self.exprs[text].span, value.to_string()))
            }
            _ => None,
        }
    }

    /// `x in xs`
    pub(super) fn membership(&mut self, op_span: Span, operands: [ast::ExprId; 2], span: Span) -> ExprId {
        let [element, container] = operands.map(|operand| self.expr(operand, None));
        if self.is_silent(element) || self.is_silent(container) {
            return self.exprs.bad(span);
        }
        let [element, container] = self.members_alike(element, container);
        if self.is_member_of(op_span, element, container) {
            let kind = ExprKind::Binary { op: BinaryOp::In, left: element, right: container };
            self.exprs.add(kind, Type::Bool, span)
        } else {
            self.exprs.bad(span)
        }
    }

    /// An element beside a list of doubles, or a double beside a list of integer literals.
    fn members_alike(&mut self, element: ExprId, container: ExprId) -> [ExprId; 2] {
        let [sought, among] = [element, container].map(|side| self.exprs.ty(side).clone());
        match &among {
            Type::List(inner) if **inner == Type::Double => [self.doubled(element, inner), container],
            Type::List(_) => [element, self.doubled(container, &Type::list(sought))],
            _ => [element, container],
        }
    }

    fn is_member_of(&mut self, op_span: Span, element: ExprId, container: ExprId) -> bool {
        let [sought, among] = [self.exprs.ty(element).clone(), self.exprs.ty(container).clone()];
        for (side, ty) in [(element, &sought), (container, &among)] {
            if ty.has_secret() || matches!(ty, Type::Optional(_)) && !matches!(among, Type::List(_)) {
                self.refuse_operand(side, "in");
                return false;
            }
        }
        match &among {
            Type::Dyn => true,
            _ if sought == Type::Json => {
                self.refuse(element, untyped("`in`", "convert it: `string(…)`, or declare its type"));
                false
            }
            Type::List(inner) => self.is_element(op_span, (element, &sought), (container, inner)),
            Type::Map(key, _) => {
                sought.widened().fits(key)
                    || matches!(sought, Type::Dyn)
                    || self.never_in(op_span, &sought, &among)
            }
            Type::Record(_) => {
                sought.widened().fits(&Type::String) || self.never_in(op_span, &sought, &among)
            }
            Type::Json | Type::Optional(_) => {
                self.refuse_operand(container, "in");
                false
            }
            _ => self.never_in(op_span, &sought, &among),
        }
    }

    /// An element of a list: each of a literal one has to be possible.
    fn is_element(
        &mut self,
        at: Span,
        (element, sought): (ExprId, &Type),
        (container, inner): (ExprId, &Type),
    ) -> bool {
        if let Type::Optional(_) = sought
            && !matches!(inner, Type::Optional(_) | Type::Unknown)
        {
            self.refuse_optional(element);
            return false;
        }
        if let (Type::Literals(_), ExprKind::List(elements)) = (sought, &self.exprs[container].kind) {
            let values: Vec<ExprId> = elements.iter().map(|element| element.value).collect();
            return values.into_iter().all(|value| self.is_in_union(sought, value) != Some(false));
        }
        if let Some(possible) = self.is_in_union(inner, element) {
            return possible;
        }
        sought.widened().join(&inner.widened()).is_some()
            || self.never_in(at, sought, &Type::list(inner.clone()))
    }

    fn never_in(&mut self, at: Span, sought: &Type, among: &Type) -> bool {
        let problem = Overload::Operator { symbol: "in", left: sought.to_string(), right: among.to_string() };
        let help = match among {
            Type::String => Some("write `text.contains(part)`".into()),
            Type::List(_) | Type::Map(..) => None,
            _ => Some("`in` asks a list for an element, or a map for a key".into()),
        };
        self.report(at, Error::NoOverload { problem, help });
        false
    }
}

fn equal_help(a: &Type, b: &Type) -> Option<String> {
    let (text, other) = match (a, b) {
        (Type::String, other) | (other, Type::String) => (true, other),
        (a, b) if a.is_number() && b.is_number() => {
            return Some("convert one of them: `int(…)` or `double(…)`".into());
        }
        (_, b) => (false, b),
    };
    match other {
        Type::Int | Type::Uint | Type::Double | Type::Bool | Type::Timestamp if text => {
            Some(format!("convert the text: `{other}(…)`, or the other side: `string(…)`"))
        }
        Type::Duration if text => Some("durations are written without quotes: `5m`".into()),
        _ => None,
    }
}
