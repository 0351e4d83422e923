use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::cycle::circles;
use super::declaration::{Declaration, DeclarationId, Namespace, declared};
use super::error::Error;
use super::imports::Imports;
use super::mention::mentions;
use crate::ast::{File, Item, ItemKind};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::{FileId, Span};

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
        self.missing.contains(&(file, name.into())) || self.files.get(file.0 as usize).is_some_and(|file| file.incomplete)
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
    pub fn known<'a>(&'a self, file: FileId, namespace: Namespace) -> impl Iterator<Item = &'a str> {
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

/// Resolves the declarations of all files. `targets` says for each file where its imports lead, in their order.
#[must_use]
pub fn resolve(files: Vec<File>, targets: &[Vec<ImportTarget>], paths: &[String]) -> (Resolved, Problems) {
    let mut resolved = Resolved { files, ..Resolved::default() };
    let mut problems = Problems::default();
    declare(&mut resolved, &mut problems);
    let imports = Imports { targets, paths };
    let imported = imports.follow(&mut resolved, &mut problems);
    imports.report_circles(&resolved, &mut problems);
    let uses = Uses::of(&resolved);
    uses.report_recursion(&resolved, &mut problems);
    uses.report_unused(&resolved, targets, &imported, &mut problems);
    (resolved, problems)
}

fn declare(resolved: &mut Resolved, problems: &mut Problems) {
    for file in &resolved.files {
        for (item, declaration) in file.items.iter().enumerate() {
            let Some((namespace, name)) = declared(declaration) else { continue };
            let id = DeclarationId(resolved.declarations.len() as u32);
            resolved.declarations.push(Declaration { file: file.id, item, namespace, name: name.clone() });
            let key = (file.id, namespace, name.text.clone());
            if let Some(first) = resolved.names.get(&key) {
                let first = resolved.declarations[first.0 as usize].name.span;
                problems.report(duplicate(namespace, &name.text, name.span, first));
            } else {
                resolved.names.insert(key, id);
            }
        }
    }
}

pub(super) fn duplicate(namespace: Namespace, name: &EcoString, span: Span, first: Span) -> Finding {
    Finding::new(span, Error::Duplicate { noun: namespace.noun(), name: name.clone() }).label(first, "declared here first")
}

/// Which declarations each declaration mentions.
struct Uses {
    of: Vec<Vec<usize>>,
    words: BTreeMap<FileId, BTreeSet<EcoString>>,
}

/// Where a mentioned word may be declared.
const MENTIONED: [Namespace; 7] = [
    Namespace::Value,
    Namespace::Type,
    Namespace::Policy,
    Namespace::Error,
    Namespace::Workflow,
    Namespace::Activity,
    Namespace::Plugin,
];

impl Uses {
    fn of(resolved: &Resolved) -> Self {
        let mut words: BTreeMap<FileId, BTreeSet<EcoString>> = BTreeMap::new();
        let mut of = Vec::new();
        for (id, declaration) in resolved.declarations() {
            let file = &resolved.files[declaration.file.0 as usize];
            let mentioned = mentions(file, resolved.item(id));
            let targets = mentioned.iter().flat_map(|word| {
                MENTIONED.iter().filter_map(|namespace| resolved.lookup(file.id, *namespace, word))
            });
            of.push(targets.map(|id| id.0 as usize).collect());
            words.entry(file.id).or_default().extend(mentioned);
        }
        Self { of, words }
    }

    /// Types and constants that contain themselves.
    fn report_recursion(&self, resolved: &Resolved, problems: &mut Problems) {
        for namespace in [Namespace::Type, Namespace::Value] {
            let inside = |id: usize| resolved.declarations[id].namespace == namespace;
            let edges: Vec<Vec<usize>> = self
                .of
                .iter()
                .enumerate()
                .map(|(id, targets)| {
                    if inside(id) { targets.iter().copied().filter(|target| inside(*target)).collect() } else { Vec::new() }
                })
                .collect();
            for circle in circles(&edges) {
                report_circle(resolved, &circle, namespace, problems);
            }
        }
    }

    /// What no entry point (a workflow, a schedule, a trigger, a test) needs, directly or through others. A file
    /// that has none and that no other file of the compilation imports is a library: it is for others to use.
    fn report_unused(
        &self,
        resolved: &Resolved,
        targets: &[Vec<ImportTarget>],
        imported: &[(FileId, EcoString, Span)],
        problems: &mut Problems,
    ) {
        let mut used = vec![false; self.of.len()];
        let mut open: Vec<usize> = (0..self.of.len()).filter(|id| is_entry(resolved.declarations[*id].namespace)).collect();
        // An import that nothing uses is reported itself; what it takes is not.
        for (file, name, _) in imported {
            let taken = MENTIONED.iter().filter_map(|namespace| resolved.lookup(*file, *namespace, name));
            open.extend(taken.map(|id| id.0 as usize));
        }
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut used[id], true) {
                open.extend(&self.of[id]);
            }
        }
        let is_library = |file: FileId| {
            let entries = resolved.declarations.iter().any(|it| it.file == file && is_entry(it.namespace));
            !entries && !targets.iter().flatten().any(|target| *target == Some(file))
        };
        // Whoever imports a name that isn't there may have meant one that now looks unused.
        let misread = |file: FileId| {
            resolved.missing.iter().any(|(importer, _)| targets[importer.0 as usize].contains(&Some(file)))
        };
        for (id, declaration) in resolved.declarations() {
            let repeats = resolved.names.get(&(declaration.file, declaration.namespace, declaration.name.text.clone())) != Some(&id);
            if !used[id.0 as usize] && !repeats && !is_library(declaration.file) && !misread(declaration.file) {
                let error = Error::Unused { noun: noun(resolved.item(id)), name: declaration.name.text.clone() };
                problems.report(Finding::new(declaration.name.span, error));
            }
        }
        for (file, name, span) in imported {
            if !self.words.get(file).is_some_and(|words| words.contains(name)) {
                problems.report(Finding::new(*span, Error::UnusedImport { name: name.clone() }));
            }
        }
    }
}

fn is_entry(namespace: Namespace) -> bool {
    matches!(namespace, Namespace::Workflow | Namespace::Schedule | Namespace::Trigger | Namespace::Test)
}

fn report_circle(resolved: &Resolved, circle: &[usize], namespace: Namespace, problems: &mut Problems) {
    let Some(first) = circle.first() else { return };
    let names: Vec<&str> = circle.iter().chain([first]).map(|id| resolved.declarations[*id].name.text.as_str()).collect();
    let name = &resolved.declarations[*first].name;
    let noun = if namespace == Namespace::Type { "the type" } else { "the constant" };
    let error = Error::Recursive { noun, name: name.text.clone(), way: names.join(" → ") };
    let mut finding = Finding::new(name.span, error);
    for other in &circle[1..] {
        finding = finding.label(resolved.declarations[*other].name.span, "by way of this");
    }
    problems.report(finding);
}

/// What an author calls it.
fn noun(item: &Item) -> &'static str {
    match &item.kind {
        ItemKind::Import(_) => "import",
        ItemKind::Const(_) => "constant",
        ItemKind::Setting(_) => "setting",
        ItemKind::Secret(_) => "secret",
        ItemKind::Type(_) => "type",
        ItemKind::Error(_) => "error",
        ItemKind::Plugin(_) => "plugin",
        ItemKind::Workflow(_) => "workflow",
        ItemKind::Test(_) => "test",
        ItemKind::Section(section) => section.kind.keyword(),
    }
}
