use crate::source::Span;

/// A literal as the author wrote it, beside what it stands for.
#[derive(Debug, Clone, Copy)]
pub struct Literal<'a> {
    /// What it stands for: unescaped and dedented.
    pub value: &'a str,
    /// Its place, quotes included.
    pub span: Span,
    /// The text of that place; empty where the value comes from another file.
    pub written: &'a str,
}

impl Literal<'_> {
    /// The place of a range of bytes of the value.
    ///
    /// Escapes and dropped indentation make the written text longer than the value, so both are walked side by
    /// side; the whole literal is the answer where they can't be matched.
    #[must_use]
    pub fn place(&self, range: std::ops::Range<usize>) -> Span {
        self.written_range(range).map_or(self.span, |written| {
            let start = self.span.start as usize;
            Span::new(self.span.file, start + written.start, start + written.end)
        })
    }

    fn written_range(&self, range: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
        let opening = self.written.find(['"', '\''])?;
        let quotes = if is_triple(&self.written[opening..]) { 3 } else { 1 };
        let mut written = Written { text: self.written, at: opening + quotes };
        let (mut start, mut end) = (None, None);
        for (at, character) in
            self.value.char_indices().take_while(|(at, _)| *at < range.end.max(range.start + 1))
        {
            let place = written.consume(character)?;
            if at >= range.start {
                start = start.or(Some(place.start));
            }
            end = Some(place.end);
        }
        let start = start.or(end)?;
        Some(start..if range.is_empty() { start } else { end?.max(start) })
    }
}

fn is_triple(text: &str) -> bool {
    text.starts_with("\"\"\"") || text.starts_with("'''")
}

/// What is left of the text as written.
struct Written<'a> {
    text: &'a str,
    at: usize,
}

impl Written<'_> {
    /// The place of what was written for the next character of the value.
    fn consume(&mut self, expected: char) -> Option<std::ops::Range<usize>> {
        loop {
            let start = self.at;
            let found = self.next()?;
            if found == '\\' && expected != '\\' {
                // The escapes that SQL, cron, zone and URL texts hold are two characters long.
                self.next()?;
                return Some(start..self.at);
            }
            if found == expected {
                return Some(start..self.at);
            }
            if !found.is_whitespace() {
                return None;
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let character = self.text[self.at..].chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }
}

#[cfg(test)]
mod tests {
    use super::Literal;
    use crate::source::{FileId, Span};

    fn place_of(written: &str, value: &str, word: &str) -> String {
        let literal = Literal { value, span: Span::new(FileId(0), 0, written.len()), written };
        let at = value.find(word).expect("the word is in the value");
        written[literal.place(at..at + word.len()).range()].to_owned()
    }

    #[test]
    fn a_word_is_found_behind_escapes_and_indentation() {
        assert_eq!(place_of(r#""a \"b\" :id""#, r#"a "b" :id"#, ":id"), ":id");
        assert_eq!(place_of("\"\"\"\n    select\n      :id\n    \"\"\"", "select\n  :id", ":id"), ":id");
        assert_eq!(place_of("'0 2 * * *'", "0 2 * * *", "2"), "2");
    }
}
