use super::elaborator::{Elaborator, untyped};
use super::error::{Error, Overload};
use super::overload::Matching;
use crate::ast::{self, BinaryOp, UnaryOp};
use crate::catalog::function::operator;
use crate::check::typed::{Element, ExprId, ExprKind};
use crate::source::Span;
use crate::types::Type;
use crate::value::Value;

impl Elaborator<'_> {
    /// `-x`, `!x`
    pub(super) fn unary(
        &mut self,
        op: UnaryOp,
        operand: ast::ExprId,
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        if op == UnaryOp::Not {
            let of = self.truth(operand, "!");
            return self.exprs.add(ExprKind::Not(of), Type::Bool, span);
        }
        let of = self.expr(operand, wanted);
        match self.exprs.ty(of).widened() {
            ty @ (Type::Int | Type::Double | Type::Unknown | Type::Dyn) => self.negated(of, ty, span),
            _ => self.refuse_operand(of, "-"),
        }
    }

    fn negated(&mut self, of: ExprId, ty: Type, span: Span) -> ExprId {
        if let ExprKind::Literal(Value::Int(i64::MIN)) = self.exprs[of].kind {
            return self.report(span, Error::NumberOverflow);
        }
        self.exprs.add(ExprKind::Negate(of), ty, span)
    }

    /// An operand that has to be a bool.
    fn truth(&mut self, id: ast::ExprId, symbol: &'static str) -> ExprId {
        let of = self.expr(id, None);
        match self.exprs.ty(of).widened() {
            Type::Bool | Type::Unknown | Type::Dyn => of,
            _ => self.refuse_operand(of, symbol),
        }
    }

    /// Says why an operator doesn't take an operand.
    pub(super) fn refuse_operand(&mut self, of: ExprId, symbol: &'static str) -> ExprId {
        match self.exprs.ty(of) {
            ty if ty.has_secret() => {
                self.refuse(of, Error::SecretOperation { operation: format!("`{symbol}`") })
            }
            Type::Unknown => of,
            Type::Optional(_) => self.refuse_optional(of),
            Type::Json => {
                let to = if matches!(symbol, "!" | "&&" | "||") { "bool" } else { "double" };
                self.refuse(
                    of,
                    untyped(format!("`{symbol}`"), format!("convert it: `{to}(…)`, or declare its type")),
                )
            }
            ty => {
                let problem = Overload::Value { taker: format!("`{symbol}`"), found: ty.to_string() };
                let help = matches!(symbol, "!" | "&&" | "||")
                    .then(|| "compare it with something, to get a bool".into());
                self.refuse(of, Error::NoOverload { problem, help })
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        operands: [ast::ExprId; 2],
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        match op {
            BinaryOp::And | BinaryOp::Or => self.connected(op, operands, span),
            BinaryOp::Equal | BinaryOp::NotEqual => self.equality(op, op_span, operands, span),
            BinaryOp::In => self.membership(op_span, operands, span),
            _ => self.calculation(op, op_span, operands, wanted, span),
        }
    }

    /// `a && b`, `a || b`: the right side knows what the left one says.
    fn connected(&mut self, op: BinaryOp, [left, right]: [ast::ExprId; 2], span: Span) -> ExprId {
        let marks = self.exprs.marks();
        let left = self.truth(left, op.symbol());
        if self.lost_guard {
            self.exprs.forget_since(marks);
            return self.exprs.bad(span);
        }
        let right = self.assuming(left, op == BinaryOp::And, |this| this.truth(right, op.symbol()));
        let mut operands = match (&self.exprs[left].kind, op) {
            (ExprKind::And(before), BinaryOp::And) | (ExprKind::Or(before), BinaryOp::Or) => before.clone(),
            _ => vec![left],
        };
        operands.push(right);
        let kind = if op == BinaryOp::And { ExprKind::And(operands) } else { ExprKind::Or(operands) };
        self.exprs.add(kind, Type::Bool, span)
    }

    /// `+ - * / %` and the comparisons of order.
    fn calculation(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        [left, right]: [ast::ExprId; 2],
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        if op == BinaryOp::Subtract && self.is_dashed_name(left, right) {
            return self.exprs.bad(span);
        }
        let is_order = operator(op.symbol()).iter().all(|overload| overload.result == Type::Bool);
        let wanted =
            wanted.filter(|wanted| !is_order && matches!(wanted.unwrapped(), Type::List(_) | Type::Double));
        let left = self.expr(left, wanted);
        let right = self.expr(right, wanted);
        if self.is_silent(left) || self.is_silent(right) {
            return self.exprs.bad(span);
        }
        if self.exprs.ty(left).has_secret() || self.exprs.ty(right).has_secret() {
            return match op {
                BinaryOp::Add => self.secret_text(left, right, span),
                _ => self.refuse_operands(op, op_span, left, right),
            };
        }
        let [left, right] = self.numbers_alike(left, right);
        let types = [self.exprs.ty(left).widened(), self.exprs.ty(right).widened()];
        let mut found = operator(op.symbol()).iter().filter_map(|overload| Matching::of(overload, &types));
        match found.next() {
            Some(matching) => self.calculated(op, op_span, [left, right], matching.result(), span),
            None => self.refuse_operands(op, op_span, left, right),
        }
    }

    fn calculated(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        [left, right]: [ExprId; 2],
        ty: Type,
        span: Span,
    ) -> ExprId {
        let [dividend, divisor] = [left, right].map(|side| self.exprs.constant(side));
        let divides = matches!(op, BinaryOp::Divide | BinaryOp::Remainder);
        if divides && matches!(divisor, Some(Value::Int(0) | Value::Uint(0))) {
            return self.report(op_span, Error::DivisionByZero);
        }
        let are_ints = matches!((dividend, divisor), (Some(Value::Int(_)), Some(Value::Int(_))));
        let typed = self.exprs.add(ExprKind::Binary { op, left, right }, ty, span);
        if are_ints && self.exprs.constant(typed).is_none() {
            return self.report(span, Error::NumberOverflow);
        }
        typed
    }

    /// `"Bearer " + token`
    fn secret_text(&mut self, left: ExprId, right: ExprId, span: Span) -> ExprId {
        for side in [left, right] {
            let ty = self.exprs.ty(side).widened();
            if !matches!(ty, Type::Secret | Type::String) {
                return match ty.has_secret() {
                    true => self.refuse(side, Error::SecretOperation { operation: "`+`".into() }),
                    false => self.refuse_operand(side, "+"),
                };
            }
        }
        self.exprs.add(ExprKind::Binary { op: BinaryOp::Add, left, right }, Type::Secret, span)
    }

    /// Says why an operator doesn't take two operands.
    pub(super) fn refuse_operands(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
    ) -> ExprId {
        for side in [left, right] {
            let ty = self.exprs.ty(side);
            if ty.has_secret() || matches!(ty, Type::Optional(_) | Type::Json) {
                return self.refuse_operand(side, op.symbol());
            }
        }
        let [a, b] = [self.exprs.ty(left).clone(), self.exprs.ty(right).clone()];
        let help = operands_help(op, &a, &b);
        let problem = Overload::Operator { symbol: op.symbol(), left: a.to_string(), right: b.to_string() };
        self.report(op_span, Error::NoOverload { problem, help })
    }

    /// `condition ? then : otherwise`
    pub(super) fn conditional(
        &mut self,
        condition: ast::ExprId,
        [then, otherwise]: [ast::ExprId; 2],
        wanted: Option<&Type>,
        span: Span,
    ) -> ExprId {
        let (marks, outer) = (self.exprs.marks(), std::mem::take(&mut self.lost_guard));
        let condition = self.condition(condition);
        if std::mem::replace(&mut self.lost_guard, outer) {
            self.exprs.forget_since(marks);
            return self.exprs.bad(span);
        }
        let branch = |this: &mut Self, id| match wanted {
            Some(wanted) => this.check(id, wanted),
            None => this.expr(id, None),
        };
        let then = self.assuming(condition, true, |this| branch(this, then));
        let otherwise = self.assuming(condition, false, |this| branch(this, otherwise));
        let mut branches = [then, otherwise].map(|value| Element { value, optional: false });
        let ty = match wanted {
            Some(Type::Json | Type::Dyn) => Some(self.untyped_elements(&branches, &Type::Json)),
            Some(wanted) if self.exprs.ty(then).join(self.exprs.ty(otherwise)).is_none() => {
                Some(self.secret_or(&branches, wanted))
            }
            _ => self.unify(&mut branches, "both branches"),
        };
        let Some(ty) = ty else { return self.exprs.bad(span) };
        let [then, otherwise] = branches.map(|branch| match ty {
            Type::Optional(_) => self.fit(branch.value, &ty),
            _ => branch.value,
        });
        self.exprs.add(ExprKind::Conditional { condition, then, otherwise }, ty, span)
    }
}

fn operands_help(op: BinaryOp, left: &Type, right: &Type) -> Option<String> {
    let (a, b) = (left.widened(), right.widened());
    let is_text = a == Type::String || b == Type::String;
    if op == BinaryOp::Add && is_text {
        return Some(
            "put the value into the text, `\"… ${x}\"`, or convert one side: `string(…)`, `int(…)`".into(),
        );
    }
    Some(match (&a, &b) {
        (Type::List(element), other) if other.fits(element) => "write `… + [x]` to add an element".into(),
        (Type::Int, Type::Double) | (Type::Double, Type::Int) => {
            "convert the whole number: `double(…)`".into()
        }
        (Type::Int, Type::Uint) | (Type::Uint, Type::Int) => {
            "convert one of them: `int(…)` or `uint(…)`".into()
        }
        (Type::String, number) | (number, Type::String) if number.is_number() => {
            format!("convert the text: `{number}(…)`")
        }
        (Type::String, Type::Duration | Type::Timestamp)
        | (Type::Duration | Type::Timestamp, Type::String) => {
            let to = if a == Type::String { &b } else { &a };
            format!("convert the text: `{to}(…)`")
        }
        (Type::Timestamp | Type::Duration, number) if number.is_number() => "write a duration: `10s`".into(),
        _ => return None,
    })
}
