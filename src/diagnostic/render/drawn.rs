use miette::{LabeledSpan, SourceCode};

use super::escape::escaped;
use super::view::View;
use crate::diagnostic::{Finding, Severity};
use crate::source::{FileId, Span};

/// A finding as miette draws it: labels of its own file in one picture, those of other files in further ones.
pub(super) struct Drawn<'a> {
    finding: &'a Finding,
    message: String,
    view: &'a View<'a>,
    elsewhere: Vec<Elsewhere<'a>>,
}

impl<'a> Drawn<'a> {
    pub(super) fn new(views: &'a [View<'a>], finding: &'a Finding) -> Self {
        let view = |file: FileId| &views[file.0 as usize];
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
