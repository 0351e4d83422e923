//! Comments, documentation, suppressions.

use ecow::EcoString;

use super::builder::Builder;
use super::scan::Scan;
use crate::ast::{Allow, Comment, Name, Trivia};
use crate::source::{FileId, LineIndex, Span};

impl Builder<'_> {
    /// The `///` lines right above a place.
    pub fn doc_above(&self, span: Span) -> Option<EcoString> {
        let mut lines: Vec<&str> = Vec::new();
        let before = self.original.get(..span.start as usize)?.trim_end_matches([' ', '\t']);
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

/// What the tree leaves out.
pub(super) fn trivia(file: FileId, text: &str, found: &Scan) -> Trivia {
    let mut trivia = Trivia { blank_lines: found.blank_lines.clone(), ..Trivia::default() };
    let lines = LineIndex::new(text);
    for comment in &found.comments {
        let span = Span::new(file, comment.start, comment.end);
        let line_start = text[..comment.start].rfind('\n').map_or(0, |end| end + 1);
        let own_line = text[line_start..comment.start].trim().is_empty();
        trivia.comments.push(Comment { kind: comment.kind, span, own_line });
        let line = lines.line(span.start) + u32::from(own_line);
        trivia.allows.extend(allow(&text[span.range()], span, line));
    }
    trivia
}

/// `// citadel: allow(code, code) reason`
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
