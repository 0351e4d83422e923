use std::path::PathBuf;

use super::load::{Loaded, Unreadable, load};
use super::settle::settle;
use crate::catalog::Catalog;
use crate::check::program::Program;
use crate::check::{self as checking, Checked, Input};
use crate::diagnostic::{Finding, Severity};
use crate::resolve::resolve;
use crate::source::{MemoryWorld, Sources, World};

/// What a compilation found.
#[derive(Debug)]
pub struct Compilation {
    /// The files, for whoever shows findings.
    pub sources: Sources,
    /// Sorted by place, each once, levels and suppressions applied.
    pub findings: Vec<Finding>,
    /// Files that were asked for and can't be had. What an import can't give is a finding.
    pub unreadable: Vec<Unreadable>,
    /// How many of the sources are `.citadel` files.
    pub files: usize,
    /// The program, where no finding is an error.
    pub(super) program: Option<Checked<Program>>,
}

impl Compilation {
    /// How many findings there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Checks files and all that they import, as one program.
#[must_use]
pub fn check(world: &dyn World, roots: &[PathBuf]) -> Compilation {
    let Loaded { sources, files, targets, included, project, mut problems, unreadable } = load(world, roots);
    let catalog = Catalog::standard();
    let paths: Vec<String> = sources.iter().map(|source| source.path.display().to_string()).collect();
    let (resolved, found) = resolve(files, &targets, &paths, &catalog);
    problems.extend(found);
    let input = Input { resolved: &resolved, sources: &sources, included: &included, catalog: &catalog };
    let (program, found) = checking::check(input);
    problems.extend(found);
    let findings = settle(problems, &resolved.files, &sources, &project);
    let is_sound =
        unreadable.is_empty() && findings.iter().all(|finding| finding.severity != Severity::Error);
    let program = program.filter(|_| is_sound);
    Compilation { sources, findings, unreadable, files: resolved.files.len(), program }
}

/// Checks a text that imports nothing.
#[must_use]
pub fn check_text(text: &str) -> Compilation {
    let path = PathBuf::from("text.citadel");
    check(&MemoryWorld::default().with(&path, text), &[path])
}
