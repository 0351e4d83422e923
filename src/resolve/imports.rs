//! Imports: what they take from where, and circles among files.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::built_in::BuiltIn;
use super::cycle::circles;
use super::declaration::{DeclarationId, Namespace};
use super::error::Error;
use super::resolved::{ImportTarget, Resolved, duplicate, taken};
use crate::ast::{Import, ImportName, ItemKind, Name};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::{FileId, Sources, Span};

/// Where the imports of each file lead.
pub(super) struct Imports<'a> {
    pub targets: &'a [Vec<ImportTarget>],
    pub sources: &'a Sources,
    /// How many of the files were asked for; they come first.
    pub asked: usize,
    pub built_in: &'a BuiltIn,
}

const NAMESPACES: [Namespace; 10] = [
    Namespace::Value,
    Namespace::Type,
    Namespace::Policy,
    Namespace::Error,
    Namespace::Workflow,
    Namespace::Activity,
    Namespace::Plugin,
    Namespace::Schedule,
    Namespace::Trigger,
    Namespace::Test,
];

/// A name that a file takes from another.
#[derive(Debug)]
pub(super) struct Imported {
    /// The file that takes it.
    pub file: FileId,
    /// Its name there.
    pub name: EcoString,
    /// Where that stands.
    pub span: Span,
    /// What it stands for; one name may be that of a type and of a value.
    pub found: Vec<(Namespace, DeclarationId)>,
}

impl Imports<'_> {
    /// Gives each file the names that it imports. All are looked up before any is added, so that nobody imports what
    /// was itself imported. The second result are declarations that an import takes the name of.
    pub fn follow(
        &self,
        resolved: &mut Resolved,
        problems: &mut Problems,
    ) -> (Vec<Imported>, BTreeSet<usize>) {
        let mut imported = Vec::new();
        let mut missing = Vec::new();
        for (file, import, target) in self.all(resolved) {
            for name in &import.names {
                let local = name.alias.as_ref().unwrap_or(&name.name);
                let found = target.map(|target| find(resolved, target, &name.name.text)).unwrap_or_default();
                let is_taken = |(namespace, _): &&(Namespace, _)| self.built_in.has(*namespace, &local.text);
                // A declaration that has the name itself is refused where it stands.
                let renamed = found.iter().find(is_taken).filter(|_| name.alias.is_some());
                if let Some((namespace, _)) = renamed {
                    problems.report(taken(*namespace, local));
                } else if found.is_empty() {
                    missing.push((file, local.text.clone()));
                    if target == Some(file) {
                        // That a file imports itself is all there is to say.
                        continue;
                    }
                    // Where the name is used it may be written rightly.
                    let meant = target.and_then(|target| refuse(resolved, target, import, name, problems));
                    missing.extend(meant.map(|meant| (file, meant)));
                } else {
                    imported.push(Imported { file, name: local.text.clone(), span: local.span, found });
                }
            }
        }
        resolved.missing.extend(missing);
        let mut clashing = BTreeSet::new();
        let mut places = BTreeMap::new();
        imported.retain(|imported| match clash(resolved, &places, imported) {
            Some(Clash { namespace, declared, first }) => {
                let (first, second) =
                    if first < imported.span { (first, imported.span) } else { (imported.span, first) };
                problems.report(duplicate(namespace, &imported.name, second, first));
                clashing.insert(declared.0 as usize);
                false
            }
            None => {
                add(resolved, &mut places, imported);
                true
            }
        });
        (imported, clashing)
    }

    /// Every import with the file that it stands in and the one that it leads to.
    fn all<'r>(&'r self, resolved: &'r Resolved) -> impl Iterator<Item = (FileId, &'r Import, ImportTarget)> {
        resolved.files.iter().zip(self.targets).flat_map(|(file, targets)| {
            let imports = file.items.iter().filter_map(|item| match &item.kind {
                ItemKind::Import(import) => Some(import),
                _ => None,
            });
            imports.zip(targets).map(|(import, target)| (file.id, import, *target))
        })
    }

    /// Files that import each other, at the import that closes the circle.
    pub fn report_circles(&self, resolved: &Resolved, problems: &mut Problems) {
        let edges: Vec<Vec<usize>> = self
            .targets
            .iter()
            .map(|targets| targets.iter().flatten().map(|file| file.0 as usize).collect())
            .collect();
        for circle in circles(&edges) {
            let (Some(first), Some(last)) = (circle.first(), circle.last()) else { continue };
            let path = |file: &usize| self.sources.get(FileId(*file as u32)).path.display().to_string();
            let names: Vec<String> = circle.iter().chain([first]).map(path).collect();
            let closing = self.all(resolved).find(|(file, _, target)| {
                file.0 as usize == *last && target.is_some_and(|target| target.0 as usize == *first)
            });
            if let Some((_, import, _)) = closing {
                let error = Error::ImportCycle { way: names.join(" → ") };
                problems.report(Finding::new(import.path.span, error));
            }
        }
    }
}

/// What a file declares by a name and others may have.
fn find(resolved: &Resolved, file: FileId, name: &str) -> Vec<(Namespace, DeclarationId)> {
    let importable = NAMESPACES.iter().filter(|namespace| namespace.is_importable());
    importable.filter_map(|namespace| Some((*namespace, resolved.lookup(file, *namespace, name)?))).collect()
}

/// Says why a name can't be had from a file that doesn't declare it, or not for others. Gives the name that may have been
/// meant.
fn refuse(
    resolved: &Resolved,
    target: FileId,
    import: &Import,
    name: &ImportName,
    problems: &mut Problems,
) -> Option<EcoString> {
    let Name { text, span } = &name.name;
    let is_declared = |namespace: &&Namespace| resolved.lookup(target, **namespace, text).is_some();
    if let Some(namespace) = NAMESPACES.iter().find(is_declared) {
        problems.report(Finding::new(*span, Error::NotImportable { noun: namespace.noun() }));
        return None;
    }
    if resolved.files[target.0 as usize].incomplete {
        return None;
    }
    let importable = NAMESPACES.iter().filter(|namespace| namespace.is_importable());
    let suggestion = nearest(text, importable.flat_map(|namespace| resolved.known(target, *namespace)));
    let suggestion = suggestion.map(EcoString::from);
    let path = import.path.value.clone();
    let error = Error::UnknownImport { path, name: text.clone(), suggestion: suggestion.clone() };
    let finding = Finding::new(*span, error);
    problems.report(match &suggestion {
        Some(near) => finding.fix(format!("write `{near}`"), *span, near.clone()),
        None => finding,
    });
    suggestion
}

/// Where the names that files import stand.
type Places = BTreeMap<(FileId, Namespace, EcoString), Span>;

/// Something of the file that has the name of an import already.
struct Clash {
    namespace: Namespace,
    declared: DeclarationId,
    /// Where the file says so: its declaration, or another import.
    first: Span,
}

fn clash(resolved: &Resolved, places: &Places, imported: &Imported) -> Option<Clash> {
    let Imported { file, name, found, .. } = imported;
    found.iter().find_map(|(namespace, _)| {
        let declared = resolved.lookup(*file, *namespace, name)?;
        let place = places.get(&(*file, *namespace, name.clone())).copied();
        let first = place.unwrap_or(resolved.declaration(declared).name.span);
        Some(Clash { namespace: *namespace, declared, first })
    })
}

fn add(resolved: &mut Resolved, places: &mut Places, imported: &Imported) {
    for (namespace, id) in &imported.found {
        let key = (imported.file, *namespace, imported.name.clone());
        places.insert(key.clone(), imported.span);
        resolved.names.insert(key, *id);
    }
}
