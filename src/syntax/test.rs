//! Tests: what is pretended, and what is expected.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use super::type_expr::is_string;
use crate::ast::{Block, Expect, Mock, Test, TestMember, Text};
use crate::diagnostic::Finding;
use crate::source::Span;

impl Builder<'_> {
    /// What follows the word `test`.
    pub fn test_rest(&mut self, parts: &mut Parts<'_>) -> Option<Test> {
        let name = self.test_name(parts.next()?);
        self.stray_head(parts);
        let block = parts.next()?;
        let span = self.span(&block);
        let mut test = Test { name, members: Vec::new(), span, incomplete: false };
        if block.as_rule() == Rule::missing_open {
            self.missing_open(span);
            test.incomplete = true;
            return Some(test);
        }
        for part in block.into_inner() {
            if self.separator(&part) {
                continue;
            }
            let member = self.test_member(part);
            test.incomplete |= member.is_none();
            test.members.extend(member);
        }
        Some(test)
    }

    pub fn missing_open(&mut self, missing: Span) {
        let place = self.after_token(missing);
        self.report_finding(Finding::new(place, Error::MissingOpen).fix("add a brace", place, " {"));
    }

    fn test_name(&mut self, pair: Pair<'_, Rule>) -> Text {
        let span = self.span(&pair);
        match pair.as_rule() {
            rule if is_string(rule) => return self.literal_text(pair),
            Rule::name => self.expected(span, "a name in quotes"),
            _ => self.expected(self.after_token(span), "a name in quotes"),
        }
        Text { value: pair.as_str().into(), span }
    }

    fn test_member(&mut self, pair: Pair<'_, Rule>) -> Option<TestMember> {
        match pair.as_rule() {
            Rule::mock => self.mock(pair).map(TestMember::Mock),
            Rule::expect => Some(TestMember::Expect(self.expect(pair))),
            Rule::bad_member => {
                self.bad_member(&pair);
                None
            }
            _ => self.field(pair).map(TestMember::Field),
        }
    }

    fn mock(&mut self, pair: Pair<'_, Rule>) -> Option<Mock> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let mut path = vec![self.declared(&mut parts)];
        while let Some(name) = parts.take_any(&[Rule::name, Rule::missing_name]) {
            if name.as_rule() == Rule::missing_name {
                self.report(self.span(&name), Error::MissingName);
            } else {
                path.push(self.name(&name));
            }
        }
        self.stray_head(&mut parts);
        let block = parts.next()?;
        let block = match block.as_rule() {
            Rule::missing_open => {
                let missing = self.span(&block);
                self.missing_open(missing);
                Block { fields: Vec::new(), span: missing, incomplete: true }
            }
            _ => self.block(block),
        };
        Some(Mock { path, block, span })
    }

    fn expect(&mut self, pair: Pair<'_, Rule>) -> Expect {
        let span = self.span(&pair);
        let mut conditions = Vec::new();
        let mut parts = Parts::of(pair);
        self.stray_head(&mut parts);
        while let Some(part) = parts.next() {
            match part.as_rule() {
                Rule::value => conditions.push(self.expression(part)),
                Rule::missing_open => {
                    let missing = self.span(&part);
                    self.missing_open(missing);
                }
                Rule::bad_member => self.expected(self.span(&part).head(), "a condition"),
                _ => {
                    self.separator(&part);
                }
            }
        }
        Expect { conditions, span }
    }
}
