//! What follows an operand: a field, a method, an index.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use super::scan::Dialect;
use crate::ast::{ExprId, ExprKind, Name};

/// CEL's words for values and operators, which can't be the name of a field either.
pub(super) const CEL_KEYWORDS: [&str; 4] = ["false", "in", "null", "true"];

impl Builder<'_> {
    /// What is selected from `base`, called on it, or indexed.
    pub fn postfix(&mut self, base: ExprId, pair: Pair<'_, Rule>) -> ExprId {
        let span = self.exprs[base].span.to(self.span(&pair));
        let is_index = pair.as_rule() == Rule::index;
        let mut parts = Parts::of(pair);
        let mut optional = false;
        if let Some(chain) = parts.take(Rule::optional_chain) {
            let error = Error::ForeignOperator { written: "?.".into(), right: ".?" };
            self.report_fixed(self.span(&chain), error, ".?");
            optional = true;
        }
        optional |= parts.take(Rule::optional_mark).is_some();
        if is_index {
            let index = self.expression_or_missing(&mut parts);
            self.stray(&mut parts, "an operator or `]`");
            return self.expr(ExprKind::Index { base, index, optional }, span);
        }
        if let Some(missing) = parts.take(Rule::missing_name) {
            let place = self.span(&missing);
            self.expected(place, "the name of a field");
            return self.bad(span);
        }
        let Some(name) = parts.next() else { return base };
        let field = self.selector(&name);
        match parts.take(Rule::args) {
            Some(args) => {
                if name.as_rule() == Rule::quoted_name {
                    self.expected(field.span, "the name of a function without backticks");
                }
                let args = self.args(args);
                self.expr(ExprKind::MethodCall { receiver: base, function: field, args }, span)
            }
            None => self.expr(ExprKind::Select { base, field, optional }, span),
        }
    }

    pub fn selector(&mut self, pair: &Pair<'_, Rule>) -> Name {
        let name = self.name(pair);
        match pair.as_rule() {
            Rule::quoted_name => {
                let text = name.text.trim_matches('`');
                let is_selector = !text.is_empty() && text.chars().all(is_escapable);
                if self.dialect == Dialect::Cel && !is_selector {
                    self.expected(name.span, "the name of a field");
                }
                Name { text: text.into(), span: name.span }
            }
            Rule::quoted_word => self.unquoted(name),
            _ => {
                self.demand_selectors([&name]);
                name
            }
        }
    }

    /// In a file a field may be called anything, in CEL not.
    pub fn demand_selectors<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>) {
        for name in names {
            if self.dialect == Dialect::Cel && CEL_KEYWORDS.contains(&&*name.text) {
                self.expected(name.span, "the name of a field");
            }
        }
    }
}

/// What CEL lets stand between backticks.
fn is_escapable(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-' | '/' | ' ')
}
