use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::arguments::{CheckArguments, Deny, Format};
use super::disk::Disk;
use super::failure::Failure;
use super::find::citadel_files;
use super::terminal;
use crate::compile::{self, Compilation};
use crate::diagnostic::Severity;
use crate::diagnostic::render::Renderer;

/// `citadel check`: 0 where nothing stands against the files, 1 where something does.
pub(super) fn check(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let (disk, roots) = roots(&arguments.paths)?;
    let compilation = compile::check(&disk, &roots, &disk.project()?)?;
    print(&compilation, arguments.format, &mut std::io::stdout().lock()).map_err(Failure::Output)?;
    eprintln!("{}", summary(&compilation));
    let refused = compilation.count(Severity::Error) > 0
        || (arguments.deny == Some(Deny::Warnings) && compilation.count(Severity::Warning) > 0);
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The project and the files of it that were asked for: those of the whole project where none was.
fn roots(paths: &[PathBuf]) -> Result<(Disk, Vec<PathBuf>), Failure> {
    let here = PathBuf::from(".");
    let disk = Disk::of(paths.first().unwrap_or(&here))?;
    let whole = [disk.root().to_owned()];
    let files = citadel_files(if paths.is_empty() { &whole } else { paths })?;
    if files.is_empty() {
        return Err(Failure::Usage("there are no .citadel files here".to_owned()));
    }
    let names = files.iter().map(|file| disk.name(file)).collect::<Result<_, _>>()?;
    Ok((disk, names))
}

/// Writes the findings.
pub(super) fn print(compilation: &Compilation, format: Format, out: &mut dyn Write) -> std::io::Result<()> {
    let mut out = BufWriter::new(out);
    let renderer = Renderer::new(&compilation.sources);
    let handler = terminal::handler();
    for finding in &compilation.findings {
        let text = match format {
            Format::Human => renderer.drawn(&handler, finding),
            Format::Short => renderer.line(finding),
            Format::Json => renderer.json(finding),
        };
        writeln!(out, "{text}")?;
    }
    out.flush()
}

/// How many findings there are, in one line.
pub(super) fn summary(compilation: &Compilation) -> String {
    let files = counted(compilation.sources.iter().count(), "file");
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter(|severity| compilation.count(*severity) > 0)
        .map(|severity| counted(compilation.count(severity), &severity.to_string()))
        .collect();
    if counts.is_empty() { format!("no findings in {files}") } else { format!("{} in {files}", counts.join(", ")) }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
