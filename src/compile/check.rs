use std::path::{Path, PathBuf};

use super::load::{LoadError, Loaded, load};
use super::settle::settle;
use super::Project;
use crate::diagnostic::{Finding, Severity};
use crate::resolve::resolve;
use crate::source::{MemoryWorld, Sources, World};

/// What a compilation found, and the program where nothing stands against it.
#[derive(Debug)]
pub struct Compilation {
    /// The files, for whoever shows findings.
    pub sources: Sources,
    /// Sorted by place, each once, levels and suppressions applied.
    pub findings: Vec<Finding>,
}

impl Compilation {
    /// How many findings there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Checks files and all that they import, as one program.
///
/// # Errors
/// When one of the files that were asked for can't be had. What an import can't give is a finding.
pub fn check(world: &dyn World, roots: &[PathBuf], project: &Project) -> Result<Compilation, LoadError> {
    Ok(finish(load(world, roots)?, project))
}

/// Checks a text that imports nothing.
#[must_use]
pub fn check_text(text: &str) -> Compilation {
    let path = PathBuf::from("text.citadel");
    let world = MemoryWorld::default().with(&path, text);
    match load(&world, &[path]) {
        Ok(loaded) => finish(loaded, &Project::default()),
        Err(error) => Compilation {
            sources: Sources::default(),
            findings: vec![error.into_finding()],
        },
    }
}

fn finish(loaded: Loaded, project: &Project) -> Compilation {
    let Loaded { sources, files, targets, mut problems } = loaded;
    let paths: Vec<String> = sources.iter().map(|source| shown(&source.path)).collect();
    let (resolved, found) = resolve(files, &targets, &paths);
    problems.extend(found);
    let findings = settle(problems, &resolved.files, &sources, project);
    Compilation { sources, findings }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
