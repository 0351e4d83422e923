//! Where texts end, also those whose closing quote is missing.

use super::error::Error;
use super::mend::Edit;
use super::scan::{Scanner, closer};

/// A text that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quote {
    /// Its first quote.
    pub start: usize,
    pub byte: u8,
    /// Three quotes, over several lines.
    pub triple: bool,
    /// A backslash is a backslash.
    raw: bool,
    interpolates: bool,
}

impl Quote {
    fn marks(self) -> &'static str {
        match (self.byte, self.triple) {
            (b'"', false) => "\"",
            (b'"', true) => "\"\"\"",
            (_, false) => "'",
            (_, true) => "'''",
        }
    }
}

impl Scanner<'_> {
    /// A text begins here; `mark` is the word before it.
    pub fn quote(&mut self, mark: &str) {
        let byte = self.peek(0);
        let triple = self.peek(1) == byte && self.peek(2) == byte;
        let raw = mark.contains(['r', 'R']);
        let quote =
            Quote { start: self.at, byte, triple, raw, interpolates: byte == b'"' && mark.is_empty() };
        self.at += quote.marks().len();
        self.text(quote);
    }

    /// The rest of a text, to its end or to its next interpolation.
    pub fn text(&mut self, quote: Quote) {
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' if !quote.raw => self.at += 2,
                b'$' if quote.interpolates && self.rest().starts_with("$${") => self.at += 3,
                b'$' if quote.interpolates && self.peek(1) == b'{' => return self.interpolate(quote),
                b'\n' | b'\r' if !quote.triple => return self.unclosed(quote),
                byte if byte == quote.byte && self.rest().starts_with(quote.marks()) => {
                    if quote.triple && self.begins_another(quote) {
                        return self.unclosed_block(quote);
                    }
                    self.at += quote.marks().len();
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.text.len();
        self.unclosed(quote);
    }

    /// Whether three quotes begin another text rather than end this one: they are the value of a field, what follows is on
    /// the next line, and so many quotes are left that these would leave one text open at the end.
    fn begins_another(&self, quote: Quote) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..).unwrap_or_default().trim();
        let is_value = line.strip_suffix(':').is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        let ends_line = self.rest().get(3..).is_some_and(|rest| rest.starts_with(['\n', '\r']));
        is_value && ends_line && self.rest().matches(quote.marks()).count().is_multiple_of(2)
    }

    /// The end of the line, or of the file, has come before the closing quote.
    fn unclosed(&mut self, quote: Quote) {
        match self.open.last().and_then(|open| open.quote) {
            Some(outer) if outer.byte == quote.byte && !outer.triple && !quote.triple => {
                // What looked like a text in the interpolation is the closing quote of the text around it.
                self.at = quote.start;
                self.found.edits.push(Edit::insert(self.at, "}"));
                self.report_interpolation();
                self.text(outer);
            }
            _ if quote.triple => self.unclosed_block(quote),
            _ => self.unclosed_line(quote),
        }
    }

    fn unclosed_line(&mut self, quote: Quote) {
        self.mistake(quote.start, 1, Error::UnclosedText);
        if let Some(end) = self.end_on_next_line(quote) {
            self.at = end;
            return self.start_line();
        }
        self.at = self.end_before_closers(quote.start + 1);
        self.found.edits.push(Edit::insert(self.at, quote.marks()));
        self.leave_interpolations();
    }

    /// The text may go on over the line end: then the next line has its closing quote, and no beginning of its own.
    fn end_on_next_line(&self, quote: Quote) -> Option<usize> {
        let rest = self.rest();
        let line = rest.trim_start_matches(['\r', '\n']);
        let start = self.at + rest.len() - line.len();
        let line = line.lines().next()?;
        let own = begins_member(line.trim_start()) || line.contains("${");
        let quotes: Vec<usize> =
            line.bytes().enumerate().filter(|(_, byte)| *byte == quote.byte).map(|(at, _)| at).collect();
        (quotes.len() == 1 && !own).then(|| start + quotes[0] + 1)
    }

    /// Where a text without its closing quote ends on its line: before a comment, and before the brackets at the
    /// line's end that close what was opened on this line.
    fn end_before_closers(&self, start: usize) -> usize {
        let line = self.text.get(start..self.at).unwrap_or_default();
        let line_start =
            self.text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let mut end = line.find(" //").map_or(line, |comment| &line[..comment]).trim_end();
        for open in self.open.iter().filter(|open| open.at >= line_start && open.quote.is_none()) {
            match end.trim_end_matches([',', ' ']).strip_suffix(closer(open.byte) as char) {
                Some(before) => end = before.trim_end(),
                None => break,
            }
        }
        start + end.strip_suffix(',').unwrap_or(end).len()
    }

    /// A text between three quotes that never ends: it can't go on at a line that its own line's bracket closes.
    fn unclosed_block(&mut self, quote: Quote) {
        self.mistake(quote.start, 3, Error::UnclosedText);
        let line_start =
            self.text.get(..quote.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let own_line = self.text.get(line_start..).unwrap_or_default();
        let indent = own_line.len() - own_line.trim_start_matches([' ', '\t']).len();
        let mut at = quote.start;
        for line in self.text.get(quote.start..).unwrap_or_default().split_inclusive('\n') {
            let text = line.trim_start_matches([' ', '\t']);
            if at > quote.start
                && line.len() - text.len() <= indent
                && (text.starts_with('}') || begins_member(text))
            {
                self.found.edits.push(Edit::insert(at - 1, quote.marks()));
                self.at = at;
                self.leave_interpolations();
                return self.start_line();
            }
            at += line.len();
        }
        self.found.edits.push(Edit::insert(self.text.len(), quote.marks()));
        self.found.cut = true;
        self.at = self.text.len();
        self.leave_interpolations();
    }

    /// An interpolation is over with its line.
    pub fn unclosed_interpolation(&mut self, quote: Quote) {
        self.report_interpolation();
        let line_start = self.open.last().map_or(quote.start, |open| open.at);
        self.at = self.end_before_closers(line_start + 2);
        self.found.edits.push(Edit::insert(self.at, format!("}}{}", quote.marks())));
        self.pop();
        self.leave_interpolations();
    }

    fn report_interpolation(&mut self) {
        if let Some(open) = self.pop() {
            self.mistake(open.at, 2, Error::UnclosedInterpolation);
        }
    }

    /// Ends the interpolations that a text on one line, just ended, stands in, and the texts around them.
    fn leave_interpolations(&mut self) {
        while let Some(outer) = self.open.last().and_then(|open| open.quote).filter(|outer| !outer.triple) {
            self.found.edits.push(Edit::insert(self.at, format!("}}{}", outer.marks())));
            self.pop();
        }
    }
}

/// Whether a line begins as a member does: `name:`, `name {`, `name word`.
pub(super) fn begins_member(line: &str) -> bool {
    let name = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(line.len());
    let after = line[name..].trim_start_matches([' ', '\t']);
    name > 0
        && (after.starts_with([':', '{'])
            || (after.len() < line.len() - name && KEYWORDS.contains(&&line[..name])))
}

/// Words that begin a member or a declaration when a name follows.
pub(super) const KEYWORDS: [&str; 17] = [
    "import", "const", "setting", "secret", "type", "error", "retry", "breaker", "limit", "plugin",
    "activity", "workflow", "schedule", "trigger", "test", "node", "mock",
];
