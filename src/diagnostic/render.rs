//! Findings as text: drawn in the source, one line each, or JSON.

use std::borrow::Cow;
use std::fmt::Write as _;

use miette::{
    GraphicalReportHandler, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};
use serde::Serialize;

use super::{Finding, Fix, Label, Severity};
use crate::source::{FileId, LineColumn, Source, Sources, Span};

/// Shows findings of one set of sources. Control characters of the author's text never reach the output.
pub struct Renderer<'a> {
    sources: &'a Sources,
    views: Vec<View<'a>>,
}

impl<'a> Renderer<'a> {
    /// Prepares the texts.
    #[must_use]
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, views: sources.iter().map(View::new).collect() }
    }

    /// Drawn in the source text, by miette.
    #[must_use]
    pub fn drawn(&self, handler: &GraphicalReportHandler, finding: &Finding) -> String {
        let mut text = String::new();
        // Writing to a string can't fail; miette fails where a span is not of its file, and then a line must do.
        match handler.render_report(&mut text, &Drawn::new(self, finding)) {
            Ok(()) => text,
            Err(_) => self.line(finding),
        }
    }

    /// `file:line:column: severity[code]: message`
    #[must_use]
    pub fn line(&self, finding: &Finding) -> String {
        let Finding { severity, code, message, .. } = finding;
        let LineColumn { line, column } = self.sources.start(finding.span);
        let path = self.sources.get(finding.span.file).path.display().to_string();
        format!("{}:{line}:{column}: {severity}[{code}]: {}", escaped(&path), escaped(message))
    }

    /// As data, to be serialised.
    #[must_use]
    pub fn document<'f>(&self, finding: &'f Finding) -> Document<'f> {
        let label = |label: &'f Label| LabelDocument { text: &label.text, place: self.place(label.span) };
        Document {
            severity: finding.severity.to_string(),
            code: &finding.code,
            message: &finding.message,
            help: finding.help.as_deref(),
            place: self.place(finding.span),
            labels: finding.labels.iter().map(label).collect(),
            fixes: finding.fixes.iter().map(|fix| self.fix(fix)).collect(),
        }
    }

    fn fix<'f>(&self, fix: &'f Fix) -> FixDocument<'f> {
        let edits =
            fix.edits.iter().map(|edit| EditDocument { text: &edit.text, place: self.place(edit.span) });
        FixDocument { title: &fix.title, edits: edits.collect() }
    }

    fn place(&self, span: Span) -> Place {
        Place {
            file: self.sources.get(span.file).path.display().to_string(),
            start: Position::new(self.sources.start(span), span.start),
            end: Position::new(self.sources.end(span), span.end),
        }
    }
}

/// A finding as data: severity, code, message, place, other places, and edits that mend it. Lines and columns count
/// from 1 and columns in characters, offsets from 0 in bytes; ends are exclusive.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    severity: String,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place,
    labels: Vec<LabelDocument<'a>>,
    fixes: Vec<FixDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct Place {
    file: String,
    start: Position,
    end: Position,
}

#[derive(Debug, Serialize)]
struct Position {
    line: u32,
    column: u32,
    offset: u32,
}

impl Position {
    fn new(at: LineColumn, offset: u32) -> Self {
        Self { line: at.line, column: at.column, offset }
    }
}

#[derive(Debug, Serialize)]
struct LabelDocument<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Place,
}

#[derive(Debug, Serialize)]
struct FixDocument<'a> {
    title: &'a str,
    edits: Vec<EditDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct EditDocument<'a> {
    text: &'a str,
    #[serde(flatten)]
    place: Place,
}

/// Control and direction characters as Rust writes them: they could hide text, or drive the terminal.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
    out.into()
}

fn is_unsafe(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A source text for miette, which would look for lines from the beginning each time; here the index knows them.
struct View<'a> {
    source: &'a Source,
    name: String,
    text: Cow<'a, str>,
}

impl<'a> View<'a> {
    fn new(source: &'a Source) -> Self {
        Self {
            source,
            name: escaped(&source.path.display().to_string()).into_owned(),
            text: harmless(&source.text),
        }
    }
}

/// The text with `?` for each byte of a character that could drive a terminal, so that offsets stay.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_drawn = |character| matches!(character, '\n' | '\r' | '\t') || !is_unsafe(character);
    if text.chars().all(is_drawn) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_drawn(character) {
            out.push(character);
        } else {
            out.extend(std::iter::repeat_n('?', character.len_utf8()));
        }
    }
    out.into()
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
        let at = self.source.lines.line_column(&self.text, u32::try_from(span.offset()).unwrap_or(u32::MAX));
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

/// A finding as miette draws it: labels of its own file in one picture, those of other files in further ones.
struct Drawn<'a> {
    finding: &'a Finding,
    message: String,
    view: &'a View<'a>,
    elsewhere: Vec<Elsewhere<'a>>,
}

impl<'a> Drawn<'a> {
    fn new(renderer: &'a Renderer<'a>, finding: &'a Finding) -> Self {
        let view = |file: FileId| &renderer.views[file.0 as usize];
        let elsewhere = finding.labels.iter().filter(|label| label.span.file != finding.span.file);
        Self {
            finding,
            message: escaped(&finding.message).into_owned(),
            view: view(finding.span.file),
            elsewhere: elsewhere
                .map(|label| Elsewhere {
                    span: label.span,
                    text: escaped(&label.text).into_owned(),
                    view: view(label.span.file),
                })
                .collect(),
        }
    }
}

fn labelled(text: Option<&str>, span: Span) -> LabeledSpan {
    LabeledSpan::new(text.map(|text| escaped(text).into_owned()), span.start as usize, span.len())
}

impl std::fmt::Display for Drawn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::fmt::Debug for Drawn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn<'_> {}

impl miette::Diagnostic for Drawn<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(format!("{}[{}]", self.finding.severity, self.finding.code)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.finding.help.as_deref().map(|help| Box::new(escaped(help)) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.view)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Span { start, .. } = self.finding.span;
        let text = self.finding.label.as_deref().map(|text| escaped(text).into_owned());
        let here = LabeledSpan::new_primary_with_span(text, (start as usize, self.finding.span.len()));
        let others = self.finding.labels.iter().filter(|label| label.span.file == self.finding.span.file);
        Some(Box::new(
            std::iter::once(here).chain(others.map(|label| labelled(Some(&label.text), label.span))),
        ))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(self.elsewhere.iter().map(|place| place as &dyn miette::Diagnostic)))
    }
}

/// A label in another file.
struct Elsewhere<'a> {
    span: Span,
    text: String,
    view: &'a View<'a>,
}

impl std::fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::fmt::Debug for Elsewhere<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Elsewhere<'_> {}

impl miette::Diagnostic for Elsewhere<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.view)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(labelled(None, self.span))))
    }
}
