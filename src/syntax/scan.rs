//! What can be told of a text before the grammar reads it: its comments, its lines, its brackets, where its texts
//! end, what may not stand in it, and how deep it nests.
//!
//! One pass over the bytes, whose only memory is what is open. A text that doesn't end is ended here, a character
//! that means nothing is taken out, so that the grammar sees neither.

use super::error::Error;
use super::limits::{MAX_INTERPOLATIONS, MAX_NESTING};
use super::mend::Edit;
use super::quote::Quote;
use crate::ast::CommentKind;

/// Which language a text is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A `.citadel` file.
    Citadel,
    /// An expression as CEL has it: a line end is a space like any other, texts hold any character.
    Cel,
}

/// What the pass found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub comments: Vec<Comment>,
    /// First byte of each blank line.
    pub blank_lines: Vec<u32>,
    /// The first token of each line outside of texts.
    pub lines: Vec<Line>,
    /// The brackets outside of texts, in order.
    pub brackets: Vec<Bracket>,
    /// The arrows outside of texts, in order.
    pub arrows: Vec<usize>,
    /// Each of them closes what was opened last.
    pub balanced: bool,
    pub edits: Vec<Edit>,
    pub mistakes: Vec<Mistake>,
    /// It nests too deep to be read at all.
    pub too_deep: bool,
    /// A text or comment runs to the end of the file, and has swallowed whatever would have been closed there.
    pub cut: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Comment {
    pub kind: CommentKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub at: usize,
    /// How many bytes of white space stand before it.
    pub indent: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Bracket {
    pub byte: u8,
    pub at: usize,
}

/// What was wrong, where, and the second place that explains it.
#[derive(Debug)]
pub(super) struct Mistake {
    pub start: usize,
    pub end: usize,
    pub error: Error,
    pub opener: Option<usize>,
}

/// A bracket that is open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub byte: u8,
    pub at: usize,
    /// Conditionals without their colon and types without their `>` in it: the grammar nests for these too.
    pending: [usize; 2],
    /// For an interpolation, the text that it interrupts.
    pub quote: Option<Quote>,
}

pub(super) struct Scanner<'t> {
    pub text: &'t str,
    pub bytes: &'t [u8],
    pub at: usize,
    pub dialect: Dialect,
    pub open: Vec<Open>,
    /// How many of the open brackets are interpolations.
    pub interpolations: usize,
    /// All that is pending in what is open, itself included.
    pending: usize,
    line_start: usize,
    line_is_blank: bool,
    line_has_token: bool,
    pub found: Scan,
}

/// Looks once over a text.
pub(super) fn scan(text: &str, dialect: Dialect) -> Scan {
    let found = Scan { balanced: true, ..Scan::default() };
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        dialect,
        open: Vec::new(),
        interpolations: 0,
        pending: 0,
        line_start: 0,
        line_is_blank: true,
        line_has_token: false,
        found,
    };
    while scanner.at < text.len() && !scanner.found.too_deep {
        scanner.step();
    }
    scanner.end();
    scanner.found
}

impl<'t> Scanner<'t> {
    pub fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        match self.peek(0) {
            b' ' | b'\t' => self.at += 1,
            b'\n' | b'\r' => self.line_end(),
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            byte => {
                self.token();
                self.code(byte);
            }
        }
    }

    fn code(&mut self, byte: u8) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => self.word(),
            b'"' | b'\'' => self.quote(""),
            b'`' => self.backtick(),
            b'(' | b'[' | b'{' => self.opens(byte),
            b')' | b']' | b'}' => self.closes(byte),
            b'?' => self.pend(0),
            b':' => self.settle(0),
            b'>' => {
                self.settle(1);
                self.at += 1;
            }
            b',' => {
                self.settle(0);
                self.at += 1;
            }
            b'-' if self.peek(1) == b'>' => self.arrow(),
            b'#' if self.dialect == Dialect::Citadel => self.hash_comment(),
            b';' if self.dialect == Dialect::Citadel => self.semicolon(),
            0x80.. => self.foreign(),
            _ => self.at += 1,
        }
    }

    /// Notes that something other than white space stands here.
    fn token(&mut self) {
        if !self.line_has_token && self.interpolations == 0 {
            self.found.lines.push(Line { at: self.at, indent: self.at - self.line_start });
        }
        self.line_has_token = true;
        self.line_is_blank = false;
    }

    fn line_end(&mut self) {
        if let Some(quote) = self.open.last().and_then(|open| open.quote)
            && !quote.triple
            && !self.goes_on()
        {
            return self.unclosed_interpolation(quote);
        }
        if self.dialect == Dialect::Cel {
            self.found.edits.push(Edit::blank(self.at, 1));
        }
        let length = if self.rest().starts_with("\r\n") { 2 } else { 1 };
        if self.line_is_blank {
            self.found.blank_lines.push(self.line_start as u32);
        }
        self.at += length;
        self.start_line();
    }

    pub fn line_is_not_blank(&mut self) {
        self.line_is_blank = false;
    }

    pub fn start_line(&mut self) {
        self.line_start = self.at;
        self.line_is_blank = true;
        self.line_has_token = false;
    }

    /// Whether an interpolation, at the end of its line, is continued on the next.
    fn goes_on(&self) -> bool {
        let next = self.rest().trim_start();
        match next.bytes().next() {
            Some(b'}') => next.lines().next().is_some_and(|line| line.contains('"')),
            Some(byte) => b"?:.&|+*/%=<>!".contains(&byte),
            None => false,
        }
    }

    /// A word; before a quote it may say how the text is read.
    fn word(&mut self) {
        let start = self.at;
        while matches!(self.peek(0), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        match self.peek(0) {
            b':' if self.dialect == Dialect::Citadel && self.rest().starts_with("://") => self.address(start),
            b'"' | b'\'' if matches!(word, "r" | "R" | "b" | "B" | "br" | "bR" | "Br" | "BR") => {
                self.quote(word);
            }
            _ if matches!(word, "list" | "map")
                && self.rest().trim_start_matches([' ', '\t']).starts_with('<') =>
            {
                self.pend(1);
            }
            _ => {}
        }
    }

    fn arrow(&mut self) {
        if self.interpolations == 0 {
            self.found.arrows.push(self.at);
        }
        self.at += 2;
    }

    /// An address without its quotes, which would begin a comment: it ends where a text in quotes would.
    fn address(&mut self, start: usize) {
        while !matches!(self.peek(0), 0 | b' ' | b'\t' | b'\n' | b'\r' | b',' | b'"' | b'\'') {
            let hole = self.rest().strip_prefix("${").and_then(|rest| rest.lines().next()?.find('}'));
            self.at += hole.map_or(1, |end| end + 3);
        }
        self.mistake(start, self.at - start, Error::UnquotedText);
        self.found.edits.push(Edit::insert(start, "\""));
        if self.peek(0) == b'"' {
            self.at += 1;
        } else {
            self.found.edits.push(Edit::insert(self.at, "\""));
        }
    }

    /// A text between backticks is no text, but its brackets and quotes are not meant as such.
    fn backtick(&mut self) {
        let line = self.rest().split(['\n', '\r']).next().unwrap_or_default();
        self.at += line.get(1..).and_then(|rest| rest.find('`')).map_or(1, |end| end + 2);
    }

    fn opens(&mut self, byte: u8) {
        if self.interpolations == 0 {
            self.found.brackets.push(Bracket { byte, at: self.at });
        }
        self.push(Open { byte, at: self.at, pending: [0; 2], quote: None });
        self.at += 1;
    }

    pub fn push(&mut self, open: Open) {
        self.interpolations += usize::from(open.quote.is_some());
        self.open.push(open);
        self.check_depth();
    }

    pub fn interpolate(&mut self, quote: Quote) {
        let open = Open { byte: b'{', at: self.at, pending: [0; 2], quote: Some(quote) };
        self.at += 2;
        self.push(open);
        if self.interpolations > MAX_INTERPOLATIONS && !self.found.too_deep {
            self.found.too_deep = true;
            self.mistake(open.at, 2, Error::InterpolatedTooDeep { limit: MAX_INTERPOLATIONS });
        }
    }

    fn check_depth(&mut self) {
        if self.open.len() + self.pending > MAX_NESTING && !self.found.too_deep {
            self.found.too_deep = true;
            self.mistake(self.at, 1, Error::TooDeep { limit: MAX_NESTING });
        }
    }

    /// `?` and `list<` wait for their other half.
    fn pend(&mut self, which: usize) {
        if let Some(open) = self.open.last_mut() {
            open.pending[which] += 1;
            self.pending += 1;
            self.check_depth();
        }
        self.at += usize::from(which == 0);
    }

    fn settle(&mut self, which: usize) {
        if let Some(open) = self.open.last_mut()
            && open.pending[which] > 0
        {
            open.pending[which] -= 1;
            self.pending -= 1;
        }
        self.at += usize::from(which == 0 && self.peek(0) == b':');
    }

    pub fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.pending -= open.pending.iter().sum::<usize>();
        self.interpolations -= usize::from(open.quote.is_some());
        Some(open)
    }

    fn closes(&mut self, byte: u8) {
        if self.interpolations > 0 {
            return self.closes_inside(byte);
        }
        self.found.brackets.push(Bracket { byte, at: self.at });
        if self.open.last().is_some_and(|open| closer(open.byte) == byte) {
            self.pop();
        } else {
            self.found.balanced = false;
            if let Some(opener) = self.open.iter().rposition(|open| closer(open.byte) == byte) {
                while self.open.len() > opener {
                    self.pop();
                }
            }
        }
        self.at += 1;
    }

    /// A closing bracket in an interpolation: what it doesn't fit is mended here and now, for where the text goes
    /// on depends on it.
    fn closes_inside(&mut self, byte: u8) {
        while let Some(open) = self.open.last().copied() {
            if closer(open.byte) == byte {
                self.pop();
                self.at += 1;
                return open.quote.map_or((), |quote| self.text(quote));
            }
            if open.quote.is_some() {
                self.mistake(self.at, 1, Error::UnexpectedClose);
                self.found.edits.push(Edit::blank(self.at, 1));
                break;
            }
            let close = closer(open.byte) as char;
            let found = format!("`{}`", byte as char);
            self.mistake(self.at, 1, Error::MissingClose { found, close });
            if let Some(mistake) = self.found.mistakes.last_mut() {
                mistake.opener = Some(open.at);
            }
            self.found.edits.push(Edit::insert(self.at, close));
            self.pop();
        }
        self.at += 1;
    }

    pub fn mistake(&mut self, start: usize, length: usize, error: Error) {
        self.found.mistakes.push(Mistake { start, end: start + length, error, opener: None });
    }

    fn end(&mut self) {
        if let Some(quote) = self.open.last().and_then(|open| open.quote).filter(|_| !self.found.too_deep) {
            self.unclosed_interpolation(quote);
            self.at = self.text.len();
        }
        self.found.balanced &= self.open.is_empty();
    }
}

/// What closes a bracket.
pub(super) fn closer(opener: u8) -> u8 {
    match opener {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
