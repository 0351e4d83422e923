//! Where brackets are missing, or too many, found as a reader finds it: by the layout of the text.
//!
//! Only for texts whose brackets don't fit each other. What stands in a bracket that was opened at the end of a line
//! is indented more than that line, and its closing bracket begins a line as far to the left as that line; a node
//! can't stand in a node, nor a declaration in anything. The first token that can't stand in what is open is where a
//! closing bracket is missing. After the edits that this gives, each bracket closes what was opened last.

use super::error::Error;
use super::mend::Edit;
use super::quote::{KEYWORDS, begins_member};
use super::scan::{Bracket, Line, Mistake, Scan, closer};

struct Opener {
    byte: u8,
    at: usize,
    /// Its line.
    line: Line,
    /// Nothing follows it on its line.
    ends_line: bool,
    /// What it holds is indented; `None` before its second line.
    indented: Option<bool>,
    /// It is the block of a node.
    node: bool,
}

struct Layout<'t> {
    text: &'t str,
    open: Vec<Opener>,
    line: Line,
    /// The lines since the last bracket that was opened at a line's end, the closing ones included.
    before: Vec<Line>,
    edits: Vec<Edit>,
    mistakes: Vec<Mistake>,
}

/// Adds to a scan the edits that make its brackets fit, and what they mend.
pub(super) fn mend(text: &str, found: &mut Scan) {
    let mut layout = Layout {
        text,
        open: Vec::new(),
        line: Line { at: 0, indent: 0 },
        before: Vec::new(),
        edits: Vec::new(),
        mistakes: Vec::new(),
    };
    let mut brackets = found.brackets.iter().peekable();
    let mut arrows = found.arrows.iter().peekable();
    let ends = found.lines.iter().map(|line| (line.at, Some(line))).chain([(usize::MAX, None)]);
    for (end, line) in ends {
        while let Some(bracket) = brackets.next_if(|bracket| bracket.at < end) {
            while let Some(arrow) = arrows.next_if(|arrow| **arrow < bracket.at) {
                layout.arrow(*arrow);
            }
            layout.bracket(*bracket);
        }
        while let Some(arrow) = arrows.next_if(|arrow| **arrow < end) {
            layout.arrow(*arrow);
        }
        line.into_iter().for_each(|line| layout.begin(*line));
    }
    layout.end(found);
    found.edits.append(&mut layout.edits);
    found.mistakes.append(&mut layout.mistakes);
}

impl Layout<'_> {
    fn rest(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or_default()
    }

    fn begin(&mut self, line: Line) {
        let rest = self.rest(line.at);
        let closes = rest.starts_with([')', ']', '}']);
        if first_word(rest) == "node" && begins_named(rest) {
            self.open_body(line);
        }
        if !closes {
            while self.open.last().is_some_and(|top| self.can_not_hold(top, line)) {
                self.line = line;
                self.missing(line.at);
            }
        }
        if let Some(top) = self.open.last_mut() {
            top.indented.get_or_insert(line.indent > top.line.indent);
        }
        self.line = line;
        self.before.push(line);
    }

    /// A node on the line below a lone `body`, and indented more, stands in a body whose bracket is missing.
    fn open_body(&mut self, line: Line) {
        let Some(head) = self.before.last().copied().filter(|head| head.indent < line.indent) else { return };
        let text = self.rest(head.at).lines().next().unwrap_or_default();
        if text.trim_end() == "body" {
            self.report_missing_open(head);
            let at = head.at;
            let (ends_line, indented, node) = (true, Some(true), false);
            self.open.push(Opener { byte: b'{', at, line: head, ends_line, indented, node });
        }
    }

    /// A connection can't stand in what groups its ends or its errors.
    fn arrow(&mut self, at: usize) {
        while self.open.last().is_some_and(|top| top.byte != b'{') {
            self.missing(at);
        }
    }

    /// Whether a line can't stand in a bracket.
    fn can_not_hold(&self, top: &Opener, line: Line) -> bool {
        let rest = self.rest(line.at);
        let laid_out = top.indented != Some(false) && (top.indented.is_some() || !top.ends_line);
        (line.indent == 0 && begins_item(rest))
            || (top.node && first_word(rest) == "node" && begins_named(rest))
            || (top.byte != b'{' && begins_member(rest))
            || (laid_out && line.indent <= top.line.indent)
    }

    fn bracket(&mut self, bracket: Bracket) {
        if matches!(bracket.byte, b'(' | b'[' | b'{') {
            let line = self.rest(bracket.at + 1).lines().next().unwrap_or_default().trim_start();
            let node = bracket.byte == b'{' && first_word(self.rest(self.line.at)) == "node";
            let node = node && self.open.last().is_none_or(|top| top.line.at != self.line.at);
            self.open.push(Opener {
                byte: bracket.byte,
                at: bracket.at,
                line: self.line,
                ends_line: line.is_empty() || line.starts_with("//"),
                indented: None,
                node,
            });
        } else if self.begins_line(bracket.at) {
            self.close_line(bracket);
        } else {
            self.close(bracket);
        }
    }

    /// Whether only closing brackets stand before it on its line.
    fn begins_line(&self, at: usize) -> bool {
        self.text
            .get(self.line.at..at)
            .is_some_and(|before| before.chars().all(|c| matches!(c, ')' | ']' | '}' | ' ')))
    }

    /// A closing bracket at the beginning of a line closes what was opened on a line as far to the left.
    fn close_line(&mut self, bracket: Bracket) {
        let indent = self.line.indent;
        let fits = |open: &Opener| closer(open.byte) == bracket.byte;
        let exact = self.open.iter().rposition(|open| fits(open) && open.line.indent == indent);
        match exact.or_else(|| self.open.iter().rposition(|open| fits(open) && !is_left(open, indent))) {
            Some(opener) => self.close_down_to(opener, bracket.at),
            None if self.opens_before(indent) => self.missing_open(indent),
            None => match self.open.iter().rposition(fits) {
                Some(opener) if self.open[opener].indented == Some(false) => {
                    self.close_down_to(opener, bracket.at);
                }
                _ => self.extra(bracket.at),
            },
        }
    }

    /// A closing bracket within a line closes what was opened on it, or was the last thing in a line that goes on.
    fn close(&mut self, bracket: Bracket) {
        let fits = |open: &Opener| closer(open.byte) == bracket.byte;
        let here = |open: &Opener| open.line.at == self.line.at || !open.ends_line;
        match self.open.iter().rposition(|open| fits(open) && here(open)) {
            Some(opener) => self.close_down_to(opener, bracket.at),
            None => match self.open.last() {
                Some(top) if top.line.at == self.line.at && !self.closes_later(top, bracket.at) => {
                    self.wrong(bracket);
                }
                _ => self.extra(bracket.at),
            },
        }
    }

    /// Whether what closes a bracket follows on the line.
    fn closes_later(&self, open: &Opener, at: usize) -> bool {
        let line = self.rest(at).lines().next().unwrap_or_default();
        line.contains(closer(open.byte) as char)
    }

    fn close_down_to(&mut self, opener: usize, at: usize) {
        while self.open.len() > opener + 1 {
            self.missing(at);
        }
        self.open.pop();
    }

    /// The bracket opened last should have been closed before `at`.
    fn missing(&mut self, at: usize) {
        let Some(top) = self.open.pop() else { return };
        let close = closer(top.byte) as char;
        // Before a line, the bracket gets a line of its own, so that no comma is missing after it.
        let own_line = at == self.line.at && !self.rest(at).starts_with([')', ']', '}']);
        self.edits.push(Edit::insert(at, if own_line { format!("{close}\n") } else { close.to_string() }));
        // Two that are missing at one place are one mistake.
        if self.mistakes.last().is_some_and(|last| last.start == at) {
            return;
        }
        let found = token(self.rest(at));
        let shown = if found.is_empty() { "the end of the file".to_owned() } else { format!("`{found}`") };
        let error = Error::MissingClose { found: shown, close };
        self.mistakes.push(Mistake { start: at, end: at + found.len(), error, opener: Some(top.at) });
    }

    fn extra(&mut self, at: usize) {
        self.edits.push(Edit::blank(at, 1));
        // Several that follow each other are one mistake.
        if let Some(last) = self.mistakes.last_mut()
            && matches!(last.error, Error::UnexpectedClose)
            && self.text.get(last.end..at).is_some_and(|between| between.chars().all(|c| c == ' '))
        {
            last.end = at + 1;
            return;
        }
        self.mistakes.push(Mistake { start: at, end: at + 1, error: Error::UnexpectedClose, opener: None });
    }

    /// `(a]`
    fn wrong(&mut self, bracket: Bracket) {
        let Some(top) = self.open.pop() else { return };
        let close = closer(top.byte) as char;
        self.edits.push(Edit::replace(bracket.at, 1, close));
        let error = Error::WrongClose { found: bracket.byte as char, close };
        self.mistakes.push(Mistake { start: bracket.at, end: bracket.at + 1, error, opener: Some(top.at) });
    }

    /// Whether the last line as far to the left looks as if what follows were its block.
    fn opens_before(&self, indent: usize) -> bool {
        self.head(indent).is_some()
    }

    fn head(&self, indent: usize) -> Option<Line> {
        let (above, lines) = self.before.split_last().map(|(_, above)| (above.len(), above))?;
        let head = lines.iter().rposition(|line| line.indent <= indent)?;
        let line = lines.get(head).filter(|line| line.indent == indent)?;
        let text = self.rest(line.at).lines().next()?;
        let text = text.find("//").map_or(text, |comment| text.get(..comment).unwrap_or(text));
        (head + 1 < above && !text.contains(['{', '}', '(', '[']) && !first_word(text).is_empty())
            .then_some(*line)
    }

    fn missing_open(&mut self, indent: usize) {
        if let Some(line) = self.head(indent) {
            self.report_missing_open(line);
        }
    }

    /// The bracket is missing at the end of a line.
    fn report_missing_open(&mut self, line: Line) {
        let text = self.rest(line.at).lines().next().unwrap_or_default();
        let text = text.find("//").map_or(text, |comment| text.get(..comment).unwrap_or(text)).trim_end();
        let at = line.at + text.len();
        self.edits.push(Edit::insert(at, " {"));
        self.mistakes.push(Mistake { start: at, end: at, error: Error::MissingOpen, opener: None });
    }

    fn end(&mut self, found: &Scan) {
        let mut end = self.text.trim_end().len();
        for comment in found.comments.iter().rev() {
            if comment.end < end {
                break;
            }
            end = self.text.get(..comment.start).unwrap_or_default().trim_end().len();
        }
        let mistakes = self.mistakes.len();
        while !self.open.is_empty() {
            self.missing(end);
        }
        if found.cut {
            self.mistakes.truncate(mistakes);
        }
    }
}

fn is_left(open: &Opener, indent: usize) -> bool {
    open.line.indent < indent && open.ends_line && open.indented != Some(false)
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Whether a name or a text follows the first word.
fn begins_named(text: &str) -> bool {
    let after = &text[first_word(text).len()..];
    let next = after.trim_start_matches([' ', '\t']);
    next.len() < after.len()
        && next.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '"' | '{'))
        && !matches!(first_word(next), "in" | "as")
}

fn begins_item(text: &str) -> bool {
    KEYWORDS.contains(&first_word(text)) && !matches!(first_word(text), "node" | "mock") && begins_named(text)
}

/// The first token of a text, as a message shows it.
fn token(text: &str) -> &str {
    match first_word(text) {
        "" => text
            .chars()
            .next()
            .and_then(|c| text.get(..c.len_utf8()))
            .filter(|c| !c.trim().is_empty())
            .unwrap_or_default(),
        word => word,
    }
}
