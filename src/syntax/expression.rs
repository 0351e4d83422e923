//! Expressions: the grammar gives them flat, here they get their precedence and their tree.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::limits::MAX_HEIGHT;
use super::parts::Parts;
use crate::ast::{BinaryOp, Expr, ExprId, ExprKind, Part};
use crate::source::Span;

/// What stands between two operands.
#[derive(Clone, Copy)]
enum Operator {
    Binary(BinaryOp),
    /// `? then :`
    Conditional(ExprId),
}

impl Operator {
    fn precedence(self) -> u8 {
        match self {
            Self::Conditional(_) => 0,
            Self::Binary(BinaryOp::Or) => 1,
            Self::Binary(BinaryOp::And) => 2,
            Self::Binary(BinaryOp::Add | BinaryOp::Subtract) => 4,
            Self::Binary(BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder) => 5,
            Self::Binary(_) => 3,
        }
    }

    /// A chain of these is a balanced tree, for the order in which they are taken makes no difference.
    fn chains(self) -> Option<BinaryOp> {
        match self {
            Self::Binary(op @ (BinaryOp::Or | BinaryOp::And)) => Some(op),
            _ => None,
        }
    }
}

/// An operator that waits for its right operand.
struct Waiting {
    operator: Operator,
    /// The operands so far, with the operator after each: several only in a chain of `&&` or `||`.
    left: Vec<(ExprId, Span)>,
}

impl Builder<'_> {
    /// A whole text that is one expression.
    pub fn only_expression(&mut self, parts: &mut Parts<'_>) -> ExprId {
        let mut root = None;
        if let Some(whole) = parts.take(Rule::only_expression) {
            let mut inner = Parts::of(whole);
            root = Some(self.expression_or_missing(&mut inner));
            if let Some(stray) = inner.take(Rule::stray) {
                self.expected(self.span(&stray), "an operator or the end");
            }
        }
        root.unwrap_or_else(|| self.bad(Span::default()))
    }

    /// An `expr` or a `value`.
    pub fn expression(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let whole = self.span(&pair);
        let mut parts = Parts::of(pair);
        self.too_high &= self.unfinished > 0;
        self.unfinished += 1;
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut operand = self.operand(&mut parts, whole);
        while let Some(pair) = parts.next() {
            let span = self.span(&pair);
            let (operator, complete) = self.operator(pair);
            while waiting.last().is_some_and(|last| binds_first(last.operator, operator)) {
                operand = self.close(&mut waiting, operand);
            }
            match waiting.last_mut().filter(|last| continues(last.operator, operator)) {
                Some(chain) => chain.left.push((operand, span)),
                None => waiting.push(Waiting { operator, left: vec![(operand, span)] }),
            }
            operand =
                if complete { self.operand(&mut parts, span) } else { self.skip_operand(&mut parts, span) };
        }
        while !waiting.is_empty() {
            operand = self.close(&mut waiting, operand);
        }
        self.unfinished -= 1;
        operand
    }

    /// An `expr`, or its absence, which is reported.
    pub fn expression_or_missing(&mut self, parts: &mut Parts<'_>) -> ExprId {
        match parts.take_any(&[Rule::expr, Rule::value]) {
            Some(pair) => self.expression(pair),
            None => {
                let place =
                    parts.take(Rule::missing_value).map(|missing| self.span(&missing)).unwrap_or_default();
                self.expected(place, "a value");
                self.bad(place)
            }
        }
    }

    /// After an incomplete operator: what follows is not said to be missing again.
    fn skip_operand(&mut self, parts: &mut Parts<'_>, at: Span) -> ExprId {
        if parts.take(Rule::missing_operand).is_some() { self.bad(at) } else { self.operand(parts, at) }
    }

    pub fn bad(&mut self, span: Span) -> ExprId {
        self.expr(ExprKind::Bad, span)
    }

    /// Adds an expression; one whose tree grows too high is refused.
    pub fn expr(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let height = 1 + children(&kind)
            .map(|child| self.heights.get(child.index()).copied().unwrap_or(0))
            .max()
            .unwrap_or(0);
        if height <= MAX_HEIGHT {
            self.heights.push(height);
            return self.exprs.add(Expr { kind, span });
        }
        // The rest of this expression may grow as high again, but that is the same mistake.
        if !std::mem::replace(&mut self.too_high, true) {
            self.report(span, Error::ExpressionTooDeep { limit: MAX_HEIGHT });
        }
        self.heights.push(1);
        self.exprs.add(Expr { kind: ExprKind::Bad, span })
    }

    fn close(&mut self, waiting: &mut Vec<Waiting>, right: ExprId) -> ExprId {
        let Some(Waiting { operator, mut left }) = waiting.pop() else { return right };
        if let Some(op) = operator.chains() {
            let last = left.last().map_or(Span::default(), |(_, span)| *span);
            left.push((right, last));
            return self.balanced(op, &left);
        }
        let Some((first, op_span)) = left.pop() else { return right };
        let span = self.exprs[first].span.to(self.exprs[right].span);
        match operator {
            Operator::Binary(op) => self.expr(ExprKind::Binary { op, op_span, left: first, right }, span),
            Operator::Conditional(then) => {
                self.expr(ExprKind::Conditional { condition: first, then, otherwise: right }, span)
            }
        }
    }

    /// The operands of a chain as a tree whose height is the logarithm of their number.
    fn balanced(&mut self, op: BinaryOp, operands: &[(ExprId, Span)]) -> ExprId {
        let [(only, _)] = operands else {
            let (first, second) = operands.split_at(operands.len() / 2);
            let op_span = first.last().map_or(Span::default(), |(_, span)| *span);
            let (left, right) = (self.balanced(op, first), self.balanced(op, second));
            let span = self.exprs[left].span.to(self.exprs[right].span);
            return self.expr(ExprKind::Binary { op, op_span, left, right }, span);
        };
        *only
    }

    /// The operator, and whether all of it is there.
    fn operator(&mut self, pair: Pair<'_, Rule>) -> (Operator, bool) {
        let span = self.span(&pair);
        if pair.as_rule() == Rule::conditional {
            return self.conditional(pair);
        }
        let rule = pair.as_rule();
        let (op, right) = match binary(rule) {
            Some(op) => (op, None),
            None => foreign(rule),
        };
        if let Some(right) = right {
            let error = Error::ForeignOperator { written: pair.as_str().into(), right };
            match rule {
                Rule::nullish | Rule::power | Rule::word_not_in => self.report(span, error),
                _ => self.report_fixed(span, error, right),
            }
        }
        (Operator::Binary(op), true)
    }

    fn conditional(&mut self, pair: Pair<'_, Rule>) -> (Operator, bool) {
        let mut parts = Parts::of(pair);
        let then = self.expression_or_missing(&mut parts);
        let missing = parts.take(Rule::missing_otherwise);
        if let Some(missing) = &missing {
            self.expected(self.span(missing), "`:` and what holds otherwise");
        }
        (Operator::Conditional(then), missing.is_none())
    }
}

/// Whether an operator that waits gets the operand between it and the next.
fn binds_first(waiting: Operator, next: Operator) -> bool {
    if continues(waiting, next) {
        return false;
    }
    // Conditionals are taken from the right.
    waiting.precedence() >= next.precedence() && next.precedence() > 0
        || waiting.precedence() > next.precedence()
}

fn continues(waiting: Operator, next: Operator) -> bool {
    waiting.chains().is_some() && waiting.chains() == next.chains()
}

fn binary(rule: Rule) -> Option<BinaryOp> {
    Some(match rule {
        Rule::or => BinaryOp::Or,
        Rule::and => BinaryOp::And,
        Rule::equal => BinaryOp::Equal,
        Rule::not_equal => BinaryOp::NotEqual,
        Rule::less => BinaryOp::Less,
        Rule::less_equal => BinaryOp::LessEqual,
        Rule::greater => BinaryOp::Greater,
        Rule::greater_equal => BinaryOp::GreaterEqual,
        Rule::within => BinaryOp::In,
        Rule::plus => BinaryOp::Add,
        Rule::minus => BinaryOp::Subtract,
        Rule::times => BinaryOp::Multiply,
        Rule::divided => BinaryOp::Divide,
        Rule::remainder => BinaryOp::Remainder,
        _ => return None,
    })
}

/// What is meant by an operator of another language, and how it is written here.
fn foreign(rule: Rule) -> (BinaryOp, Option<&'static str>) {
    match rule {
        Rule::strict_equal | Rule::single_equal => (BinaryOp::Equal, Some("==")),
        Rule::strict_not_equal => (BinaryOp::NotEqual, Some("!=")),
        Rule::single_and | Rule::word_and => (BinaryOp::And, Some("&&")),
        Rule::word_not_in => (BinaryOp::In, Some("!(a in b)")),
        Rule::power => (BinaryOp::Multiply, Some("a * a")),
        Rule::nullish => (BinaryOp::Or, Some("a.orValue(b)")),
        _ => (BinaryOp::Or, Some("||")),
    }
}

/// The expressions that one consists of.
fn children(kind: &ExprKind) -> Box<dyn Iterator<Item = ExprId> + '_> {
    match kind {
        ExprKind::Template(parts) => Box::new(parts.iter().filter_map(|part| match part {
            Part::Expr(expr) => Some(*expr),
            Part::Text(_) => None,
        })),
        ExprKind::Select { base, .. } => Box::new([*base].into_iter()),
        ExprKind::Index { base, index, .. } => Box::new([*base, *index].into_iter()),
        ExprKind::Call { args, .. } => Box::new(args.iter().copied()),
        ExprKind::MethodCall { receiver, args, .. } => {
            Box::new([*receiver].into_iter().chain(args.iter().copied()))
        }
        ExprKind::Unary { operand, .. } => Box::new([*operand].into_iter()),
        ExprKind::Binary { left, right, .. } => Box::new([*left, *right].into_iter()),
        ExprKind::Conditional { condition, then, otherwise } => {
            Box::new([*condition, *then, *otherwise].into_iter())
        }
        ExprKind::List(elements) => Box::new(elements.iter().map(|element| element.value)),
        ExprKind::Map(entries) => Box::new(entries.iter().flat_map(|entry| [entry.key, entry.value])),
        ExprKind::Record { fields, .. } => Box::new(fields.iter().map(|field| field.value)),
        _ => Box::new(std::iter::empty()),
    }
}
