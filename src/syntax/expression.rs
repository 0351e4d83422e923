//! Expressions: the grammar gives them flat, here they get their precedence.

use pest::iterators::{Pair, Pairs};

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use crate::ast::{BinaryOp, Element, Entry, ExprId, ExprKind, Name, RecordField, UnaryOp};
use crate::source::Span;

/// An operator that waits for its right operand.
struct Pending {
    left: ExprId,
    op: BinaryOp,
    op_span: Span,
}

impl Builder<'_> {
    /// An `expr` pair: conditions and branches, the last branch being the rest of the chain.
    pub fn expression(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let mut parts: Vec<ExprId> = Vec::new();
        for inner in pair.into_inner() {
            let part = if inner.as_rule() == Rule::expr { self.expression(inner) } else { self.flat(inner) };
            parts.push(part);
        }
        // c0 t0 c1 t1 … e: the grammar alternates, so the number of parts is odd.
        let Some(mut result) = parts.pop() else { return self.bad(Span::default()) };
        while let (Some(then), Some(condition)) = (parts.pop(), parts.pop()) {
            let span = self.exprs[condition].span.to(self.exprs[result].span);
            result = self.expr(ExprKind::Conditional { condition, then, otherwise: result }, span);
        }
        result
    }

    pub fn bad(&mut self, span: Span) -> ExprId {
        self.expr(ExprKind::Bad, span)
    }

    fn flat(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let whole = self.span(&pair);
        let mut pairs = pair.into_inner();
        let mut waiting: Vec<Pending> = Vec::new();
        let Some(mut operand) = self.operand(&mut pairs) else { return self.bad(whole) };
        while let Some(operator) = pairs.next() {
            let op = self.operator(&operator);
            let op_span = self.span(&operator);
            while waiting.last().is_some_and(|last| precedence(last.op) >= precedence(op)) {
                operand = self.close(&mut waiting, operand);
            }
            waiting.push(Pending { left: operand, op, op_span });
            operand = match self.operand(&mut pairs) {
                Some(next) => next,
                None => self.bad(op_span),
            };
        }
        while !waiting.is_empty() {
            operand = self.close(&mut waiting, operand);
        }
        operand
    }

    fn close(&mut self, waiting: &mut Vec<Pending>, right: ExprId) -> ExprId {
        let Some(Pending { left, op, op_span }) = waiting.pop() else { return right };
        let span = self.exprs[left].span.to(self.exprs[right].span);
        self.expr(ExprKind::Binary { op, op_span, left, right }, span)
    }

    fn operator(&mut self, pair: &Pair<'_, Rule>) -> BinaryOp {
        let span = self.span(pair);
        let (op, right_form) = match pair.as_rule() {
            Rule::or => return BinaryOp::Or,
            Rule::and => return BinaryOp::And,
            Rule::equal => return BinaryOp::Equal,
            Rule::not_equal => return BinaryOp::NotEqual,
            Rule::less => return BinaryOp::Less,
            Rule::less_equal => return BinaryOp::LessEqual,
            Rule::greater => return BinaryOp::Greater,
            Rule::greater_equal => return BinaryOp::GreaterEqual,
            Rule::within => return BinaryOp::In,
            Rule::plus => return BinaryOp::Add,
            Rule::minus => return BinaryOp::Subtract,
            Rule::times => return BinaryOp::Multiply,
            Rule::divided => return BinaryOp::Divide,
            Rule::remainder => return BinaryOp::Remainder,
            Rule::strict_equal => (BinaryOp::Equal, "=="),
            Rule::strict_not_equal => (BinaryOp::NotEqual, "!="),
            Rule::single_and | Rule::word_and => (BinaryOp::And, "&&"),
            _ => (BinaryOp::Or, "||"),
        };
        self.report_slip(
            span,
            Error::ForeignOperator { written: pair.as_str().into(), right: right_form },
            right_form,
        );
        op
    }

    /// Prefixes, a primary, postfixes. Postfixes bind tighter.
    fn operand(&mut self, pairs: &mut Pairs<'_, Rule>) -> Option<ExprId> {
        let mut prefixes = Vec::new();
        let primary = loop {
            let pair = pairs.next()?;
            if !matches!(pair.as_rule(), Rule::negation | Rule::logical_not) {
                break pair;
            }
            prefixes.push(pair);
        };
        let negative_literal = prefixes.last().is_some_and(|prefix| prefix.as_str().starts_with('-'))
            && matches!(primary.as_rule(), Rule::int | Rule::double | Rule::hex | Rule::duration);
        let mut operand = if negative_literal {
            let sign = prefixes.pop()?;
            let span = self.span(&sign).to(self.span(&primary));
            self.number(&primary, true, span)
        } else {
            self.primary(primary)
        };
        while let Some(next) =
            pairs.peek().filter(|next| matches!(next.as_rule(), Rule::select | Rule::index))
        {
            pairs.next();
            operand = self.postfix(operand, next);
        }
        for prefix in prefixes.into_iter().rev() {
            let op = if prefix.as_str().starts_with('-') { UnaryOp::Negate } else { UnaryOp::Not };
            let span = self.span(&prefix).to(self.exprs[operand].span);
            operand = self.expr(ExprKind::Unary { op, operand }, span);
        }
        Some(operand)
    }

    fn postfix(&mut self, base: ExprId, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.exprs[base].span.to(self.span(&pair));
        let is_index = pair.as_rule() == Rule::index;
        let mut inner = pair.into_inner().peekable();
        let optional = inner.next_if(|part| part.as_rule() == Rule::optional_mark).is_some();
        let Some(part) = inner.next() else { return base };
        if is_index {
            let index = self.expression(part);
            return self.expr(ExprKind::Index { base, index, optional }, span);
        }
        let field = self.selector(part);
        match inner.next() {
            Some(args) => {
                let args = self.args(args);
                self.expr(ExprKind::MethodCall { receiver: base, function: field, args }, span)
            }
            None => self.expr(ExprKind::Select { base, field, optional }, span),
        }
    }

    fn selector(&mut self, pair: Pair<'_, Rule>) -> Name {
        let name = self.name(&pair);
        if pair.as_rule() != Rule::quoted_name {
            return name;
        }
        Name { text: name.text.trim_matches('`').into(), span: name.span }
    }

    fn args(&mut self, pair: Pair<'_, Rule>) -> Vec<ExprId> {
        pair.into_inner().map(|arg| self.expression(arg)).collect()
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::parenthesised => match pair.into_inner().next() {
                Some(inner) => self.expression(inner),
                None => self.bad(span),
            },
            Rule::list => self.list(pair),
            Rule::map => self.map(pair),
            Rule::reference => self.reference(pair),
            Rule::int | Rule::uint | Rule::hex | Rule::double | Rule::duration | Rule::size => {
                self.number(&pair, false, span)
            }
            _ => self.string(pair),
        }
    }

    fn list(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let mut elements = Vec::new();
        for element in pair.into_inner() {
            let mut inner = element.into_inner().peekable();
            let optional = inner.next_if(|part| part.as_rule() == Rule::optional_mark).is_some();
            if let Some(value) = inner.next() {
                elements.push(Element { value: self.expression(value), optional });
            }
        }
        self.expr(ExprKind::List(elements), span)
    }

    pub fn map(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let mut entries = Vec::new();
        for entry in pair.into_inner() {
            let mut inner = entry.into_inner().peekable();
            let optional = inner.next_if(|part| part.as_rule() == Rule::optional_mark).is_some();
            if let (Some(key), Some(value)) = (inner.next(), inner.next()) {
                entries.push(Entry { key: self.expression(key), value: self.expression(value), optional });
            }
        }
        self.expr(ExprKind::Map(entries), span)
    }

    fn reference(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let mut leading_dot = false;
        let mut path: Vec<Name> = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::leading_dot => leading_dot = true,
                Rule::name => path.push(self.name(&part)),
                Rule::record_path => {
                    path.extend(part.into_inner().map(|name| self.name(&name)).collect::<Vec<_>>());
                }
                Rule::args => {
                    let args = self.args(part);
                    return match path.pop() {
                        Some(function) => self.expr(ExprKind::Call { function, args }, span),
                        None => self.bad(span),
                    };
                }
                _ => {
                    let fields = self.record_fields(part);
                    return self.expr(ExprKind::Record { path, fields }, span);
                }
            }
        }
        let kind = match path.pop() {
            Some(name) if leading_dot => ExprKind::Name { name: name.text, leading_dot },
            Some(name) => match name.text.as_str() {
                "true" => ExprKind::Bool(true),
                "false" => ExprKind::Bool(false),
                "null" => ExprKind::Null,
                _ => ExprKind::Name { name: name.text, leading_dot },
            },
            None => ExprKind::Bad,
        };
        self.expr(kind, span)
    }

    fn record_fields(&mut self, pair: Pair<'_, Rule>) -> Vec<RecordField> {
        let mut fields = Vec::new();
        for field in pair.into_inner() {
            let mut inner = field.into_inner().peekable();
            let optional = inner.next_if(|part| part.as_rule() == Rule::optional_mark).is_some();
            if let (Some(name), Some(value)) = (inner.next(), inner.next()) {
                fields.push(RecordField {
                    name: self.selector(name),
                    value: self.expression(value),
                    optional,
                });
            }
        }
        fields
    }
}

fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Equal
        | BinaryOp::NotEqual
        | BinaryOp::Less
        | BinaryOp::LessEqual
        | BinaryOp::Greater
        | BinaryOp::GreaterEqual
        | BinaryOp::In => 3,
        BinaryOp::Add | BinaryOp::Subtract => 4,
        BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Remainder => 5,
    }
}
