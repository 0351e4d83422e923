//! Operands: prefixes, what stands alone, and what is selected from it.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use super::scan::Dialect;
use super::selector::CEL_KEYWORDS;
use crate::ast::{Element, Entry, ExprId, ExprKind, Name, RESERVED_WORDS, RecordField, UnaryOp};
use crate::source::Span;

const PREFIXES: [Rule; 5] = [Rule::negation, Rule::logical_not, Rule::word_not, Rule::word_new, Rule::spread];
const NUMBERS: [Rule; 5] = [Rule::int, Rule::double, Rule::hex, Rule::duration, Rule::size];

impl Builder<'_> {
    /// Prefixes, a primary, postfixes, which bind tighter; `at` is where an operand is expected.
    pub fn operand(&mut self, parts: &mut Parts<'_>, at: Span) -> ExprId {
        let mut prefixes: Vec<(Rule, Span)> = Vec::new();
        while let Some(prefix) = parts.take_any(&PREFIXES) {
            prefixes.push((prefix.as_rule(), self.span(&prefix)));
        }
        let mut operand = match prefixes.last().copied() {
            Some((Rule::negation, sign)) if parts.peek().is_some_and(|next| NUMBERS.contains(&next)) => {
                prefixes.pop();
                self.negative(parts, sign)
            }
            _ => self.primary(parts, at),
        };
        while let Some(postfix) = parts.take_any(&[Rule::select, Rule::index]) {
            operand = self.postfix(operand, postfix);
        }
        while let Some((rule, span)) = prefixes.pop() {
            operand = self.prefixed(rule, span, operand);
        }
        operand
    }

    /// A sign belongs to the literal after it, so that the smallest integer can be written.
    fn negative(&mut self, parts: &mut Parts<'_>, sign: Span) -> ExprId {
        match parts.next() {
            Some(number) => {
                let span = sign.to(self.span(&number));
                self.number(&number, true, span)
            }
            None => self.bad(sign),
        }
    }

    fn prefixed(&mut self, rule: Rule, span: Span, operand: ExprId) -> ExprId {
        let op = match rule {
            Rule::negation => UnaryOp::Negate,
            Rule::word_new => {
                self.report_fixed(span, Error::NewValue, "");
                return operand;
            }
            Rule::spread => {
                self.report(span, Error::ForeignOperator { written: "...".into(), right: "a + b" });
                return operand;
            }
            _ => UnaryOp::Not,
        };
        if rule == Rule::word_not {
            self.report_fixed(span, Error::ForeignOperator { written: "not".into(), right: "!" }, "!");
        }
        let whole = span.to(self.exprs[operand].span);
        self.expr(ExprKind::Unary { op, operand }, whole)
    }

    fn primary(&mut self, parts: &mut Parts<'_>, at: Span) -> ExprId {
        let Some(pair) = parts.next() else { return self.bad(at) };
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::leading_dot => match parts.next() {
                Some(path) => self.reference(parts, &path, Some(span)),
                None => self.bad(span),
            },
            Rule::path => self.reference(parts, &pair, None),
            Rule::parenthesised => self.parenthesised(pair),
            Rule::list => self.list(pair),
            Rule::map => self.map(pair),
            Rule::missing_operand => {
                let place = self.after_token(span);
                self.expected(place, "a value");
                self.bad(place)
            }
            Rule::backtick_text => {
                self.report(span, Error::BacktickText);
                self.bad(span)
            }
            Rule::int
            | Rule::uint
            | Rule::hex
            | Rule::double
            | Rule::duration
            | Rule::size
            | Rule::bad_number => self.number(&pair, false, span),
            _ => self.string(pair),
        }
    }

    fn parenthesised(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let mut parts = Parts::of(pair);
        let inner = self.expression_or_missing(&mut parts);
        self.stray(&mut parts, "an operator or `)`");
        inner
    }

    /// What is too much before a closing bracket.
    pub fn stray(&mut self, parts: &mut Parts<'_>, expected: &str) {
        if let Some(stray) = parts.take(Rule::stray) {
            self.expected(self.span(&stray), expected);
        }
    }

    /// A name and what is plainly selected from it, a call, or the construction of a record.
    fn reference(&mut self, parts: &mut Parts<'_>, path: &Pair<'_, Rule>, dot: Option<Span>) -> ExprId {
        let mut names = self.names(path);
        self.demand_selectors(names.iter().skip(1));
        let start = dot.or(names.first().map(|name| name.span)).unwrap_or_default();
        if let Some(record) = parts.take(Rule::record) {
            let span = start.to(self.span(&record));
            let fields = self.record_fields(record);
            return self.expr(ExprKind::Record { path: names, fields }, span);
        }
        if let Some(arguments) = parts.take(Rule::type_arguments) {
            let span = start.to(self.span(&arguments));
            self.report(span, Error::TypeAsValue);
            return self.bad(span);
        }
        let Some(args) = parts.take(Rule::args) else { return self.selected(names, dot) };
        let span = start.to(self.span(&args));
        let args = self.args(args);
        let Some(function) = names.pop() else { return self.bad(span) };
        if names.is_empty() {
            return self.expr(ExprKind::Call { function, args }, span);
        }
        let receiver = self.selected(names, dot);
        self.expr(ExprKind::MethodCall { receiver, function, args }, span)
    }

    /// The names of a path, between its dots.
    fn names(&self, path: &Pair<'_, Rule>) -> Vec<Name> {
        let mut start = path.as_span().start();
        let names = path.as_str().split('.').map(|text| {
            let span = self.place(start, start + text.len());
            start += text.len() + 1;
            Name { text: text.into(), span }
        });
        names.collect()
    }

    /// A variable, and what is selected from it one after the other.
    fn selected(&mut self, names: Vec<Name>, dot: Option<Span>) -> ExprId {
        let mut names = names.into_iter();
        let Some(name) = names.next() else { return self.bad(Span::default()) };
        let start = dot.unwrap_or(name.span);
        let mut base = self.variable(name, dot);
        for field in names {
            let span = start.to(field.span);
            base = self.expr(ExprKind::Select { base, field, optional: false }, span);
        }
        base
    }

    fn variable(&mut self, name: Name, dot: Option<Span>) -> ExprId {
        let span = dot.unwrap_or(name.span).to(name.span);
        let kind = match name.text.as_str() {
            "true" if dot.is_none() => ExprKind::Bool(true),
            "false" if dot.is_none() => ExprKind::Bool(false),
            "null" if dot.is_none() => ExprKind::Null,
            word if self.dialect == Dialect::Cel
                && (RESERVED_WORDS.contains(&word) || CEL_KEYWORDS.contains(&word)) =>
            {
                self.expected(span, "a value");
                ExprKind::Bad
            }
            _ => ExprKind::Name { name: name.text, leading_dot: dot.is_some() },
        };
        self.expr(kind, span)
    }

    /// The items of a call or list, with whether each is optional.
    fn items(&mut self, pair: Pair<'_, Rule>) -> Vec<Element> {
        let mut items = Vec::new();
        let mut optional = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::optional_mark => optional = true,
                Rule::expr => {
                    items.push(Element {
                        value: self.expression(part),
                        optional: std::mem::take(&mut optional),
                    });
                }
                _ => {
                    self.separator(&part);
                }
            }
        }
        items
    }

    pub fn args(&mut self, pair: Pair<'_, Rule>) -> Vec<ExprId> {
        self.items(pair).into_iter().map(|item| item.value).collect()
    }

    fn list(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        let elements = self.items(pair);
        self.expr(ExprKind::List(elements), span)
    }

    pub fn map(&mut self, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.span(&pair);
        if let Some(inner) = doubled(&pair) {
            self.report(span, Error::DoubleBraces);
            return self.expression(inner);
        }
        let mut entries = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::entry => entries.push(self.entry(part)),
                Rule::equals_entry => entries.push(self.equals_entry(part)),
                _ => {
                    self.separator(&part);
                }
            }
        }
        self.expr(ExprKind::Map(entries), span)
    }

    fn entry(&mut self, pair: Pair<'_, Rule>) -> Entry {
        let mut parts = Parts::of(pair);
        let optional = parts.take(Rule::optional_mark).is_some();
        let key = self.expression_or_missing(&mut parts);
        let value = match parts.take(Rule::missing_value) {
            Some(missing) => {
                let place = self.span(&missing);
                let expected = if self.colon_before(place) { "a value" } else { "`:` and a value" };
                self.expected(self.after_token(place), expected);
                self.bad(place)
            }
            None => self.expression_or_missing(&mut parts),
        };
        Entry { key, value, optional }
    }

    fn colon_before(&self, place: Span) -> bool {
        self.original.get(..place.start as usize).is_some_and(|before| before.trim_end().ends_with(':'))
    }

    /// `name = value` in a map.
    fn equals_entry(&mut self, pair: Pair<'_, Rule>) -> Entry {
        let mut parts = Parts::of(pair);
        let (mut key, mut name) = (self.bad(Span::default()), String::new());
        if let Some(written) = parts.next() {
            let span = self.span(&written);
            name = written.as_str().trim_matches(['"', '\'']).to_owned();
            let style = crate::ast::StringStyle::Double;
            key = self.expr(ExprKind::String { value: name.as_str().into(), style }, span);
        }
        self.equals(&mut parts, &name);
        Entry { key, value: self.expression_or_missing(&mut parts), optional: false }
    }

    /// `=` where a colon should stand, if it does.
    pub fn equals(&mut self, parts: &mut Parts<'_>, name: &str) {
        if let Some(equals) = parts.take(Rule::equals) {
            self.report_fixed(self.span(&equals), Error::ColonNotEquals { name: name.into() }, ":");
        }
    }

    fn record_fields(&mut self, pair: Pair<'_, Rule>) -> Vec<RecordField> {
        let mut fields = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::record_field {
                fields.extend(self.record_field(part));
            } else {
                self.separator(&part);
            }
        }
        fields
    }

    fn record_field(&mut self, pair: Pair<'_, Rule>) -> Option<RecordField> {
        let mut parts = Parts::of(pair);
        let optional = parts.take(Rule::optional_mark).is_some();
        let name = parts.next().map(|name| self.selector(&name))?;
        self.equals(&mut parts, &name.text);
        if let Some(missing) = parts.take(Rule::missing_colon) {
            let place = self.span(&missing);
            self.report(place, Error::MissingColon { name: name.text.to_string() });
            let value = parts.take_any(&[Rule::expr]).map(|value| self.expression(value));
            let value = value.unwrap_or_else(|| self.bad(place));
            return Some(RecordField { name, value, optional });
        }
        Some(RecordField { value: self.expression_or_missing(&mut parts), name, optional })
    }
}

/// What stands in `{{ … }}`.
fn doubled<'i>(pair: &Pair<'i, Rule>) -> Option<Pair<'i, Rule>> {
    if !pair.as_str().starts_with("{{") {
        return None;
    }
    let inner_map = bare_entry(pair)?.into_inner().next()?;
    if inner_map.as_rule() == Rule::map { bare_entry(&inner_map) } else { None }
}

/// The only entry of a map, if it is no more than a key.
fn bare_entry<'i>(map: &Pair<'i, Rule>) -> Option<Pair<'i, Rule>> {
    let mut entries = map.clone().into_inner();
    let entry = entries.next().filter(|entry| entry.as_rule() == Rule::entry)?;
    if entries.next().is_some() {
        return None;
    }
    let mut parts = entry.into_inner();
    let key = parts.next().filter(|key| key.as_rule() == Rule::expr)?;
    parts.next().filter(|value| value.as_rule() == Rule::missing_value)?;
    Some(key)
}
