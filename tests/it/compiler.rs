//! The compiler, as the tests of files call it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use citadel::compile;
use citadel::source::MemoryWorld;

/// A finding, reduced to what a text can announce, and its message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) file: String,
    /// From 1, like the column.
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, severity, code, message } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

/// The findings of the files named `roots`, in a project of `files`.
pub(crate) fn check(files: &BTreeMap<String, Vec<u8>>, roots: &[String]) -> Vec<Found> {
    let world =
        files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.with(path, text.clone()));
    let roots: Vec<PathBuf> = roots.iter().map(PathBuf::from).collect();
    let outcome = compile::check(&world, &roots);
    outcome
        .findings
        .iter()
        .map(|finding| {
            let place = outcome.sources.start(finding.span);
            Found {
                file: outcome.sources.get(finding.span.file).path.display().to_string(),
                line: place.line as usize,
                column: place.column as usize,
                severity: finding.severity.to_string(),
                code: finding.code.clone(),
                message: finding.message.clone(),
            }
        })
        .collect()
}

/// The findings of one file alone.
pub(crate) fn check_text(text: &str) -> Vec<Found> {
    let name = "test.citadel".to_owned();
    check(&BTreeMap::from([(name.clone(), text.as_bytes().to_vec())]), &[name])
}
