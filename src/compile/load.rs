//! Reads the files that a compilation needs, imports followed.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ItemKind};
use crate::diagnostic::{Finding, Problems};
use crate::resolve::ImportTarget;
use crate::source::{FileId, MAX_FILE_SIZE, ReadError, SourceError, Sources, Span, World};
use crate::syntax;

/// Why an import leads nowhere.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{path}` can't be imported: {reason}")]
    #[diagnostic(code(import_not_found), help("a path is relative to the file that imports: `./common.citadel`"))]
    NotFound { path: EcoString, reason: String },
    #[error("`{path}` lies outside the project's root")]
    #[diagnostic(code(import_outside_root), help("move the file into the project; its root is the folder of `citadel.toml`"))]
    OutsideRoot { path: EcoString },
}

/// Why a file that was asked for can't be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The world doesn't give it.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadError,
    },
    /// It is no text.
    #[error("{}: {source}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SourceError,
    },
}

impl LoadError {
    /// As a finding, for a text that has no file.
    pub(super) fn into_finding(self) -> Finding {
        Finding::new(Span::default(), Unreadable(self))
    }
}

/// A text that is no source.
#[derive(Debug, Error, Diagnostic)]
#[error("{0}")]
#[diagnostic(code(unreadable_text), help("a file is UTF-8 text of at most 16 MiB"))]
struct Unreadable(LoadError);

/// All files of a compilation.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub sources: Sources,
    pub files: Vec<ast::File>,
    /// For each file, where its imports lead, in order.
    pub targets: Vec<Vec<ImportTarget>>,
    pub problems: Problems,
}

/// Loads the files and what they import, each once.
pub(super) fn load(world: &dyn World, roots: &[PathBuf]) -> Result<Loaded, LoadError> {
    let mut loader = Loader { world, loaded: Loaded::default(), known: BTreeMap::new() };
    for root in roots {
        loader.open(root)?;
    }
    let mut next = 0;
    while next < loader.loaded.files.len() {
        loader.follow_imports(next);
        next += 1;
    }
    Ok(loader.loaded)
}

struct Loader<'w> {
    world: &'w dyn World,
    loaded: Loaded,
    known: BTreeMap<PathBuf, FileId>,
}

impl Loader<'_> {
    fn open(&mut self, path: &Path) -> Result<FileId, LoadError> {
        if let Some(known) = self.known.get(path) {
            return Ok(*known);
        }
        let bytes = self
            .world
            .read(path, MAX_FILE_SIZE)
            .map_err(|source| LoadError::Read { path: self.world.display(path), source })?;
        let shown = self.world.display(path);
        let id = self
            .loaded
            .sources
            .add(&shown, &bytes)
            .map_err(|source| LoadError::Source { path: shown.clone(), source })?;
        let (file, problems) = syntax::parse(id, &self.loaded.sources.get(id).text);
        self.loaded.problems.extend(problems);
        self.loaded.files.push(file);
        self.known.insert(path.to_owned(), id);
        Ok(id)
    }

    fn follow_imports(&mut self, file: usize) {
        let here = self.known.iter().find(|(_, id)| id.0 as usize == file).map(|(path, _)| path.clone());
        let folder = here.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
        let imports: Vec<ast::Text> = self.loaded.files[file]
            .items
            .iter()
            .filter_map(|item| if let ItemKind::Import(import) = &item.kind { Some(import.path.clone()) } else { None })
            .collect();
        let targets = imports.iter().map(|path| self.follow(&folder, path)).collect();
        self.loaded.targets.push(targets);
    }

    fn follow(&mut self, folder: &Path, written: &ast::Text) -> ImportTarget {
        let path = written.value.clone();
        let refused_before = path.is_empty() && written.span.range().len() > "\"\"".len();
        if refused_before {
            return None;
        }
        let Some(target) = join(folder, &path) else {
            self.loaded.problems.report(Finding::new(written.span, Error::OutsideRoot { path }));
            return None;
        };
        let error = match self.open(&target) {
            Ok(file) => return Some(file),
            Err(LoadError::Read { source: ReadError::OutsideRoot, .. }) => Error::OutsideRoot { path },
            Err(LoadError::Read { source, .. }) => Error::NotFound { path, reason: source.to_string() },
            Err(LoadError::Source { source, .. }) => Error::NotFound { path, reason: source.to_string() },
        };
        self.loaded.problems.report(Finding::new(written.span, error));
        None
    }
}

/// A path of the project from a folder of it and a path as written; `None` where it leaves the root.
fn join(folder: &Path, written: &str) -> Option<PathBuf> {
    let mut joined = folder.to_owned();
    for part in Path::new(written).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => joined.push(name),
            Component::ParentDir => {
                if !joined.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(joined)
}
