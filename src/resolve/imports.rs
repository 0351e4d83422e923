//! Imports: what they take from where, and circles among files.

use ecow::EcoString;

use super::cycle::circles;
use super::declaration::{DeclarationId, Namespace};
use super::error::Error;
use super::resolved::{ImportTarget, Resolved, duplicate};
use crate::ast::{Import, ImportName, ItemKind};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::{FileId, Span};

/// Where the imports of each file lead, and how messages name the files.
pub(super) struct Imports<'a> {
    pub targets: &'a [Vec<ImportTarget>],
    pub paths: &'a [String],
}

const IMPORTABLE: [Namespace; 10] = [
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

impl Imports<'_> {
    /// Gives each file the names that it imports; the result lists them with their places.
    pub fn follow(&self, resolved: &mut Resolved, problems: &mut Problems) -> Vec<(FileId, EcoString, Span)> {
        let mut imported = Vec::new();
        // All imports are read before any name is added, so that nobody imports what was itself imported.
        let mut additions: Vec<(FileId, EcoString, Span, Vec<(Namespace, DeclarationId)>)> = Vec::new();
        let mut missing = Vec::new();
        for (file, import, target) in self.all(resolved) {
            for name in &import.names {
                let local = name.alias.as_ref().unwrap_or(&name.name);
                let found = target.map(|target| find(resolved, target, &name.name.text)).unwrap_or_default();
                match refusal(resolved, target, import, name, &found) {
                    Some(finding) => problems.report(finding),
                    None if target.is_some() => {
                        imported.push((file, local.text.clone(), local.span));
                        additions.push((file, local.text.clone(), local.span, found));
                        continue;
                    }
                    None => {}
                }
                missing.push((file, local.text.clone()));
            }
        }
        resolved.missing.extend(missing);
        for (file, name, span, found) in additions {
            add(resolved, file, &name, span, &found, problems);
        }
        imported
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
        let edges: Vec<Vec<usize>> =
            self.targets.iter().map(|targets| targets.iter().flatten().map(|file| file.0 as usize).collect()).collect();
        for circle in circles(&edges) {
            let (Some(first), Some(last)) = (circle.first(), circle.last()) else { continue };
            let names: Vec<&str> = circle.iter().chain([first]).map(|file| self.paths[*file].as_str()).collect();
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

fn find(resolved: &Resolved, file: FileId, name: &str) -> Vec<(Namespace, DeclarationId)> {
    IMPORTABLE
        .iter()
        .filter_map(|namespace| Some((*namespace, resolved.lookup(file, *namespace, name)?)))
        .filter(|(namespace, _)| namespace.is_importable() || *namespace != Namespace::Test)
        .collect()
}

fn refusal(
    resolved: &Resolved,
    target: ImportTarget,
    import: &Import,
    name: &ImportName,
    found: &[(Namespace, DeclarationId)],
) -> Option<Finding> {
    let target = target?;
    if let Some((namespace, _)) = found.iter().find(|(namespace, _)| !namespace.is_importable()) {
        return Some(Finding::new(name.name.span, Error::NotImportable { noun: namespace.noun() }));
    }
    if !found.is_empty() || resolved.files[target.0 as usize].incomplete {
        return None;
    }
    let names = IMPORTABLE.iter().flat_map(|namespace| resolved.known(target, *namespace));
    let suggestion = nearest(&name.name.text, names).map(EcoString::from);
    let error = Error::UnknownImport { path: import.path.value.clone(), name: name.name.text.clone(), suggestion };
    Some(Finding::new(name.name.span, error))
}

fn add(
    resolved: &mut Resolved,
    file: FileId,
    name: &EcoString,
    span: Span,
    found: &[(Namespace, DeclarationId)],
    problems: &mut Problems,
) {
    for (namespace, id) in found {
        let key = (file, *namespace, name.clone());
        match resolved.names.get(&key) {
            Some(first) if first != id => {
                let first = resolved.declaration(*first).name.span;
                problems.report(duplicate(*namespace, name, span, first));
            }
            _ => {
                resolved.names.insert(key, *id);
            }
        }
    }
}
