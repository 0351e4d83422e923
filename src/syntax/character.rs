//! Comments, and the characters that mean nothing here.

use super::error::Error;
use super::mend::Edit;
use super::scan::{Comment, Dialect, Scanner};
use crate::ast::CommentKind;

impl Scanner<'_> {
    pub fn line_comment(&mut self) {
        let text = self.rest();
        let length = text.find(['\n', '\r']).unwrap_or(text.len());
        let kind = if text.starts_with("///") { CommentKind::Doc } else { CommentKind::Line };
        self.comment(kind, length);
    }

    pub fn block_comment(&mut self) {
        let text = self.rest();
        let length = match text.get(2..).and_then(|inside| inside.find("*/")) {
            Some(end) => end + 4,
            None => {
                self.mistake(self.at, 2, Error::UnclosedComment);
                self.found.edits.push(Edit::insert(self.text.len(), "*/"));
                self.found.cut = true;
                text.len()
            }
        };
        self.comment(CommentKind::Block, length);
    }

    fn comment(&mut self, kind: CommentKind, length: usize) {
        self.found.comments.push(Comment { kind, start: self.at, end: self.at + length });
        if self.dialect == Dialect::Cel {
            self.found.edits.push(Edit::blank(self.at, length));
        }
        self.at += length;
        self.line_is_not_blank();
    }

    /// `# …`, a comment elsewhere.
    pub fn hash_comment(&mut self) {
        let text = self.rest();
        let length = text.find(['\n', '\r']).unwrap_or(text.len());
        self.mistake(self.at, 1, Error::HashComment);
        self.found.edits.push(Edit::blank(self.at, length));
        self.at += length;
    }

    /// `;`: at a line's end it is too much, between two members it stands for a comma.
    pub fn semicolon(&mut self) {
        let after = self.text.get(self.at + 1..).unwrap_or_default().trim_start_matches([' ', '\t', ';']);
        let ends =
            after.is_empty() || after.starts_with(['\n', '\r', '}', ')', ']']) || after.starts_with("//");
        self.mistake(self.at, 1, Error::Semicolon);
        self.found.edits.push(Edit::replace(self.at, 1, if ends { " " } else { "," }));
        self.at += 1;
    }

    /// A character beyond ASCII, outside of texts and comments.
    pub fn foreign(&mut self) {
        let Some(character) = self.rest().chars().next() else {
            self.at += 1;
            return;
        };
        match character {
            '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' => {
                self.smart_quotes(character);
            }
            _ if character.is_whitespace() || matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}') => {
                if self.at > 0 {
                    self.mistake(self.at, character.len_utf8(), Error::UnusualSpace);
                }
                self.found.edits.push(Edit::blank(self.at, character.len_utf8()));
                self.at += character.len_utf8();
            }
            _ => self.at += character.len_utf8(),
        }
    }

    /// A text between typographic quotes is read as one between plain ones.
    fn smart_quotes(&mut self, opening: char) {
        let start = self.at;
        let line = self.rest().split(['\n', '\r']).next().unwrap_or_default();
        let inside = line.get(opening.len_utf8()..).unwrap_or_default();
        self.mistake(start, opening.len_utf8(), Error::SmartQuotes);
        self.found.edits.push(Edit::replace(start, opening.len_utf8(), "\""));
        let closing =
            inside.char_indices().find(|(_, c)| matches!(c, '“' | '”' | '»' | '«' | '’' | '‘' | '"'));
        match closing {
            Some((at, closing)) => {
                let at = start + opening.len_utf8() + at;
                self.found.edits.push(Edit::replace(at, closing.len_utf8(), "\""));
                self.at = at + closing.len_utf8();
            }
            None => {
                self.at = start + line.len();
                self.found.edits.push(Edit::insert(self.at, "\""));
            }
        }
    }
}

/// Characters that no file may hold, not even in a text or a comment: control characters, and those that show a
/// text in another order than it has.
pub(super) fn forbidden(text: &str) -> Vec<(usize, char)> {
    let control = |byte: u8| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127 | 0xe2);
    let suspicious = text.bytes().enumerate().filter(|(_, byte)| control(*byte));
    suspicious
        .filter_map(|(at, _)| Some((at, text.get(at..)?.chars().next()?)))
        .filter(|(_, c)| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect()
}
