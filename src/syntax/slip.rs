//! What parses as nothing: which mistake it is.

use pest::Parser;
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::{DECLARATIONS, Error};
use super::grammar::{Grammar, Rule};
use super::parts::Parts;
use crate::ast::{Item, Member};
use crate::diagnostic::nearest;

impl<'t> Builder<'t> {
    /// Something that is no field.
    pub fn bad_member(&mut self, pair: &Pair<'_, Rule>) {
        let span = self.span(pair);
        let text = pair.as_str().trim_end();
        let word = first_word(text);
        if text.starts_with([')', ']', '}']) {
            self.report(span.head(), Error::UnexpectedClose);
        } else if word.is_empty() {
            self.expected(span, "the name of a field");
        } else {
            let after = self.place(pair.as_span().start() + word.len(), pair.as_span().start() + word.len());
            self.expected(after, format!("`:` and a value after `{word}`"));
        }
    }

    /// Something that is no member of a workflow. A node whose first word is misspelt is one nevertheless.
    pub fn bad_body_member(&mut self, pair: &Pair<'_, Rule>) -> Option<Member> {
        let text = pair.as_str().trim_end();
        let word = first_word(text);
        let rest = &text[word.len()..];
        let start = pair.as_span().start();
        if word.is_empty() || rest.is_empty() || rest.starts_with(|c: char| !c.is_whitespace()) {
            if rest.is_empty() && !word.is_empty() {
                let after = self.place(start + word.len(), start + word.len());
                self.expected(after, format!("`:` and a value, or `->` and a node, after `{word}`"));
            } else {
                self.bad_member(pair);
            }
            return None;
        }
        let written = self.place(start, start + word.len());
        let finding = Error::UnknownMember { written: word.into() };
        if nearest(word, ["node"]).is_none() {
            self.report(written, finding);
            return None;
        }
        self.report_fixed(written, finding, "node");
        let span = self.span(pair);
        let node =
            self.reread(pair, word.len(), Rule::node_rest, |builder, parts| builder.node_rest(parts, span))?;
        Some(Member::Node(node))
    }

    /// Something that is no declaration. One whose first word is misspelt is one nevertheless.
    pub fn bad_item(&mut self, pair: &Pair<'_, Rule>) -> Option<Item> {
        let text = pair.as_str();
        let word = first_word(text);
        let start = pair.as_span().start();
        let place = self.place(start, start + word.len());
        if text.starts_with([')', ']', '}']) {
            self.report(self.place(start, start + 1), Error::UnexpectedClose);
            return None;
        }
        if word.is_empty() {
            self.expected(place, "a declaration");
            return None;
        }
        if let Some(keyword) = modified(&text[word.len()..]) {
            return self.unmodified(pair, word, keyword);
        }
        let error = Error::UnknownDeclaration { written: word.into() };
        let meant = nearest(word, DECLARATIONS).filter(|_| text.contains(['{', '=']));
        let Some(meant) = meant else {
            self.report(place, error);
            return None;
        };
        self.report_fixed(place, error, meant);
        let span = self.span(pair);
        self.reread(pair, word.len(), rest_rule(meant), |builder, parts| {
            builder.item_rest(meant, parts, span)
        })
    }

    /// `export workflow w { … }`: a declaration with a word before it that other languages have there.
    fn unmodified(&mut self, pair: &Pair<'_, Rule>, word: &str, keyword: &'static str) -> Option<Item> {
        let start = pair.as_span().start();
        let place = self.place(start, start + word.len());
        self.report_fixed(place, Error::Modifier { written: word.into() }, "");
        let rest = &pair.as_str()[word.len()..];
        let skipped = word.len() + (rest.len() - rest.trim_start().len()) + keyword.len();
        let span = self.span(pair);
        self.reread(pair, skipped, rest_rule(keyword), |builder, parts| {
            builder.item_rest(keyword, parts, span)
        })
    }

    /// Reads the part of a pair behind its first word, and the white space after that, by another rule.
    fn reread<T>(
        &mut self,
        pair: &Pair<'_, Rule>,
        word: usize,
        rule: Rule,
        read: impl FnOnce(&mut Self, &mut Parts<'_>) -> Option<T>,
    ) -> Option<T> {
        let rest = &pair.as_str()[word..];
        let skipped = word + rest.len() - rest.trim_start().len();
        let pairs = Grammar::parse(rule, &pair.as_str()[skipped..]).ok()?;
        let outer = self.base;
        self.base += pair.as_span().start() + skipped;
        let result = read(self, &mut Parts::new(pairs));
        self.base = outer;
        result
    }
}

/// The keyword of the declaration that follows a word.
fn modified(rest: &str) -> Option<&'static str> {
    let next = first_word(rest.trim_start());
    let named = rest.trim_start().get(next.len()..)?.trim_start();
    let begins = named.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '{'));
    DECLARATIONS.into_iter().find(|keyword| *keyword == next && begins)
}

/// What follows the keyword of a declaration.
fn rest_rule(keyword: &str) -> Rule {
    match keyword {
        "import" => Rule::import_rest,
        "const" => Rule::constant_rest,
        "setting" => Rule::setting_rest,
        "secret" => Rule::secret_rest,
        "type" => Rule::type_rest,
        "error" => Rule::error_rest,
        "plugin" => Rule::plugin_rest,
        "activity" => Rule::activity_rest,
        "trigger" => Rule::trigger_rest,
        "workflow" => Rule::workflow_rest,
        "test" => Rule::test_rest,
        _ => Rule::section_rest,
    }
}

/// The word at the beginning.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}
