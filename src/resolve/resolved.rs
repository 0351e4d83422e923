use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::built_in::BuiltIn;
use super::declaration::{Declaration, DeclarationId, Namespace, declared};
use super::error::Error;
use super::imports::Imports;
use super::uses::Uses;
use crate::ast::{File, Item, Name};
use crate::catalog::Catalog;
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::{FileId, Sources, Span};

/// Where an import leads: the file, or `None` where it can't be had, which has been reported.
pub type ImportTarget = Option<FileId>;

/// All files of a compilation with their names resolved.
#[derive(Debug, Default)]
pub struct Resolved {
    /// The files, by id.
    pub files: Vec<File>,
    pub(super) declarations: Vec<Declaration>,
    /// What a name stands for in a file, imports among them.
    pub(super) names: BTreeMap<(FileId, Namespace, EcoString), DeclarationId>,
    /// Names that an import promised and could not give: what they are is unknown, and nothing is to be said of it.
    pub(super) missing: BTreeSet<(FileId, EcoString)>,
}

impl Resolved {
    /// What a name stands for in a file.
    #[must_use]
    pub fn lookup(&self, file: FileId, namespace: Namespace, name: &str) -> Option<DeclarationId> {
        self.names.get(&(file, namespace, name.into())).copied()
    }

    /// Whether an import of the file promised the name and failed: it is reported already.
    #[must_use]
    pub fn is_missing(&self, file: FileId, name: &str) -> bool {
        self.missing.contains(&(file, name.into()))
            || self.files.get(file.0 as usize).is_some_and(|file| file.incomplete)
    }

    /// Whether an import of the file promised the name and failed.
    #[must_use]
    pub fn is_promised(&self, file: FileId, name: &str) -> bool {
        self.missing.contains(&(file, name.into()))
    }

    /// The declaration of an id that this table gave out.
    #[must_use]
    pub fn declaration(&self, id: DeclarationId) -> &Declaration {
        &self.declarations[id.0 as usize]
    }

    /// The item of a declaration.
    #[must_use]
    pub fn item(&self, id: DeclarationId) -> &Item {
        let declaration = self.declaration(id);
        &self.files[declaration.file.0 as usize].items[declaration.item]
    }

    /// All declarations, by file and place.
    pub fn declarations(&self) -> impl Iterator<Item = (DeclarationId, &Declaration)> {
        self.declarations.iter().zip(0..).map(|(declaration, index)| (DeclarationId(index), declaration))
    }

    /// The names of a namespace that a file knows, sorted.
    pub fn known(&self, file: FileId, namespace: Namespace) -> impl Iterator<Item = &str> {
        let from = (file, namespace, EcoString::new());
        self.names
            .range(from..)
            .take_while(move |((f, n, _), _)| (*f, *n) == (file, namespace))
            .map(|((_, _, name), _)| name.as_str())
    }

    /// The known name that was probably meant.
    #[must_use]
    pub fn nearest(&self, file: FileId, namespace: Namespace, name: &str) -> Option<&str> {
        nearest(name, self.known(file, namespace))
    }
}

/// All that a resolution is told.
#[derive(Debug)]
pub struct Input<'a> {
    /// The files, by id; those that were asked for first.
    pub files: Vec<File>,
    /// How many were asked for. The others are there because they are imported, and may be there for yet others.
    pub asked: usize,
    /// For each file where its imports lead, in their order.
    pub targets: &'a [Vec<ImportTarget>],
    /// Their texts and paths.
    pub sources: &'a Sources,
    /// The kinds of nodes, for the names of their errors.
    pub catalog: &'a Catalog,
}

/// Resolves the declarations of all files. What nothing uses is told by the [`Uses`], once all errors are known.
#[must_use]
pub fn resolve(input: Input<'_>) -> (Resolved, Uses<'_>, Problems) {
    let Input { files, asked, targets, sources, catalog } = input;
    let built_in = BuiltIn::new(catalog);
    let mut resolved = Resolved { files, ..Resolved::default() };
    let mut problems = Problems::default();
    let refused = declare(&mut resolved, &built_in, &mut problems);
    let imports = Imports { targets, sources, asked, built_in: &built_in };
    let (imported, mut excused) = imports.follow(&mut resolved, &mut problems);
    excused.extend(refused);
    imports.report_circles(&resolved, &mut problems);
    let uses = Uses::new(&resolved, &imports, sources, imported, excused, &mut problems);
    (resolved, uses, problems)
}

/// Gives each file the names that it declares. The result are declarations whose names are built in: they are refused,
/// and stand for what they declare all the same, so that their uses aren't refused too.
fn declare(resolved: &mut Resolved, built_in: &BuiltIn, problems: &mut Problems) -> Vec<usize> {
    let mut refused = Vec::new();
    for file in &resolved.files {
        for (item, declaration) in file.items.iter().enumerate() {
            let Some((namespace, name)) = declared(declaration) else { continue };
            let id = DeclarationId(resolved.declarations.len() as u32);
            resolved.declarations.push(Declaration { file: file.id, item, namespace, name: name.clone() });
            let key = (file.id, namespace, name.text.clone());
            if name.text.is_empty() {
                // The name is missing, which has been reported.
                continue;
            }
            if built_in.has(namespace, &name.text) {
                problems.report(taken(namespace, &name));
                refused.push(id.0 as usize);
            }
            if let Some(first) = resolved.names.get(&key) {
                let first = resolved.declarations[first.0 as usize].name.span;
                problems.report(duplicate(namespace, &name.text, name.span, first));
            } else {
                resolved.names.insert(key, id);
            }
        }
    }
    refused
}

/// A name that no declaration can have.
pub(super) fn taken(namespace: Namespace, name: &Name) -> Finding {
    Finding::new(name.span, Error::BuiltIn { noun: namespace.noun(), name: name.text.clone() })
}

pub(super) fn duplicate(namespace: Namespace, name: &EcoString, span: Span, first: Span) -> Finding {
    Finding::new(span, Error::Duplicate { noun: namespace.noun(), name: name.clone() })
        .label(first, "declared here first")
}
