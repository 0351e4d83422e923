use serde::Serialize;

use crate::diagnostic::{Edit, Finding, Fix, Label};
use crate::source::{LineColumn, Sources, Span};

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

impl<'a> Document<'a> {
    pub(super) fn new(finding: &'a Finding, sources: &Sources) -> Self {
        let place = |span| Place::new(span, sources);
        let label = |label: &'a Label| LabelDocument { text: &label.text, place: place(label.span) };
        let edit = |edit: &'a Edit| EditDocument { text: &edit.text, place: place(edit.span) };
        let fix =
            |fix: &'a Fix| FixDocument { title: &fix.title, edits: fix.edits.iter().map(edit).collect() };
        Self {
            severity: finding.severity.to_string(),
            code: &finding.code,
            message: &finding.message,
            help: finding.help.as_deref(),
            place: place(finding.span),
            labels: finding.labels.iter().map(label).collect(),
            fixes: finding.fixes.iter().map(fix).collect(),
        }
    }
}

#[derive(Debug, Serialize)]
struct Place {
    file: String,
    start: Position,
    end: Position,
}

impl Place {
    fn new(span: Span, sources: &Sources) -> Self {
        Self {
            file: sources.get(span.file).path.display().to_string(),
            start: Position::new(sources.start(span), span.start),
            end: Position::new(sources.end(span), span.end),
        }
    }
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
