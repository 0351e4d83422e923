//! Types and parameters.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use crate::ast::{ExprKind, Name, Param, TypeId, TypeKind, TypeLiteral};
use crate::diagnostic::Finding;
use crate::source::Span;

/// What `{ name: type, … }` holds.
pub(super) struct Params {
    pub params: Vec<Param>,
    pub incomplete: bool,
}

impl Builder<'_> {
    /// A type, or its absence, which is reported; `what` has none.
    pub fn type_or_missing(&mut self, parts: &mut Parts<'_>, what: &str) -> TypeId {
        match parts.take_any(&[Rule::r#type, Rule::missing_type, Rule::unexpected]) {
            Some(pair) if pair.as_rule() == Rule::r#type => self.type_expr(pair),
            Some(pair) if pair.as_rule() == Rule::unexpected => {
                let span = self.span(&pair);
                self.expected(span, "a type");
                self.ty(TypeKind::Bad, span)
            }
            missing => {
                let place = missing.map(|missing| self.span(&missing)).unwrap_or_default();
                self.report(place, Error::MissingType { name: what.into() });
                self.ty(TypeKind::Bad, place)
            }
        }
    }

    /// A `type` pair: a single term, or literals between bars.
    pub fn type_expr(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        let mut terms = Vec::new();
        for part in pair.into_inner() {
            if part.as_rule() == Rule::double_bar {
                self.report_fixed(self.span(&part), Error::UnionBars, "|");
            } else {
                terms.push(self.term(part));
            }
        }
        match terms.as_slice() {
            [only] => *only,
            _ => self.union(&terms, span),
        }
    }

    fn union(&mut self, terms: &[TypeId], span: Span) -> TypeId {
        let mut literals = Vec::new();
        for term in terms {
            match &self.types[*term].kind {
                TypeKind::Literals(more) => literals.extend(more.iter().cloned()),
                TypeKind::Bad => return self.ty(TypeKind::Bad, span),
                _ => {
                    self.report(self.types[*term].span, Error::UnionOfTypes);
                    return self.ty(TypeKind::Bad, span);
                }
            }
        }
        self.ty(TypeKind::Literals(literals), span)
    }

    fn term(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let whole = self.span(&pair);
        let mut parts = Parts::of(pair);
        let Some(base) = parts.next() else { return self.ty(TypeKind::Bad, whole) };
        let (written, start) = (base.as_str().to_owned(), self.span(&base));
        let mut ty = self.base(base);
        while let Some(mark) = parts.next() {
            let span = start.to(self.span(&mark));
            if mark.as_rule() == Rule::type_array {
                let right = format!("list<{written}>");
                self.report_fixed(span, Error::ArrayType { element: written.clone() }, &right);
                ty = self.list_of(ty, span);
            } else {
                ty = self.ty(TypeKind::Optional(ty), span);
            }
        }
        ty
    }

    fn list_of(&mut self, element: TypeId, span: Span) -> TypeId {
        let name = Name { text: "list".into(), span };
        self.ty(TypeKind::Applied { name, args: vec![element] }, span)
    }

    fn base(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::name => self.ty(TypeKind::Named(pair.as_str().into()), span),
            Rule::params => self.record(pair),
            Rule::type_literal => self.literal(pair),
            Rule::type_applied => self.applied(pair),
            _ => {
                let mut parts = Parts::of(pair);
                let ty = self.type_or_missing(&mut parts, "(");
                self.stray(&mut parts, "`)`");
                ty
            }
        }
    }

    /// A record type; one that lost a member fits everything.
    pub fn record(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        let found = self.params(pair);
        let kind = if found.incomplete { TypeKind::Bad } else { TypeKind::Record(found.params) };
        self.ty(kind, span)
    }

    fn applied(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let Some(name) = parts.take(Rule::name).map(|name| self.name(&name)) else {
            return self.ty(TypeKind::Bad, span);
        };
        let mut args = Vec::new();
        while let Some(part) = parts.take_any(&[Rule::r#type, Rule::missing_argument]) {
            if part.as_rule() == Rule::r#type {
                args.push(self.type_expr(part));
            } else {
                let place = self.after_token(self.span(&part));
                self.report_finding(Finding::new(place, Error::MissingComma).fix("add a comma", place, ","));
            }
        }
        if let Some(missing) = parts.take(Rule::missing_close) {
            let place = self.after_token(self.span(&missing));
            self.expected(place, "`>`");
        }
        self.ty(TypeKind::Applied { name, args }, span)
    }

    fn literal(&mut self, pair: Pair<'_, Rule>) -> TypeId {
        let span = self.span(&pair);
        let is_true = pair.as_str() == "true";
        let mut parts = Parts::of(pair);
        let negative = parts.take(Rule::negation).is_some();
        let value = match parts.next() {
            Some(text) if is_string(text.as_rule()) => self.string(text),
            Some(number) => self.number(&number, negative, span),
            None => self.expr(ExprKind::Bool(is_true), span),
        };
        if matches!(self.exprs[value].kind, ExprKind::Template(_)) {
            self.report(span, Error::TextNotLiteral);
        }
        self.ty(TypeKind::Literals(vec![TypeLiteral { value, span }]), span)
    }

    /// A `params` pair.
    pub fn params(&mut self, pair: Pair<'_, Rule>) -> Params {
        let mut found = Params { params: Vec::new(), incomplete: self.is_mended(self.span(&pair)) };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::param => found.params.extend(self.param(part)),
                Rule::bad_member => {
                    found.incomplete = true;
                    self.expected(self.span(&part), "a name and its type");
                }
                _ => {
                    self.separator(&part);
                }
            }
        }
        found
    }

    fn param(&mut self, pair: Pair<'_, Rule>) -> Option<Param> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let name = self.param_name(&parts.next()?);
        if let Some(mark) = parts.take(Rule::optional_mark) {
            self.report(self.span(&mark), Error::OptionalMark { name: name.text.to_string() });
        }
        self.equals(&mut parts, &name.text);
        let missing_colon = parts.take(Rule::missing_colon).map(|missing| self.span(&missing));
        if let Some(place) = missing_colon.filter(|_| parts.peek() == Some(Rule::r#type)) {
            self.report(place, Error::MissingColon { name: name.text.to_string() });
        }
        let ty = self.type_or_missing(&mut parts, &name.text);
        let mut default = None;
        if matches!(parts.peek(), Some(Rule::value | Rule::missing_value)) {
            default = Some(self.expression_or_missing(&mut parts));
        }
        Some(Param { name, ty, default, span, doc: self.doc_above(span) })
    }

    /// A bare name, or one in quotes that no bare name could be.
    fn param_name(&mut self, pair: &Pair<'_, Rule>) -> Name {
        let name = self.name(pair);
        match pair.as_rule() {
            Rule::quoted_word => Name { text: name.text.trim_matches(['"', '\'']).into(), span: name.span },
            _ => name,
        }
    }
}

pub(super) fn is_string(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::double_quoted
            | Rule::single_quoted
            | Rule::triple_double
            | Rule::triple_single
            | Rule::raw
            | Rule::bytes
    )
}
