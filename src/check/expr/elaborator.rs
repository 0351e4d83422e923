use ecow::EcoString;

use super::error::Error;
use super::narrowing::Fact;
use super::scope::Scope;
use crate::ast;
use crate::check::typed::{AssumptionId, ExprId, ExprKind, Exprs, Slot};
use crate::diagnostic::{Finding, Problems};
use crate::source::Span;
use crate::types::Type;
use crate::value::{Duration, Value};

/// Gives the expressions of one file their types.
///
/// A place that takes a type asks [`Self::check`], one that takes anything [`Self::infer`]. What is in error has been
/// reported and comes back as an expression of unknown type, which fits everywhere.
pub struct Elaborator<'a> {
    pub(super) file: &'a ast::File,
    pub(super) scope: &'a mut dyn Scope,
    pub(super) exprs: &'a mut Exprs,
    pub(super) problems: &'a mut Problems,
    /// The variables of the macros around, the innermost last.
    pub(super) locals: Vec<Local>,
    /// What the conditions around say about optionals.
    pub(super) facts: Vec<Fact>,
    /// The conditions around.
    pub(super) given: Option<AssumptionId>,
    /// A condition that asks whether something is there is in error: what stands behind it is not looked at.
    pub(super) lost_guard: bool,
    /// Whether records may lack fields, which are filled in later.
    pub(super) is_partial: bool,
}

/// A variable of a macro.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) name: EcoString,
    pub(super) slot: Slot,
    pub(super) ty: Type,
}

impl<'a> Elaborator<'a> {
    /// For expressions of `file` that stand where `scope` says what names are. The typed ones go to `exprs`.
    pub fn new(
        file: &'a ast::File,
        scope: &'a mut dyn Scope,
        exprs: &'a mut Exprs,
        problems: &'a mut Problems,
    ) -> Self {
        Self {
            file,
            scope,
            exprs,
            problems,
            locals: Vec::new(),
            facts: Vec::new(),
            given: None,
            lost_guard: false,
            is_partial: false,
        }
    }

    /// An expression of any type.
    pub fn infer(&mut self, id: ast::ExprId) -> ExprId {
        self.expr(id, None)
    }

    /// An expression where `wanted` is taken.
    pub fn check(&mut self, id: ast::ExprId, wanted: &Type) -> ExprId {
        let typed = self.expr(id, Some(wanted));
        self.fit(typed, wanted)
    }

    /// As [`Self::check`], where fields of records may be left out, since their types' defaults are filled in.
    pub fn check_partial(&mut self, id: ast::ExprId, wanted: &Type) -> ExprId {
        self.is_partial = true;
        let typed = self.check(id, wanted);
        self.is_partial = false;
        typed
    }

    /// An expression where one of several types is taken.
    pub fn check_one_of(&mut self, id: ast::ExprId, wanted: &[Type]) -> ExprId {
        let typed = self.expr(id, wanted.iter().find(|ty| **ty == Type::Json));
        match wanted.iter().find(|ty| self.exprs.ty(typed).fits(ty)) {
            Some(ty) => self.fit(typed, ty),
            None => self.refuse_all(typed, wanted),
        }
    }

    /// An expression that decides something: a bool.
    pub fn condition(&mut self, id: ast::ExprId) -> ExprId {
        let typed = self.expr(id, Some(&Type::Bool));
        if *self.exprs.ty(typed) == Type::Json {
            let help = "convert it: `bool(…)`, or declare its type";
            return self.refuse(typed, untyped("a condition", help));
        }
        if self.exprs.ty(typed).has_secret() {
            return self.refuse(typed, Error::SecretOperation { operation: "a condition".into() });
        }
        self.fit(typed, &Type::Bool)
    }

    /// An expression; `wanted` says what its literals may stand for, not what it has to be.
    pub(super) fn expr(&mut self, id: ast::ExprId, wanted: Option<&Type>) -> ExprId {
        let ast::Expr { kind, span } = &self.file.exprs[id];
        let span = *span;
        use ast::ExprKind as Kind;
        match kind {
            Kind::Null => self.literal(Value::Null, Type::Null, span),
            Kind::Bool(value) => self.scalar(Value::Bool(*value), wanted, span),
            Kind::Int(number) => self.int(*number, wanted, span),
            Kind::Uint(number) => self.scalar(Value::Uint(*number), wanted, span),
            Kind::Double(number) => self.scalar(Value::Double(*number), wanted, span),
            Kind::String { value, .. } => self.scalar(Value::String(value.clone()), wanted, span),
            Kind::Bytes(bytes) => self.literal(Value::Bytes(bytes.as_ref().into()), Type::Bytes, span),
            Kind::Duration(nanos) => {
                let value = Duration::from_nanos(i128::from(*nanos)).unwrap_or(Duration::ZERO);
                self.literal(Value::Duration(value), Type::Duration, span)
            }
            Kind::Template(parts) => self.template(parts, span),
            Kind::Name { name, .. } => self.name(name, span),
            Kind::Select { base, field, optional } => self.select(*base, field, *optional, span),
            Kind::Index { base, index, optional } => self.index(*base, *index, *optional, span),
            Kind::Call { function, args } => self.call(function, args, wanted, span),
            Kind::MethodCall { receiver, function, args } => {
                self.method_call(*receiver, function, args, wanted, span)
            }
            Kind::Unary { op, operand } => self.unary(*op, *operand, wanted, span),
            Kind::Binary { op, op_span, left, right } => {
                self.binary(*op, *op_span, [*left, *right], wanted, span)
            }
            Kind::Conditional { condition, then, otherwise } => {
                self.conditional(*condition, [*then, *otherwise], wanted, span)
            }
            Kind::List(elements) => self.list(elements, wanted, span),
            Kind::Map(entries) => self.map(entries, wanted, span),
            Kind::Record { path, fields } => self.record(path, fields, span),
            Kind::Bad => self.exprs.bad(span),
        }
    }

    pub(super) fn literal(&mut self, value: Value, ty: Type, span: Span) -> ExprId {
        self.exprs.add(ExprKind::Literal(value), ty, span)
    }

    /// Reports what is wrong with an expression; what stands in its place fits everywhere.
    pub(super) fn refuse(&mut self, typed: ExprId, error: Error) -> ExprId {
        let span = self.exprs[typed].span;
        self.report(span, error)
    }

    /// Reports what is wrong at a place; what stands there fits everywhere.
    pub(super) fn report(&mut self, span: Span, error: Error) -> ExprId {
        self.report_finding(Finding::new(span, error), span)
    }

    pub(super) fn report_finding(&mut self, finding: Finding, span: Span) -> ExprId {
        self.problems.report(finding);
        self.exprs.bad(span)
    }

    /// Whether nothing more is to be said about an expression.
    pub(super) fn is_silent(&self, typed: ExprId) -> bool {
        self.exprs.ty(typed).is_unknown()
    }
}

pub(super) fn untyped(operation: impl Into<String>, help: impl Into<String>) -> Error {
    Error::UntypedOperand { operation: operation.into(), help: Some(help.into()) }
}
