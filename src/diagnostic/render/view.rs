use std::borrow::Cow;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::escape::{escaped, harmless};
use crate::source::Source;

/// A source text for miette, which would look for lines from the beginning each time; here the index knows them.
pub(super) struct View<'a> {
    source: &'a Source,
    name: String,
    text: Cow<'a, str>,
}

impl<'a> View<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self {
            source,
            name: escaped(&source.path.display().to_string()).into_owned(),
            text: harmless(&source.text),
        }
    }
}

/// Beyond this a line is not worth drawing: it would fill the screen.
const LONGEST_LINE: usize = 400;

impl SourceCode for View<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let lines = &self.source.lines;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        if before == 0 && after == 0 {
            return self.place(span);
        }
        let first = lines.line(offset(span.offset())).saturating_sub(before as u32).max(1);
        let last = lines.line(offset(span.offset() + span.len().saturating_sub(1))) + after as u32;
        let start = lines.line_range(&self.text, first).ok_or(MietteError::OutOfBounds)?.start;
        let end = (first..=last)
            .rev()
            .find_map(|line| lines.line_range(&self.text, line))
            .map_or(start, |line| line.end);
        let (start, end, column) = self.narrowed(start, end, span);
        let data = self.text.get(start..end).ok_or(MietteError::OutOfBounds)?.trim_end_matches(['\n', '\r']);
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            data.as_bytes(),
            (start, data.len()).into(),
            first as usize - 1,
            column,
            (last - first) as usize + 1,
        );
        Ok(Box::new(contents))
    }
}

impl View<'_> {
    /// The span alone: miette asks for it to say line and column.
    fn place<'s>(&'s self, span: &SourceSpan) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let at = self
            .source
            .lines
            .line_column(&self.source.text, u32::try_from(span.offset()).unwrap_or(u32::MAX));
        let data =
            self.text.get(span.offset()..span.offset() + span.len()).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = (at.line as usize - 1, at.column as usize - 1);
        let contents =
            MietteSpanContents::new_named(self.name.clone(), data.as_bytes(), *span, line, column, 1);
        Ok(Box::new(contents))
    }

    /// Only what stands around the span, where a line is too long to be drawn.
    fn narrowed(&self, start: usize, end: usize, span: &SourceSpan) -> (usize, usize, usize) {
        if end - start <= LONGEST_LINE * 4 {
            return (start, end, 0);
        }
        let boundary = |mut at: usize| {
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let from = boundary(span.offset().saturating_sub(LONGEST_LINE / 2).max(start));
        let to = boundary((span.offset() + span.len().min(LONGEST_LINE) + LONGEST_LINE / 2).min(end));
        (from, to, from - start)
    }
}
