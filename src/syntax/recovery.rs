//! What didn't parse: which mistake it is, and where.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::{Grammar, Rule};
use super::skeleton::Skeleton;
use super::slip::slip;
use crate::ast::Name;
use crate::diagnostic::Finding;
use crate::source::Span;

/// Names with a meaning of their own in expressions and chains.
const RESERVED: [&str; 14] = [
    "input", "output", "run", "error", "errors", "failure", "index", "item", "state", "now", "start", "none",
    "true", "false",
];

impl Builder<'_> {
    /// Reports what is wrong with a member that was skipped; `wanted` is what should have stood there.
    pub fn explain_bad(&mut self, pair: &Pair<'_, Rule>, wanted: Rule) {
        let start = self.span(pair).start as usize;
        let code = Skeleton::new(pair.as_str());
        self.unbalanced |= code.unclosed.is_some() || code.unclosed_bracket().is_some();
        if start < self.explained {
            return;
        }
        if let Some((at, error)) = slip(&code, wanted) {
            return self.report(self.place(start + at, start + at + 1), error);
        }
        if let Some(quote) = code.unclosed {
            return self.report(self.place(start + quote, start + quote + 1), Error::UnclosedText);
        }
        let wanted = if wanted == Rule::file { declaration_rule(&code.code) } else { wanted };
        let (at, expected) = furthest(wanted, &self.text[start..]);
        self.explained = start + at + self.text[start + at..].find('\n').unwrap_or(0);
        if let Some((opener, close)) = code.unclosed_bracket() {
            return self.missing_bracket(start + opener, start + at, close);
        }
        self.report(self.place(start + at, start + at), Error::Expected { expected });
    }

    /// Reports a head that no `{` follows.
    pub fn headless(&mut self, pair: &Pair<'_, Rule>) {
        let start = self.span(pair).start as usize;
        let head = Grammar::parse(Rule::headless_head, pair.as_str()).map_or("", |found| found.as_str());
        let end = start + head.trim_end().len();
        self.report(self.place(end, end), Error::Expected { expected: "`{`".into() });
        // The `}` on a line of its own may have been that of the workflow.
        self.unbalanced |= pair.as_str().contains('\n');
    }

    /// Reports a block without an end at what can't stand in it.
    pub fn missing_close(&mut self, pair: &Pair<'_, Rule>, opener: Span) {
        if std::mem::take(&mut self.unbalanced) {
            return;
        }
        let at = self.span(pair);
        let found: String =
            self.text[at.range().start..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let place = if found.is_empty() {
            let end = self.text.trim_end().len();
            self.place(end, end)
        } else {
            self.place(at.start as usize, at.start as usize + found.len())
        };
        let found = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{found}`") };
        let error = Error::MissingClose { found, close: '}' };
        self.problems.report(Finding::new(place, error).label(opener, "opened here"));
    }

    /// Reports a bracket without an end at the first token that can't stand in it.
    fn missing_bracket(&mut self, opener: usize, at: usize, close: char) {
        let at = next_token(self.text, at);
        let word: String = self.text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let found = match self.text[at..].chars().next() {
            Some(next) if word.is_empty() => format!("`{next}`"),
            Some(_) => format!("`{word}`"),
            None => "the end of the file".to_owned(),
        };
        let place = self.place(at, at + word.len());
        let opener = self.place(opener, opener + 1);
        self.problems
            .report(Finding::new(place, Error::MissingClose { found, close }).label(opener, "opened here"));
    }

    /// Two members on one line need a comma unless the first ends in a brace.
    pub fn check_comma(&mut self, after: &mut Option<usize>, pair: &Pair<'_, Rule>) {
        let span = pair.as_span();
        if let Some(end) = *after {
            let between = &self.text[end..span.start()];
            if !between.is_empty() && !between.contains('\n') && !self.text[..end].ends_with('}') {
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

/// What a declaration has to be that begins with this word.
fn declaration_rule(code: &str) -> Rule {
    match code.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default() {
        "import" => Rule::import,
        "const" => Rule::constant,
        "setting" => Rule::setting,
        "secret" => Rule::secret,
        "type" => Rule::type_declaration,
        "error" => Rule::error_declaration,
        "retry" | "breaker" | "limit" | "schedule" => Rule::section,
        "plugin" => Rule::plugin,
        "activity" => Rule::activity,
        "trigger" => Rule::trigger,
        "test" => Rule::test,
        _ => Rule::workflow,
    }
}

/// Where the first token at or after a place begins.
fn next_token(text: &str, mut at: usize) -> usize {
    loop {
        let rest = text[at..].trim_start();
        at = text.len() - rest.len();
        if !rest.starts_with("//") {
            return at;
        }
        at += rest.find('\n').unwrap_or(rest.len());
    }
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
        Rule::name | Rule::word | Rule::param | Rule::quoted_name => "a name",
        Rule::close => "`}`",
        Rule::kind => "a node kind",
        Rule::block | Rule::body | Rule::params | Rule::values => "`{`",
        Rule::comma => "`,`",
        Rule::EOI => "the end of the file",
        Rule::chain_stop | Rule::chain_end => "a node",
        Rule::r#type | Rule::type_single | Rule::type_literals => "a type",
        Rule::or | Rule::and | Rule::equal | Rule::plus | Rule::minus | Rule::times | Rule::within => {
            "an operator"
        }
        _ => "a value",
    }
}
