//! Comments, documentation, suppressions.

use ecow::EcoString;

use super::builder::Builder;
use crate::ast::{Allow, Comment, CommentKind, Name, Trivia};
use crate::source::{FileId, LineIndex, Span};

impl Builder<'_> {
    /// The `///` lines right above a place.
    pub fn doc_above(&self, span: Span) -> Option<EcoString> {
        let mut lines: Vec<&str> = Vec::new();
        let before = self.text[..span.start as usize].trim_end_matches([' ', '\t']);
        for line in before.strip_suffix('\n')?.rsplit('\n') {
            match line.trim().strip_prefix("///") {
                Some(doc) => lines.push(doc.strip_prefix(' ').unwrap_or(doc)),
                None => break,
            }
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n").into())
    }
}

/// All comments of a text, and what they suppress.
pub(super) fn trivia(file: FileId, text: &str) -> Trivia {
    let lines = LineIndex::new(text);
    let mut trivia = Trivia::default();
    let mut at = 0;
    let mut quote: Option<&str> = None;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let step = if let Some(end) = quote {
            if rest.starts_with('\\') {
                2
            } else if rest.starts_with(end) || (end.len() == 1 && rest.starts_with('\n')) {
                quote = None;
                end.len()
            } else {
                1
            }
        } else if rest.starts_with("//") {
            let comment = rest.split('\n').next().unwrap_or(rest).trim_end();
            add(&mut trivia, file, text, &lines, at, comment);
            comment.len()
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
            add(&mut trivia, file, text, &lines, at, &rest[..end]);
            end
        } else if let Some(opened) =
            ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote))
        {
            quote = Some(opened);
            opened.len()
        } else {
            1
        };
        at += step;
        while !text.is_char_boundary(at) && at < text.len() {
            at += 1;
        }
    }
    trivia
}

fn add(trivia: &mut Trivia, file: FileId, text: &str, lines: &LineIndex, at: usize, comment: &str) {
    let span = Span::new(file, at, at + comment.len());
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let own_line = text[line_start..at].trim().is_empty();
    let kind = match comment {
        _ if comment.starts_with("///") => CommentKind::Doc,
        _ if comment.starts_with("//") => CommentKind::Line,
        _ => CommentKind::Block,
    };
    trivia.comments.push(Comment { kind, span, own_line });
    let line = lines.line(at as u32) + u32::from(own_line);
    trivia.allows.extend(allow(comment, span, line));
}

fn allow(comment: &str, span: Span, line: u32) -> Option<Allow> {
    let directive = comment.strip_prefix("//")?.trim_start().strip_prefix("citadel:")?.trim_start();
    let (codes, reason) = directive.strip_prefix("allow(")?.split_once(')')?;
    let mut at = comment.find("allow(")? + "allow(".len();
    let mut names = Vec::new();
    for code in codes.split(',') {
        let start = span.start as usize + at + (code.len() - code.trim_start().len());
        let place = Span::new(span.file, start, start + code.trim().len());
        names.push(Name { text: code.trim().into(), span: place });
        at += code.len() + 1;
    }
    Some(Allow { codes: names, reason: reason.trim().into(), span, line })
}
