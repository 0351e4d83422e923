//! Reads the files that a compilation needs: imports and included texts followed, each file once.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use ecow::EcoString;
use thiserror::Error;

use super::error::Error;
use super::named::named_files;
use super::project::Project;
use crate::ast::{self, ExprKind, Import, ItemKind};
use crate::catalog::Catalog;
use crate::diagnostic::{Finding, Problems};
use crate::resolve::ImportTarget;
use crate::source::{FileId, MAX_FILE_SIZE, ReadError, SourceError, Sources, Span, World};
use crate::syntax;

/// Why a file can't be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LoadError {
    /// The world doesn't give it.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It is no text.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A file that was asked for and can't be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}: {reason}", path.display())]
pub struct Unreadable {
    /// The file as messages show it.
    pub path: PathBuf,
    /// Why.
    pub reason: LoadError,
}

/// All files of a compilation.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub sources: Sources,
    /// The syntax trees, by file id.
    pub files: Vec<ast::File>,
    /// How many of them were asked for; they come first.
    pub asked: usize,
    /// For each file, where its imports lead, in order.
    pub targets: Vec<Vec<ImportTarget>>,
    /// The included texts, by the call that includes them or by the path that a field names.
    pub included: BTreeMap<Span, EcoString>,
    pub project: Project,
    pub problems: Problems,
    pub unreadable: Vec<Unreadable>,
}

/// Loads the files and what they import and include, and what the project's `citadel.toml` says.
pub(super) fn load(world: &dyn World, roots: &[PathBuf], catalog: &Catalog) -> Loaded {
    let mut loader =
        Loader { world, catalog, loaded: Loaded::default(), paths: Vec::new(), known: BTreeMap::new() };
    for root in roots {
        if let Err(reason) = loader.open(root) {
            loader.loaded.unreadable.push(Unreadable { path: world.display(root), reason });
        }
    }
    loader.loaded.asked = loader.loaded.files.len();
    let mut next = 0;
    while next < loader.loaded.files.len() {
        loader.follow_imports(next);
        loader.follow_includes(next);
        next += 1;
    }
    loader.read_project();
    loader.loaded
}

struct Loader<'w> {
    world: &'w dyn World,
    catalog: &'w Catalog,
    loaded: Loaded,
    /// The path of each file, by its id.
    paths: Vec<PathBuf>,
    known: BTreeMap<PathBuf, FileId>,
}

impl Loader<'_> {
    fn open(&mut self, path: &Path) -> Result<FileId, LoadError> {
        let path = self.world.locate(path)?;
        if let Some(known) = self.known.get(&path) {
            return Ok(*known);
        }
        let id = self.read(&path)?;
        let (file, problems) = syntax::parse(id, &self.loaded.sources.get(id).text);
        self.loaded.problems.extend(problems);
        self.loaded.files.push(file);
        self.paths.push(path.clone());
        self.known.insert(path, id);
        Ok(id)
    }

    fn read(&mut self, path: &Path) -> Result<FileId, LoadError> {
        let bytes = self.world.read(path, MAX_FILE_SIZE)?;
        Ok(self.loaded.sources.add(&self.world.display(path), &bytes)?)
    }

    fn follow_imports(&mut self, file: usize) {
        let imports: Vec<Option<ast::Text>> =
            self.loaded.files[file].items.iter().filter_map(|item| import_path(&item.kind)).collect();
        let targets = imports.iter().map(|path| self.import(file, path.as_ref()?)).collect();
        self.loaded.targets.push(targets);
    }

    fn import(&mut self, file: usize, written: &ast::Text) -> ImportTarget {
        let path = written.value.clone();
        let opened = self.target(file, &path).and_then(|target| self.open(&target));
        let error = match opened {
            Ok(file) => return Some(file),
            Err(LoadError::Read(ReadError::OutsideRoot)) => Error::ImportOutsideRoot { path },
            Err(reason) => Error::ImportNotFound { path, reason: reason.to_string() },
        };
        self.loaded.problems.report(Finding::new(written.span, error));
        None
    }

    fn follow_includes(&mut self, file: usize) {
        let tree = &self.loaded.files[file];
        let calls: Vec<(Span, Span, EcoString)> = tree
            .exprs
            .iter()
            .filter_map(|(_, expr)| {
                let (at, path) = included_path(tree, expr)?;
                Some((expr.span, at, path))
            })
            .collect();
        let named = named_files(tree, self.catalog).into_iter().map(|(at, path)| (at, at, path));
        let texts: Vec<_> = calls.into_iter().chain(named).collect();
        for (call, at, path) in texts {
            let text = self.target(file, &path).and_then(|target| self.text(&target));
            let error = match text {
                Ok(text) => {
                    self.loaded.included.insert(call, text);
                    continue;
                }
                Err(LoadError::Read(ReadError::OutsideRoot)) => Error::IncludeOutsideRoot { path },
                Err(reason) => Error::IncludeNotFound { path, reason: reason.to_string() },
            };
            self.loaded.problems.report(Finding::new(at, error));
        }
    }

    fn text(&self, path: &Path) -> Result<EcoString, LoadError> {
        let bytes = self.world.read(path, MAX_FILE_SIZE)?;
        Ok(Sources::decode(&bytes)?.into())
    }

    /// The file that a path leads to, from the folder of the file that it is written in.
    fn target(&self, file: usize, written: &str) -> Result<PathBuf, LoadError> {
        let folder = self.paths.get(file).and_then(|path| path.parent()).unwrap_or(Path::new(""));
        Ok(join(folder, written).ok_or(ReadError::OutsideRoot)?)
    }

    fn read_project(&mut self) {
        let path = Path::new("citadel.toml");
        match self.read(path) {
            Ok(id) => {
                let text = &self.loaded.sources.get(id).text;
                self.loaded.project = Project::parse(id, text, &mut self.loaded.problems);
            }
            Err(LoadError::Read(ReadError::NotFound)) => {}
            Err(reason) => self.loaded.unreadable.push(Unreadable { path: self.world.display(path), reason }),
        }
    }
}

/// Where an import leads, as written; none where what is wrong with it has been reported: it takes no name, or its path
/// is no literal and so has no value.
fn import_path(kind: &ItemKind) -> Option<Option<ast::Text>> {
    let ItemKind::Import(Import { names, path }) = kind else { return None };
    let is_literal = !path.value.is_empty() || path.span.len() <= "\"\"".len();
    Some(Some(path).filter(|_| is_literal && !names.is_empty()).cloned())
}

/// The path of `include("path")`, and where it stands.
fn included_path(file: &ast::File, expr: &ast::Expr) -> Option<(Span, EcoString)> {
    let ExprKind::Call { function, args } = &expr.kind else { return None };
    let [path] = args.as_slice() else { return None };
    match &file.exprs[*path].kind {
        ExprKind::String { value, .. } if function.text == "include" => {
            Some((file.exprs[*path].span, value.clone()))
        }
        _ => None,
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

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::join;
    use crate::catalog::Catalog;
    use crate::source::{MemoryWorld, World};

    fn load(world: &dyn World, roots: &[PathBuf]) -> super::Loaded {
        super::load(world, roots, &Catalog::standard())
    }

    #[test]
    fn paths_stay_in_the_project() {
        let joined = |folder: &str, written: &str| join(Path::new(folder), written);
        assert_eq!(joined("a/b", "./c.citadel"), Some(PathBuf::from("a/b/c.citadel")));
        assert_eq!(joined("a/b", "../c.citadel"), Some(PathBuf::from("a/c.citadel")));
        assert_eq!(joined("a", "../../c.citadel"), None);
        assert_eq!(joined("a", "/etc/passwd"), None);
    }

    #[test]
    fn each_file_is_read_once() {
        let world = MemoryWorld::default()
            .with(
                "a.citadel",
                "import { x } from \"./b.citadel\"\nimport { x as y } from \"./c/../b.citadel\"\n",
            )
            .with("b.citadel", "import { z } from \"./a.citadel\"\nconst x = 1\n")
            .with("citadel.toml", "");
        let loaded = load(&world, &["a.citadel".into(), "a.citadel".into()]);
        let paths: Vec<_> = loaded.sources.iter().map(|source| source.path.display().to_string()).collect();
        assert_eq!(paths, ["a.citadel", "b.citadel", "citadel.toml"]);
        assert_eq!(loaded.files.len(), 2);
        assert!(loaded.problems.is_empty() && loaded.unreadable.is_empty());
    }

    #[test]
    fn what_can_not_be_had_is_said_for_each_file() {
        let loaded = load(
            &MemoryWorld::default().with("a.citadel", [0xff]),
            &["a.citadel".into(), "b.citadel".into()],
        );
        let said: Vec<_> = loaded.unreadable.iter().map(ToString::to_string).collect();
        assert_eq!(said[0], "a.citadel: it is no UTF-8 text: byte 0 can't be decoded");
        assert_eq!(said[1], "b.citadel: there is no such file");
    }
}
