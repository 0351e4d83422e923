//! What didn't parse: which mistake it is, and where.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::{Grammar, Rule};
use crate::ast::Name;
use crate::diagnostic::Finding;
use crate::source::Span;

/// Names with a meaning of their own in expressions and chains.
const RESERVED: [&str; 14] = [
    "input", "output", "run", "error", "errors", "failure", "index", "item", "state", "now", "start", "none", "true", "false",
];

impl Builder<'_> {
    /// Reports what is wrong with a member that was skipped; `wanted` is what should have stood there.
    pub fn explain_bad(&mut self, pair: &Pair<'_, Rule>, wanted: Rule) {
        let span = self.span(pair);
        let text = pair.as_str();
        if let Some((at, error)) = slip(text) {
            let place = self.place(span.start as usize + at, span.start as usize + at + 1);
            return self.report(place, error);
        }
        let rest = &self.text[span.start as usize..];
        let (at, expected) = furthest(wanted, rest);
        let place = self.place(span.start as usize + at, span.start as usize + at);
        if let Some(quote) = unclosed(text) {
            let place = self.place(span.start as usize + quote, span.start as usize + quote + 1);
            return self.report(place, Error::UnclosedText);
        }
        self.report(place, Error::Expected { expected });
    }

    /// Reports a block without an end at what can't stand in it.
    pub fn missing_close(&mut self, pair: &Pair<'_, Rule>, opener: Span) {
        let at = self.span(pair);
        let found: String = self.text[at.range().start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let found = if found.is_empty() { "the end of the file".to_owned() } else { found };
        let place = self.place(at.start as usize, (at.start as usize + found.len()).min(self.text.len()));
        self.problems.report(Finding::new(place, Error::MissingClose { found }).label(opener, "opened here"));
    }

    /// Two members on one line need a comma unless the first ends in a brace.
    pub fn check_comma(&mut self, after: &mut Option<usize>, pair: &Pair<'_, Rule>) {
        let span = pair.as_span();
        if let Some(end) = *after {
            let between = &self.text[end..span.start()];
            if !between.contains('\n') && !self.text[..end].ends_with('}') {
                let place = self.place(end, end);
                self.report(place, Error::MissingComma);
            }
        }
        *after = Some(span.end());
    }

    pub fn check_name(&mut self, name: &Name) {
        if RESERVED.contains(&name.text.as_str()) || name.text == "null" || name.text == "in" {
            self.report(name.span, Error::ReservedName { name: name.text.to_string() });
        }
    }

    pub fn report_slip(&mut self, span: Span, error: Error, right: &str) {
        self.problems.report(Finding::new(span, error).fix(format!("write `{right}`"), span, right));
    }
}

/// A slip from another language at the beginning of what was skipped.
fn slip(text: &str) -> Option<(usize, Error)> {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let after = text[word.len()..].trim_start();
    let at = text.len() - after.len();
    if text.starts_with('#') {
        return Some((0, Error::HashComment));
    }
    if text.starts_with("- ") {
        return Some((0, Error::YamlList));
    }
    if let Some(rest) = text.strip_prefix('"') {
        let (name, after) = rest.split_once('"')?;
        return after.trim_start().starts_with(':').then(|| (0, Error::QuotedMember { name: name.into() }));
    }
    if word.is_empty() {
        return None;
    }
    if let Some(arrow) = text.find("=>") {
        return Some((arrow, Error::FatArrow));
    }
    if after.starts_with('=') || after.starts_with(":=") {
        return Some((at, Error::ColonNotEquals { name: word }));
    }
    text.lines().next()?.trim_end().ends_with(';').then(|| (text.lines().next().map_or(0, |l| l.trim_end().len() - 1), Error::Semicolon))
}

/// How far the text goes along with a rule, and what was expected there.
fn furthest(rule: Rule, text: &str) -> (usize, String) {
    match Grammar::parse(rule, text) {
        Ok(pairs) => (pairs.as_str().len(), "the end of the line".into()),
        Err(error) => {
            let at = match error.location {
                InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
            };
            let expected = match error.variant {
                ErrorVariant::ParsingError { positives, .. } => expected(&positives),
                ErrorVariant::CustomError { .. } => "something else".into(),
            };
            (at, expected)
        }
    }
}

fn expected(rules: &[Rule]) -> String {
    let mut names: Vec<&str> = rules.iter().map(human).collect();
    names.sort_unstable();
    names.dedup();
    names.join(" or ")
}

fn human(rule: &Rule) -> &'static str {
    match rule {
        Rule::name | Rule::word => "a name",
        Rule::close => "`}`",
        Rule::kind => "a node kind",
        Rule::block => "`{`",
        _ => "a value",
    }
}

/// Where a quote opens that the line doesn't close.
fn unclosed(text: &str) -> Option<usize> {
    let line = text.lines().next()?;
    let quotes: Vec<usize> = line.match_indices('"').map(|(at, _)| at).collect();
    (quotes.len() % 2 == 1).then(|| quotes.last().copied()).flatten()
}
