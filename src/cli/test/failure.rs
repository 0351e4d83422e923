use std::io::{self, IsTerminal, Write};

use super::command::Ran;
use super::timeline::lines;
use crate::cli::terminal;
use crate::diagnostic::render::escaped;

/// Shows why a test failed: what isn't as expected, why the run failed, and what happened when.
pub(super) fn draw<Out: Write + IsTerminal>(ran: &Ran<'_>, out: &mut Out) -> io::Result<()> {
    let handler = terminal::handler(out);
    for finding in ran.verdict.findings.iter().chain(&ran.verdict.failure) {
        writeln!(out, "{}", ran.renderer.drawn(&handler, finding))?;
    }
    for note in &ran.verdict.notes {
        writeln!(out, "  note: {}", escaped(&note.message))?;
    }
    for line in lines(&ran.verdict.timeline) {
        writeln!(out, "  {}", escaped(&line))?;
    }
    writeln!(out)
}
