use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::arguments::{CheckArguments, Deny, Format};
use super::disk::Disk;
use super::failure::Failure;
use super::find::citadel_files;
use super::terminal;
use crate::compile::{self, Compilation};
use crate::diagnostic::{Severity, render};

/// `citadel check`: 0 where nothing stands against the files, 1 where something does.
pub(super) fn check(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let (disk, roots) = roots(&arguments.paths)?;
    let compilation = compile::check(&disk, &roots, &disk.project()?)?;
    print(&compilation, arguments.format).map_err(Failure::Output)?;
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

fn print(compilation: &Compilation, format: Format) -> std::io::Result<()> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let sources = &compilation.sources;
    match format {
        Format::Human => {
            let handler = terminal::handler();
            for finding in &compilation.findings {
                writeln!(out, "{}", render::drawn(&handler, finding, sources))?;
            }
        }
        Format::Short => {
            for finding in &compilation.findings {
                writeln!(out, "{}", render::line(finding, sources))?;
            }
        }
        Format::Json => {
            for finding in &compilation.findings {
                writeln!(out, "{}", render::json(finding, sources))?;
            }
        }
    }
    out.flush()
}

fn summary(compilation: &Compilation) -> String {
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
