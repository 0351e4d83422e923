use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;
use pest::iterators::Pair;

use super::error::Error;
use super::grammar::Rule;
use super::mend::Mended;
use super::parts::Parts;
use super::scan::{Dialect, Mistake};
use crate::ast::{Arena, Expr, Item, Member, Name, TypeExpr, TypeId, TypeKind};
use crate::diagnostic::{Finding, Problems};
use crate::source::{FileId, Span};

/// The tree of a file as it grows. All places that go in are of the text as the grammar read it, all that come out
/// are of the original.
pub(super) struct Builder<'t> {
    pub file: FileId,
    pub original: &'t str,
    pub mended: Mended<'t>,
    pub dialect: Dialect,
    /// Where the slice that is read begins, when a part of the text is read again.
    pub base: usize,
    pub exprs: Arena<Expr>,
    /// The height of each expression's tree.
    pub heights: Vec<u16>,
    /// How many expressions around the one that is built are not finished.
    pub unfinished: usize,
    /// The expression being built has been refused for its height.
    pub too_high: bool,
    pub types: Arena<TypeExpr>,
    /// Declarations found where none may stand; they count nevertheless.
    pub misplaced_items: Vec<Item>,
    /// Nodes and chains found in a node; they count for the workflow around it.
    pub misplaced_members: Vec<Member>,
    pub problems: Problems,
    /// The lines of which something has been said, by their first places: what else seems wrong with them follows from that.
    lines_in_error: BTreeMap<usize, usize>,
    /// Those of them on which a text or a bracket was mended: what stands there may be meant otherwise.
    mended_lines: BTreeSet<usize>,
    /// Lines that belong to a field of which something has been said.
    swallowed: Option<Span>,
}

impl<'t> Builder<'t> {
    pub fn new(file: FileId, original: &'t str, mended: Mended<'t>, dialect: Dialect) -> Self {
        Self {
            file,
            original,
            mended,
            dialect,
            base: 0,
            exprs: Arena::default(),
            heights: Vec::new(),
            unfinished: 0,
            too_high: false,
            types: Arena::default(),
            misplaced_items: Vec::new(),
            misplaced_members: Vec::new(),
            problems: Problems::default(),
            lines_in_error: BTreeMap::new(),
            mended_lines: BTreeSet::new(),
            swallowed: None,
        }
    }

    /// Reports what was found before the grammar read the text.
    pub fn mistake(&mut self, mistake: Mistake) {
        let Mistake { start, end, error, opener } = mistake;
        let (fix, echoes) = (error.replacement(), error.echoes());
        let span = Span::new(self.file, start, end);
        let mut finding = Finding::new(span, error);
        // What a bracket opens that isn't closed is read wrongly on its own line, what closes nothing on this one.
        if let Some(echo) = opener.or(echoes.then_some(start)) {
            let line = self.give_up_line(echo);
            self.mended_lines.insert(line.start as usize);
            finding = finding.covering(line);
        }
        if let Some(opener) = opener {
            finding = finding.label(Span::new(self.file, opener, opener + 1), "opened here");
        }
        if let Some(text) = fix {
            finding = finding.fix(title(text), span, text);
        }
        self.problems.report(finding);
    }

    /// Whether a text or a bracket was mended on a line of a block, so that some of it may stand elsewhere.
    pub fn is_mended(&self, block: Span) -> bool {
        let (first, _) = line_of(self.original, block.start as usize);
        self.mended_lines.range(first..block.end as usize).next().is_some()
    }

    pub fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        self.place(span.start(), span.end())
    }

    pub fn place(&self, start: usize, end: usize) -> Span {
        let original = |at: usize| self.mended.original(self.base + at);
        Span::new(self.file, original(start), original(end))
    }

    /// The place right after the last token before a place.
    pub fn after_token(&self, place: Span) -> Span {
        let before = self.original.get(..place.start as usize).unwrap_or_default();
        let end = before.trim_end().len();
        Span::new(self.file, end, end)
    }

    pub fn report(&mut self, span: Span, error: Error) {
        self.report_finding(Finding::new(span, error));
    }

    /// Reports an error whose fix is another text in its place.
    pub fn report_fixed(&mut self, span: Span, error: Error, right: &str) {
        self.report_finding(Finding::new(span, error).fix(title(right), span, right));
    }

    /// Reports what the grammar found, unless something has been said of the line: the rest follows from that.
    pub fn report_finding(&mut self, finding: Finding) {
        let at = finding.span.start as usize;
        if !self.is_given_up(at) {
            let line = self.give_up_line(at);
            self.problems.report(finding.covering(line));
        }
    }

    /// The lines below a place that are indented more than its own, up to the first that isn't; `None` where there is none.
    /// They belong to what stands there, and nothing is said of them.
    pub fn give_up_below(&mut self, at: usize) -> Option<Span> {
        let (first, last) = line_of(self.original, at);
        let indent = |line: &str| line.len() - line.trim_start().len();
        let own = indent(self.original.get(first..last)?);
        let mut end = last;
        for line in self.original.get(last + 1..)?.lines() {
            if !line.trim().is_empty() && indent(line) <= own {
                break;
            }
            self.lines_in_error.insert(end + 1, end + 1 + line.len());
            end += 1 + line.len();
        }
        let below = Span::new(self.file, last, end.min(self.original.len()));
        self.swallowed = (end > last).then_some(below);
        self.swallowed
    }

    /// Whether a place belongs to a field that was given up with the lines below it.
    pub fn is_swallowed(&self, pair: &Pair<'_, Rule>) -> bool {
        let span = self.span(pair);
        !span.is_empty() && self.swallowed.is_some_and(|below| below.contains(span))
    }

    /// Says nothing more of the line of a place. Gives its span.
    fn give_up_line(&mut self, at: usize) -> Span {
        let (first, last) = line_of(self.original, at);
        self.lines_in_error.insert(first, last);
        Span::new(self.file, first, last)
    }

    fn is_given_up(&self, at: usize) -> bool {
        self.lines_in_error.range(..=at).next_back().is_some_and(|(_, end)| at <= *end)
    }

    pub fn expected(&mut self, span: Span, expected: impl Into<String>) {
        self.report(span, Error::Expected { expected: expected.into() });
    }

    /// Reports a separator's mistakes; whether the part is such a mistake.
    pub fn separator(&mut self, pair: &Pair<'_, Rule>) -> bool {
        let span = self.span(pair);
        match pair.as_rule() {
            Rule::missing_separator | Rule::missing_comma => self.missing_comma(self.after_token(span)),
            Rule::unexpected => self.expected(span, "an operator, a comma or the end of the line"),
            Rule::extra_comma => self.report_fixed(span, Error::ExtraComma, ""),
            Rule::stray | Rule::stray_item => self.expected(span, "a comma or a closing bracket"),
            Rule::arrow_function => self.report_fixed(span, Error::ArrowFunction, ","),
            Rule::missing_close => {}
            _ => return false,
        }
        true
    }

    /// Two members on one line need a comma between them, unless the first ends in a brace.
    fn missing_comma(&mut self, place: Span) {
        if !self.original[..place.start as usize].ends_with('}') {
            self.report_finding(Finding::new(place, Error::MissingComma).fix("add a comma", place, ","));
        }
    }

    pub fn ty(&mut self, kind: TypeKind, span: Span) -> TypeId {
        self.types.add(TypeExpr { kind, span })
    }

    pub fn name(&self, pair: &Pair<'_, Rule>) -> Name {
        Name { text: EcoString::from(pair.as_str()), span: self.span(pair) }
    }

    /// The name that a declaration begins with: bare, wrongly in quotes, or missing.
    pub fn declared(&mut self, parts: &mut Parts<'_>) -> Name {
        let Some(pair) = parts.next() else { return Name { text: EcoString::new(), span: Span::default() } };
        let name = self.name(&pair);
        match pair.as_rule() {
            Rule::name => name,
            Rule::quoted_word => self.unquoted(name),
            Rule::odd_name => self.odd_name(name),
            _ => {
                let place = self.after_token(name.span);
                self.report(place, Error::MissingName);
                name
            }
        }
    }

    /// A name with a dash in it or a digit in front. Where it is used it is written the same way, which is no second
    /// mistake.
    fn odd_name(&mut self, name: Name) -> Name {
        let front = if name.text.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        let right = format!("{front}{}", name.text.replace("-", "_"));
        let error = Error::MalformedName { written: name.text.to_string(), right: right.clone() };
        self.report_fixed(name.span, error, &right);
        name
    }

    /// A name that was written in quotes.
    pub fn unquoted(&mut self, name: Name) -> Name {
        let text = EcoString::from(name.text.trim_matches(['"', '\'']));
        self.report_fixed(name.span, Error::QuotedName, &text);
        Name { text, span: name.span }
    }
}

fn title(text: &str) -> String {
    if text.trim().is_empty() { "remove it".into() } else { format!("write `{text}`") }
}

/// The first and the last place of a line.
fn line_of(text: &str, at: usize) -> (usize, usize) {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let end = text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end);
    (start, end)
}
