//! A text without its texts and comments, to look at its punctuation alone.

/// The code of a text: what stands in quotes and comments is blank, all places are the same.
pub(super) struct Skeleton {
    pub code: String,
    /// The first quote that its line doesn't close.
    pub unclosed: Option<usize>,
    /// The first comment without an end.
    pub unclosed_comment: Option<usize>,
}

impl Skeleton {
    pub fn new(text: &str) -> Self {
        let mut skeleton =
            Self { code: String::with_capacity(text.len()), unclosed: None, unclosed_comment: None };
        while let Some(rest) = text.get(skeleton.code.len()..).filter(|rest| !rest.is_empty()) {
            skeleton.take(rest);
        }
        skeleton
    }

    fn take(&mut self, rest: &str) {
        let at = self.code.len();
        if rest.starts_with("//") {
            return self.blank(rest.lines().next().unwrap_or(rest));
        }
        if rest.starts_with("/*") {
            let end = rest.find("*/").map(|end| end + 2);
            if end.is_none() {
                self.unclosed_comment.get_or_insert(at);
            }
            return self.blank(&rest[..end.unwrap_or(rest.len())]);
        }
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let Some(quote) = quotes.into_iter().find(|quote| rest.starts_with(quote)) else {
            return self.code.extend(rest.chars().next());
        };
        let length = quoted_length(rest, quote);
        if length.is_none() {
            self.unclosed.get_or_insert(at);
        }
        let taken = length.unwrap_or_else(|| rest.find('\n').unwrap_or(rest.len()));
        self.blank(&rest[..taken]);
        // The quotes stay, so that one sees that a text was there.
        self.code.replace_range(at..at + 1, "\"");
    }

    /// As many spaces as bytes; line ends stay.
    fn blank(&mut self, text: &str) {
        self.code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }

    /// The innermost bracket that is opened and never closed, and what would close it.
    pub fn unclosed_bracket(&self) -> Option<(usize, char)> {
        let mut open = Vec::new();
        for (at, c) in self.code.char_indices() {
            match c {
                '(' => open.push((at, ')')),
                '[' => open.push((at, ']')),
                '{' => open.push((at, '}')),
                ')' | ']' | '}' => drop(open.pop_if(|(_, close)| *close == c)),
                _ => {}
            }
        }
        open.pop()
    }
}

/// How long a quoted text is, quotes included; none where it isn't closed.
fn quoted_length(rest: &str, quote: &str) -> Option<usize> {
    let mut at = quote.len();
    while let Some(inside) = rest.get(at..) {
        let next = inside.chars().next()?;
        if inside.starts_with(quote) {
            return Some(at + quote.len());
        }
        if next == '\n' && quote.len() == 1 {
            return None;
        }
        at += next.len_utf8();
        if next == '\\' {
            at += inside.chars().nth(1)?.len_utf8();
        }
    }
    None
}
