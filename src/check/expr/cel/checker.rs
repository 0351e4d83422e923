use std::collections::BTreeMap;

use ecow::EcoString;

use super::inference::Inference;
use crate::ast::{self, Arena, BinaryOp, UnaryOp};
use crate::catalog::function::operator;
use crate::check::expr::elaborator::Local;
use crate::check::expr::error::{Error, Overload};
use crate::check::typed::{Defect, ExprId, ExprKind, Exprs};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;
use crate::types::Type;
use crate::value::{Duration, Value};

/// A name of `citadel eval`; its place among all is the index of the binding.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// The name; it may have dots.
    pub name: EcoString,
    /// Its type.
    pub ty: Type,
}

/// Gives an expression its types, as CEL has them. With `is_checked` off, what would be in error fails when it is
/// evaluated instead. The answer is the expression and its type.
pub fn check(
    source: &Arena<ast::Expr>,
    root: ast::ExprId,
    declarations: &[Declaration],
    is_checked: bool,
    exprs: &mut Exprs,
    problems: &mut Problems,
) -> (ExprId, Type) {
    let names =
        declarations.iter().zip(0..).map(|(declared, index)| (&*declared.name, (index, &declared.ty)));
    let mut checker = Checker {
        source,
        names: names.collect(),
        is_checked,
        exprs,
        problems,
        inference: Inference::default(),
        locals: Vec::new(),
    };
    let typed = checker.expr(root);
    let ty = checker.inference.resolved(&typed.ty);
    (typed.id, ty)
}

pub(super) struct Checker<'a> {
    pub(super) source: &'a Arena<ast::Expr>,
    pub(super) names: BTreeMap<&'a str, (u32, &'a Type)>,
    pub(super) is_checked: bool,
    pub(super) exprs: &'a mut Exprs,
    pub(super) problems: &'a mut Problems,
    pub(super) inference: Inference,
    /// The variables of the macros around, the innermost last.
    pub(super) locals: Vec<Local>,
}

/// An expression and its type, in which variables may be open.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) id: ExprId,
    pub(super) ty: Type,
}

impl Checker<'_> {
    pub(super) fn expr(&mut self, id: ast::ExprId) -> Typed {
        let ast::Expr { kind, span } = &self.source[id];
        let span = *span;
        use ast::ExprKind as Kind;
        match kind {
            Kind::Null => self.constant(Value::Null, Type::Null, span),
            Kind::Bool(value) => self.constant(Value::Bool(*value), Type::Bool, span),
            Kind::Int(number) => self.constant(Value::Int(*number), Type::Int, span),
            Kind::Uint(number) => self.constant(Value::Uint(*number), Type::Uint, span),
            Kind::Double(number) => self.constant(Value::Double(*number), Type::Double, span),
            Kind::String { value, .. } => self.constant(Value::String(value.clone()), Type::String, span),
            Kind::Bytes(bytes) => self.constant(Value::Bytes(bytes.as_ref().into()), Type::Bytes, span),
            Kind::Duration(nanos) => {
                let value = Duration::from_nanos(i128::from(*nanos)).unwrap_or(Duration::ZERO);
                self.constant(Value::Duration(value), Type::Duration, span)
            }
            Kind::Template(parts) => self.template(parts, span),
            Kind::Name { name, leading_dot } => self.name(name, *leading_dot, span),
            Kind::Select { base, field, optional } => self.select(id, *base, field, *optional, span),
            Kind::Index { base, index, optional } => self.index(*base, *index, *optional, span),
            Kind::Call { function, args } => self.call(function, args, span),
            Kind::MethodCall { receiver, function, args } => {
                self.method_call(*receiver, function, args, span)
            }
            Kind::Unary { op, operand } => self.unary(*op, *operand, span),
            Kind::Binary { op, left, right, .. } => self.binary(*op, *left, *right, span),
            Kind::Conditional { condition, then, otherwise } => {
                self.conditional(*condition, *then, *otherwise, span)
            }
            Kind::List(elements) => self.list(elements, span),
            Kind::Map(entries) => self.map(entries, span),
            Kind::Record { path, .. } => {
                let name = path.last().map(|name| name.text.clone()).unwrap_or_default();
                self.unknown_name(name, span)
            }
            Kind::Bad => self.bad(span),
        }
    }

    pub(super) fn add(&mut self, kind: ExprKind, ty: Type, span: Span) -> Typed {
        Typed { id: self.exprs.add(kind, Type::Dyn, span), ty }
    }

    pub(super) fn constant(&mut self, value: Value, ty: Type, span: Span) -> Typed {
        self.add(ExprKind::Literal(value), ty, span)
    }

    pub(super) fn bad(&mut self, span: Span) -> Typed {
        self.add(ExprKind::Bad, Type::Dyn, span)
    }

    /// Reports an error of types; without checking it is found when the expression is evaluated.
    pub(super) fn refuse(&mut self, error: Error, span: Span) {
        if self.is_checked {
            self.problems.report(Finding::new(span, error));
        }
    }

    pub(super) fn unknown_name(&mut self, name: EcoString, span: Span) -> Typed {
        if self.is_checked {
            self.problems.report(Finding::new(span, Error::UnknownName { name, help: None }));
            return self.bad(span);
        }
        self.add(ExprKind::Fail(Defect::UnknownVariable(name)), Type::Dyn, span)
    }

    /// Demands that a type is another; only where types are checked.
    pub(super) fn demand(&mut self, typed: &Typed, wanted: &Type) {
        if !self.inference.assign(&typed.ty, wanted) && self.is_checked {
            let (expected, found) = (wanted.cel_text(), self.inference.resolved(&typed.ty).cel_text());
            let span = self.exprs[typed.id].span;
            self.problems.report(Finding::new(span, Error::TypeMismatch { expected, found, help: None }));
        }
    }

    /// The result of the overloads that take the arguments: of the first, or `dyn` where several differ.
    pub(super) fn resolve<'o>(
        &mut self,
        overloads: impl Iterator<Item = (&'o [Type], &'o Type)>,
        arguments: &[Type],
    ) -> Option<Type> {
        let mut result: Option<Type> = None;
        for (parameters, gives) in overloads {
            let fresh = [self.inference.fresh(), self.inference.fresh()];
            let parameters: Vec<Type> =
                parameters.iter().map(|parameter| instance(parameter, &fresh)).collect();
            if !self.inference.assign_all(arguments, &parameters) {
                continue;
            }
            let gives = self.inference.resolved(&instance(gives, &fresh));
            result = Some(match result {
                Some(before) if before != gives => Type::Dyn,
                _ => gives,
            });
        }
        result
    }

    /// The result of an operator on operands.
    fn operated(&mut self, symbol: &'static str, operands: &[&Typed], span: Span) -> Type {
        let types: Vec<Type> = operands.iter().map(|operand| operand.ty.clone()).collect();
        let overloads = operator(symbol).iter().map(|known| (known.parameters.as_slice(), &known.result));
        let result = self.resolve(overloads, &types);
        if let Some(ty) = result {
            return ty;
        }
        let text = |checker: &Self, index: usize| {
            types.get(index).map(|ty| checker.inference.resolved(ty).cel_text()).unwrap_or_default()
        };
        let problem = if types.len() == 2 {
            Overload::Operator { symbol, left: text(self, 0), right: text(self, 1) }
        } else {
            Overload::Value { taker: format!("`{symbol}`"), found: text(self, 0) }
        };
        self.refuse(Error::NoOverload { problem, help: None }, span);
        Type::Dyn
    }

    fn unary(&mut self, op: UnaryOp, operand: ast::ExprId, span: Span) -> Typed {
        let of = self.expr(operand);
        match op {
            UnaryOp::Not => {
                let ty = self.operated("!", &[&of], span);
                self.add(ExprKind::Not(of.id), ty, span)
            }
            UnaryOp::Negate => {
                let ty = self.operated("unary -", &[&of], span);
                self.add(ExprKind::Negate(of.id), ty, span)
            }
        }
    }

    fn binary(&mut self, op: BinaryOp, left: ast::ExprId, right: ast::ExprId, span: Span) -> Typed {
        let left = self.expr(left);
        let right = self.expr(right);
        if !matches!(op, BinaryOp::And | BinaryOp::Or) {
            let ty = self.operated(op.symbol(), &[&left, &right], span);
            return self.add(ExprKind::Binary { op, left: left.id, right: right.id }, ty, span);
        }
        self.demand(&left, &Type::Bool);
        self.demand(&right, &Type::Bool);
        let mut operands = match (&self.exprs[left.id].kind, op) {
            (ExprKind::And(before), BinaryOp::And) | (ExprKind::Or(before), BinaryOp::Or) => before.clone(),
            _ => vec![left.id],
        };
        operands.push(right.id);
        let kind = if op == BinaryOp::And { ExprKind::And(operands) } else { ExprKind::Or(operands) };
        self.add(kind, Type::Bool, span)
    }

    fn conditional(
        &mut self,
        condition: ast::ExprId,
        then: ast::ExprId,
        otherwise: ast::ExprId,
        span: Span,
    ) -> Typed {
        let condition = self.expr(condition);
        let then = self.expr(then);
        let otherwise = self.expr(otherwise);
        self.demand(&condition, &Type::Bool);
        let branches = [Type::Parameter(0), Type::Parameter(0)];
        let types = [then.ty.clone(), otherwise.ty.clone()];
        let ty = match self.resolve([(branches.as_slice(), &Type::Parameter(0))].into_iter(), &types) {
            Some(ty) => ty,
            None => {
                let [before, found] = types.map(|ty| self.inference.resolved(&ty).cel_text());
                self.refuse(Error::MixedTypes { what: "both branches", before, found }, span);
                Type::Dyn
            }
        };
        let kind = ExprKind::Conditional { condition: condition.id, then: then.id, otherwise: otherwise.id };
        self.add(kind, ty, span)
    }
}

/// A type of a signature with variables of its own for this use.
fn instance(ty: &Type, fresh: &[Type; 2]) -> Type {
    match ty {
        Type::Parameter(index) => fresh.get(*index as usize).cloned().unwrap_or(Type::Dyn),
        Type::List(inner) => Type::list(instance(inner, fresh)),
        Type::Map(key, value) => Type::map(instance(key, fresh), instance(value, fresh)),
        Type::Optional(inner) => Type::Optional(instance(inner, fresh).into()),
        Type::Kind(inner) => Type::Kind(instance(inner, fresh).into()),
        Type::Json => Type::Dyn,
        other => other.clone(),
    }
}
