use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use super::arguments::Format;
use super::terminal;
use crate::compile::Compilation;
use crate::diagnostic::Severity;
use crate::diagnostic::render::{Document, Renderer};

/// Writes the findings of compilations.
pub(super) fn print<Out: Write + IsTerminal>(
    compilations: &[Compilation],
    format: Format,
    out: Out,
) -> io::Result<()> {
    let handler = terminal::handler(&out);
    let mut out = BufWriter::new(out);
    let renderers: Vec<Renderer<'_>> = compilations.iter().map(|it| Renderer::new(&it.sources)).collect();
    let findings = || {
        compilations.iter().zip(&renderers).flat_map(|(it, by)| it.findings.iter().map(move |it| (by, it)))
    };
    match format {
        Format::Human => {
            findings().try_for_each(|(by, finding)| writeln!(out, "{}", by.drawn(&handler, finding)))?;
        }
        Format::Short => findings().try_for_each(|(by, finding)| writeln!(out, "{}", by.line(finding)))?,
        Format::Json => {
            let findings = findings().map(|(by, finding)| by.document(finding)).collect();
            let report = Report { findings, counts: Counts::of(compilations) };
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
    }
    out.flush()
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Document<'a>>,
    #[serde(flatten)]
    counts: Counts,
}

/// How many findings there are, by severity, in how many `.citadel` files.
#[derive(Serialize)]
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    files: usize,
}

impl Counts {
    fn of(compilations: &[Compilation]) -> Self {
        let count = |severity| compilations.iter().map(|it| it.count(severity)).sum();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            files: compilations.iter().map(|it| it.files).sum(),
        }
    }
}

/// How many findings there are, in one line.
pub(super) fn summary(compilations: &[Compilation]) -> String {
    let Counts { errors, warnings, notes, files } = Counts::of(compilations);
    let counts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let found: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let files = counted(files, "file");
    if found.is_empty() {
        format!("checked {files}: no problems")
    } else {
        format!("{} in {files}", found.join(", "))
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
