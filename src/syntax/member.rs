//! Fields and blocks, nodes, and the bodies that hold them.

use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::Rule;
use super::parts::Parts;
use crate::ast::{Block, Body, Field, FieldValue, Member, Name, Node};
use crate::diagnostic::Finding;
use crate::source::Span;

/// Names with a meaning of their own in expressions and chains.
const RESERVED: [&str; 16] = [
    "input", "output", "run", "error", "errors", "failure", "index", "item", "state", "now", "start", "none",
    "true", "false", "null", "in",
];

impl Builder<'_> {
    /// A block of fields, of whatever kind of block.
    pub fn block(&mut self, pair: Pair<'_, Rule>) -> Block {
        let span = self.span(&pair);
        let mut block = Block { fields: Vec::new(), span, incomplete: self.is_mended(span) };
        for part in pair.into_inner() {
            if self.is_swallowed(&part) || self.separator(&part) {
                continue;
            }
            match part.as_rule() {
                Rule::misplaced => self.misplaced(part),
                Rule::bad_member => {
                    block.incomplete = true;
                    self.bad_member(&part);
                }
                _ => {
                    let field = self.field(part);
                    block.incomplete |= field.is_none();
                    block.fields.extend(field);
                }
            }
        }
        block
    }

    /// A block whose `{` is missing, of the fields that follow.
    pub fn loose_block(&mut self, parts: &mut Parts<'_>, missing: Span) -> Block {
        let place = self.after_token(missing);
        self.report_finding(Finding::new(place, Error::MissingOpen).fix("add a brace", place, " {"));
        let mut block = Block { fields: Vec::new(), span: place, incomplete: true };
        while let Some(part) = parts.next() {
            if !self.separator(&part) {
                block.fields.extend(self.field(part));
            }
        }
        block
    }

    /// A field of any form, also of the wrong ones.
    pub fn field(&mut self, pair: Pair<'_, Rule>) -> Option<Field> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        if rule == Rule::yaml_items {
            self.report(span.head(), Error::YamlList);
            return None;
        }
        let name = self.field_name(&parts.next()?);
        let value = match rule {
            Rule::type_field | Rule::activity_input | Rule::trigger_body => {
                FieldValue::Type(self.type_or_missing(&mut parts, &name.text))
            }
            Rule::map_field => self.map_field(&name, &mut parts)?,
            Rule::block_field | Rule::values_field => FieldValue::Block(self.block(parts.next()?)),
            Rule::state_field | Rule::input_field => self.params_value(parts.next()?),
            Rule::body_field => FieldValue::Body(self.body(parts.next()?)),
            Rule::colon_block | Rule::colon_section => {
                self.report(name.span, Error::BlockWithColon { name: name.text.to_string() });
                self.block_value(parts.next()?)
            }
            _ => {
                self.equals(&mut parts, &name.text);
                if let Some(missing) = parts.take(Rule::missing_colon) {
                    let place = self.after_token(self.span(&missing));
                    let error = Error::MissingColon { name: name.text.to_string() };
                    self.report_finding(Finding::new(place, error).fix("add a colon", place, ":"));
                }
                self.value(&name, &mut parts)
            }
        };
        Some(Field { name, value, span })
    }

    /// The name of a field, bare as it should be or in quotes.
    fn field_name(&mut self, pair: &Pair<'_, Rule>) -> Name {
        let name = self.name(pair);
        if pair.as_rule() != Rule::quoted_word {
            return name;
        }
        let text = name.text.trim_matches(['"', '\'']).to_owned();
        self.report_fixed(name.span, Error::QuotedMember, &text);
        Name { text: text.into(), span: name.span }
    }

    /// What a colon leads to.
    fn value(&mut self, name: &Name, parts: &mut Parts<'_>) -> FieldValue {
        if let Some(equals) = parts.take(Rule::equals_too) {
            let place = self.span(&equals);
            self.report_fixed(place, Error::ColonNotEquals { name: name.text.to_string() }, "");
        }
        match parts.next() {
            Some(pair) if pair.as_rule() == Rule::value => FieldValue::Expr(self.expression(pair)),
            Some(pair) if pair.as_rule() == Rule::yaml_items => {
                self.report(self.span(&pair).head(), Error::YamlList);
                FieldValue::Bad
            }
            Some(pair) if pair.as_rule() == Rule::unexpected => {
                let span = self.span(&pair);
                if matches!(pair.as_str().trim(), "|" | "|-" | ">" | ">-") {
                    self.report(span, Error::YamlText);
                    self.give_up_below(span.start as usize);
                } else {
                    self.expected(span, "a value");
                }
                FieldValue::Bad
            }
            missing => {
                let place = missing.map(|missing| self.span(&missing)).unwrap_or(name.span);
                self.missing_value(name, place);
                FieldValue::Bad
            }
        }
    }

    /// A colon that nothing follows on its line: in YAML a map would, on the lines below.
    fn missing_value(&mut self, name: &Name, place: Span) {
        let place = self.after_token(place);
        let written = name.text.to_string();
        match self.give_up_below(name.span.start as usize) {
            Some(_) => self.report(place, Error::YamlMap { name: written }),
            None => self.report(place, Error::MissingValue { name: written }),
        }
    }

    fn map_field(&mut self, name: &Name, parts: &mut Parts<'_>) -> Option<FieldValue> {
        let map = parts.next()?;
        let error = Error::MissingColon { name: name.text.to_string() };
        self.report_finding(Finding::new(name.span, error).fix("add a colon", name.span.tail(), ":"));
        Some(FieldValue::Expr(self.map(map)))
    }

    fn params_value(&mut self, pair: Pair<'_, Rule>) -> FieldValue {
        let span = self.span(&pair);
        let found = self.params(pair);
        FieldValue::Params { params: found.params, span, incomplete: found.incomplete }
    }

    fn block_value(&mut self, pair: Pair<'_, Rule>) -> FieldValue {
        match pair.as_rule() {
            Rule::params => self.params_value(pair),
            Rule::body => FieldValue::Body(self.body(pair)),
            _ => FieldValue::Block(self.block(pair)),
        }
    }

    /// A workflow's or a loop's body.
    pub fn body(&mut self, pair: Pair<'_, Rule>) -> Body {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        self.members(&mut parts, span)
    }

    /// A body whose `{` is missing, of the members that follow.
    pub fn loose_body(&mut self, parts: &mut Parts<'_>, missing: Span) -> Body {
        let place = self.after_token(missing);
        self.report_finding(Finding::new(place, Error::MissingOpen).fix("add a brace", place, " {"));
        let body = self.members(parts, place);
        Body { incomplete: true, ..body }
    }

    fn members(&mut self, parts: &mut Parts<'_>, span: Span) -> Body {
        let mut body = Body { members: Vec::new(), span, incomplete: false };
        let outer = std::mem::take(&mut self.misplaced_members);
        while let Some(part) = parts.next() {
            if self.is_swallowed(&part) {
                continue;
            }
            if self.separator(&part) {
                body.incomplete |= part.as_rule() == Rule::unexpected;
                continue;
            }
            let before = body.members.len();
            self.member(part, &mut body);
            body.incomplete |= body.members.len() == before;
        }
        body.members.append(&mut self.misplaced_members);
        self.misplaced_members = outer;
        body
    }

    fn member(&mut self, pair: Pair<'_, Rule>, body: &mut Body) {
        match pair.as_rule() {
            Rule::node => body.members.extend(self.node(pair).map(Member::Node)),
            Rule::unmarked_node => body.members.extend(self.unmarked_node(pair).map(Member::Node)),
            Rule::chain => body.members.extend(self.chain(pair).into_iter().map(Member::Chain)),
            Rule::misplaced_item => self.misplaced_item(pair),
            Rule::bad_member => body.members.extend(self.bad_body_member(&pair)),
            _ => body.members.extend(self.field(pair).map(Member::Field)),
        }
    }

    /// A `node` pair.
    pub fn node(&mut self, pair: Pair<'_, Rule>) -> Option<Node> {
        let span = self.span(&pair);
        self.node_rest(&mut Parts::of(pair), span)
    }

    /// What follows the word `node`; `span` is the whole.
    pub fn node_rest(&mut self, parts: &mut Parts<'_>, span: Span) -> Option<Node> {
        let (errors, name) = (self.problems.len(), self.declared(parts));
        let usable = self.check_name(&name);
        let quoted = self.problems.len() > errors;
        self.equals(parts, &format!("node {}", name.text));
        if let Some(missing) = parts.take(Rule::missing_colon).filter(|_| !quoted) {
            let place = self.after_token(self.span(&missing));
            let error = Error::MissingColon { name: format!("node {}", name.text) };
            self.report_finding(Finding::new(place, error).fix("add a colon", place, ":"));
        }
        let kind = self.kind(parts, &name, quoted);
        let block = self.node_block(parts)?;
        usable.then(|| Node { name, kind, block, span, doc: self.doc_above(span) })
    }

    /// A node's kind; none of a node that has none, which is reported. Names in quotes are said once a node.
    fn kind(&mut self, parts: &mut Parts<'_>, name: &Name, reported: bool) -> Vec<Name> {
        match parts.take_any(&[Rule::kind, Rule::quoted_word, Rule::missing_kind]) {
            Some(pair) if pair.as_rule() == Rule::kind => {
                pair.into_inner().map(|part| self.name(&part)).collect()
            }
            Some(pair) if pair.as_rule() == Rule::quoted_word => {
                let name = self.name(&pair);
                if reported {
                    return vec![Name { text: name.text.trim_matches(['"', '\'']).into(), span: name.span }];
                }
                vec![self.unquoted(name)]
            }
            _ => {
                if !reported {
                    self.report(name.span, Error::MissingKind { name: name.text.to_string() });
                }
                Vec::new()
            }
        }
    }

    fn node_block(&mut self, parts: &mut Parts<'_>) -> Option<Block> {
        self.stray_head(parts);
        let part = parts.next()?;
        match part.as_rule() {
            Rule::missing_open => {
                let missing = self.span(&part);
                Some(self.loose_block(parts, missing))
            }
            _ => Some(self.block(part)),
        }
    }

    /// `name: kind { … }` in a workflow: the word `node` is missing.
    fn unmarked_node(&mut self, pair: Pair<'_, Rule>) -> Option<Node> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let name = parts.take(Rule::name).map(|name| self.name(&name))?;
        if name.text == "node" {
            self.report(name.span.tail(), Error::MissingName);
        } else {
            let finding = Finding::new(name.span, Error::UnmarkedNode { name: name.text.to_string() });
            self.report_finding(finding.fix("write `node`", name.span.head(), "node "));
            self.check_name(&name);
        }
        let kind = self.kind(&mut parts, &name, false);
        let block = self.node_block(&mut parts)?;
        Some(Node { name, kind, block, span, doc: self.doc_above(span) })
    }

    /// What stands between a head and its `{`.
    pub fn stray_head(&mut self, parts: &mut Parts<'_>) {
        let Some(pair) = parts.take(Rule::stray_head) else { return };
        let span = self.span(&pair);
        match pair.as_str().trim() {
            ":" => self.report(span, Error::BlockWithColon { name: "this".into() }),
            _ => self.expected(span, "`{`"),
        }
    }

    /// Refuses names that have a meaning of their own. Where that would hide a variable of everybody's, what has the
    /// name is better left out: `false`.
    pub fn check_name(&mut self, name: &Name) -> bool {
        let word = name.text.as_str();
        if RESERVED.contains(&word) || crate::ast::RESERVED_WORDS.contains(&word) {
            self.report(name.span, Error::ReservedName { name: word.into() });
        }
        !RESERVED.contains(&word)
    }

    /// A node or a chain within a node counts for the workflow around it.
    fn misplaced(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        for part in pair.into_inner() {
            let is_node = part.as_rule() == Rule::node;
            let what = if is_node { "a node" } else { "a connection" };
            self.report(
                span.head(),
                Error::Misplaced { what: what.into(), place: "in a workflow or a `body`" },
            );
            let members: Vec<Member> = if is_node {
                self.node(part).map(Member::Node).into_iter().collect()
            } else {
                self.chain(part).into_iter().map(Member::Chain).collect()
            };
            self.misplaced_members.extend(members);
        }
    }

    /// A declaration within a workflow counts for the file.
    fn misplaced_item(&mut self, pair: Pair<'_, Rule>) {
        let span = self.span(&pair);
        for part in pair.into_inner() {
            let what = format!("`{}`", super::slip::first_word(part.as_str()));
            self.report(span.head(), Error::Misplaced { what, place: "at the top level of a file" });
            let item = self.item(part);
            self.misplaced_items.extend(item);
        }
    }
}
