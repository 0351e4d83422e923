use miette::GraphicalReportHandler;

use super::document::Document;
use super::drawn::Drawn;
use super::escape::escaped;
use super::view::View;
use crate::diagnostic::Finding;
use crate::source::{LineColumn, Sources};

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
        match handler.render_report(&mut text, &Drawn::new(&self.views, finding)) {
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
        Document::new(finding, self.sources)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use miette::{GraphicalReportHandler, GraphicalTheme};

    use super::Renderer;
    use crate::diagnostic::{Finding, Severity};
    use crate::source::{FileId, Sources, Span};

    fn finding(span: Span) -> Finding {
        Finding {
            span,
            severity: Severity::Error,
            code: "some_code".into(),
            message: "`x` is wrong".into(),
            label: None,
            labels: Vec::new(),
            help: Some("write `y`".into()),
            fixes: Vec::new(),
            covers: None,
        }
    }

    fn drawn(sources: &Sources, finding: &Finding) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_links(false);
        Renderer::new(sources).drawn(&handler, finding)
    }

    fn sources(texts: &[(&str, &str)]) -> Sources {
        let mut sources = Sources::default();
        for (path, text) in texts {
            sources.add_text(Path::new(path), text);
        }
        sources
    }

    #[test]
    fn places_in_several_files_are_drawn_each_in_its_file() {
        let sources = sources(&[("a.citadel", "one\ntwo x\n"), ("b.citadel", "first\n  second\n")]);
        let finding = finding(Span::new(FileId(0), 8, 9)).label(Span::new(FileId(1), 8, 14), "declared here");
        let drawn = drawn(&sources, &finding);
        for part in [
            "error[some_code]",
            "a.citadel:2:5",
            "two x",
            "b.citadel:2:3",
            "second",
            "declared here",
            "write `y`",
        ] {
            assert!(drawn.contains(part), "no `{part}` in\n{drawn}");
        }
    }

    #[test]
    fn every_place_can_be_drawn() {
        for text in ["", "x", "x\n", "ä\u{1b}\t\r\n\r\n", "\n\n"] {
            let sources = sources(&[("a.citadel", text)]);
            for start in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                for end in (start..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                    let drawn = drawn(&sources, &finding(Span::new(FileId(0), start, end)));
                    assert!(drawn.contains("is wrong") && !drawn.contains('\u{1b}'), "{drawn}");
                }
            }
        }
    }

    #[test]
    fn of_a_long_line_only_the_place_is_drawn() {
        let text = format!("{} x {}", "é".repeat(100_000), "a".repeat(100_000));
        let sources = sources(&[("a.citadel", &text)]);
        let finding = finding(Span::new(FileId(0), 200_001, 200_002));
        let drawn = drawn(&sources, &finding);
        assert!(drawn.len() < 10_000 && drawn.contains("é x a"), "{} bytes", drawn.len());
        assert!(drawn.contains("a.citadel:1:100002"));
    }
}
