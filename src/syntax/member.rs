//! Fields, nodes, chains.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use crate::ast::{Block, Body, Chain, End, Field, FieldValue, Member, Name, Node, Port, Stop};

impl Builder<'_> {
    /// A block of fields; `expected` is what a member of it is, for what didn't parse.
    pub fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        let mut block = Block { fields: Vec::new(), span, incomplete: false };
        let mut after: Option<usize> = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::bad_field => {
                    block.incomplete = true;
                    self.explain_bad(&inner, Rule::field);
                    after = None;
                }
                Rule::missing_close => {
                    block.incomplete = true;
                    self.missing_close(&inner, span.head());
                }
                Rule::close => {}
                Rule::comma => after = None,
                _ => {
                    self.check_comma(&mut after, &inner);
                    block.fields.extend(self.field(inner));
                }
            }
        }
        block
    }

    /// A field of any form.
    pub fn field(&mut self, pair: Pair<'_, Rule>) -> Option<Field> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let value = inner.next()?;
        if rule == Rule::colonless {
            self.report(name.span, Error::MissingColon { name: name.text.to_string() });
            return Some(Field { name, value: FieldValue::Expr(self.map(value)), span });
        }
        let value = match rule {
            Rule::body_field => FieldValue::Body(self.body(value)),
            Rule::params_field => {
                let span = self.span(&value);
                let params = self.params(value);
                FieldValue::Params { params: params.params, span, incomplete: params.incomplete }
            }
            Rule::type_field | Rule::activity_input | Rule::trigger_body => {
                FieldValue::Type(self.type_expr(value))
            }
            Rule::value_field => FieldValue::Expr(self.expression(value)),
            _ => FieldValue::Block(self.block(value)),
        };
        Some(Field { name, value, span })
    }

    /// A workflow's or loop's body.
    pub fn body(&mut self, pair: Pair<'_, Rule>) -> Body {
        let span = self.span(&pair);
        let mut body = Body { members: Vec::new(), span, incomplete: false };
        let mut after: Option<usize> = None;
        for inner in pair.into_inner() {
            match inner.as_rule() {
                Rule::headless => {
                    body.incomplete = true;
                    self.headless(&inner);
                    after = None;
                }
                Rule::bad_member => {
                    body.incomplete = true;
                    self.explain_bad(&inner, Rule::node);
                    after = None;
                }
                Rule::missing_close => {
                    body.incomplete = true;
                    self.missing_close(&inner, span.head());
                }
                Rule::close => {}
                Rule::comma => after = None,
                _ => {
                    self.check_comma(&mut after, &inner);
                    body.members.extend(self.member(inner));
                }
            }
        }
        body
    }

    fn member(&mut self, pair: Pair<'_, Rule>) -> Option<Member> {
        match pair.as_rule() {
            Rule::node => self.node(pair).map(Member::Node),
            Rule::chain => Some(Member::Chain(self.chain(pair))),
            _ => self.field(pair).map(Member::Field),
        }
    }

    fn node(&mut self, pair: Pair<'_, Rule>) -> Option<Node> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        self.check_name(&name);
        let kind = inner.next()?.into_inner().map(|part| self.name(&part)).collect();
        let block = self.block(inner.next()?);
        Some(Node { name, kind, block, span, doc: self.doc_above(span) })
    }

    fn chain(&mut self, pair: Pair<'_, Rule>) -> Chain {
        let span = self.span(&pair);
        let stops = pair.into_inner().map(|stop| self.stop(stop)).collect();
        Chain { stops, span }
    }

    fn stop(&mut self, pair: Pair<'_, Rule>) -> Stop {
        let span = self.span(&pair);
        let mut ends = Vec::new();
        for inner in pair.into_inner() {
            if inner.as_rule() == Rule::chain_end {
                ends.extend(self.end(inner));
            } else {
                let group: Vec<_> = inner.into_inner().filter_map(|end| self.end(end)).collect();
                ends.extend(group);
            }
        }
        Stop { ends, span }
    }

    fn end(&mut self, pair: Pair<'_, Rule>) -> Option<End> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let node = self.name(&inner.next()?);
        let port = inner.next().map(|port| {
            let span = self.span(&port);
            if port.as_rule() == Rule::error_port {
                return Port::Error { types: port.into_inner().map(|name| self.name(&name)).collect(), span };
            }
            Port::Named(Name { text: port.as_str().into(), span })
        });
        Some(End { node, port, span })
    }
}
