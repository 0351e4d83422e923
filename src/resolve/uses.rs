//! Which declarations use which: circles among them, and what nothing uses.
//!
//! What nothing uses is asked for when everything else is known: a name that an error says was meant counts as used.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;

use super::cycle::circles;
use super::declaration::{Declaration, Namespace};
use super::error::Error;
use super::imports::{Imported, Imports};
use super::mention::Mentions;
use super::resolved::Resolved;
use crate::ast::{Item, ItemKind};
use crate::diagnostic::{Finding, Problems};
use crate::source::{FileId, Sources};

/// What the declarations mention.
#[derive(Debug)]
pub struct Uses<'s> {
    /// For each declaration those that it mentions.
    of: Vec<Vec<usize>>,
    /// The names that are mentioned in each file.
    names: BTreeSet<(FileId, Namespace, EcoString)>,
    /// Files of which a part did not parse: it may have mentioned more.
    broken: BTreeSet<FileId>,
    /// The words that stand more than once in those files.
    doubtful: BTreeSet<(FileId, &'s str)>,
    /// Files of which nothing is said to be unused.
    quiet: BTreeSet<FileId>,
    /// What each file takes from others.
    imported: Vec<Imported>,
    /// Declarations that an error makes look unused.
    excused: BTreeSet<usize>,
}

/// Names that errors say were meant, by file.
pub type Meant = BTreeSet<(FileId, EcoString)>;

impl<'s> Uses<'s> {
    /// What all declarations mention; circles among them are reported.
    pub(super) fn new(
        resolved: &Resolved,
        imports: &Imports<'_>,
        sources: &'s Sources,
        imported: Vec<Imported>,
        excused: BTreeSet<usize>,
        problems: &mut Problems,
    ) -> Self {
        let mut uses = Self { imported, excused, ..Self::of(resolved) };
        uses.doubtful = doubtful_words(&uses.broken, sources);
        uses.quiet = quiet_files(resolved, imports);
        let circles = uses.report_recursion(resolved, problems);
        uses.excused.extend(circles);
        uses
    }

    fn of(resolved: &Resolved) -> Self {
        let mut known: BTreeMap<FileId, BTreeSet<&str>> = BTreeMap::new();
        for (file, _, name) in resolved.names.keys() {
            known.entry(*file).or_default().insert(name);
        }
        let none = BTreeSet::new();
        let mut uses = Self {
            of: Vec::new(),
            names: BTreeSet::new(),
            broken: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            quiet: BTreeSet::new(),
            imported: Vec::new(),
            excused: BTreeSet::new(),
        };
        for (id, declaration) in resolved.declarations() {
            let file = declaration.file;
            let tree = &resolved.files[file.0 as usize];
            let mentions = Mentions::of(tree, resolved.item(id), known.get(&file).unwrap_or(&none));
            if tree.incomplete || !mentions.is_whole {
                uses.broken.insert(file);
            }
            let mut used = Vec::new();
            for (position, word) in mentions.words {
                for namespace in position.namespaces() {
                    if let Some(target) = resolved.lookup(file, *namespace, &word) {
                        used.push(target.0 as usize);
                        uses.names.insert((file, *namespace, word.clone()));
                    }
                }
            }
            uses.of.push(used);
        }
        uses
    }

    /// Types and constants that are made of themselves; the result lists the members of such circles.
    fn report_recursion(&self, resolved: &Resolved, problems: &mut Problems) -> BTreeSet<usize> {
        let mut members = BTreeSet::new();
        for namespace in [Namespace::Type, Namespace::Value] {
            let inside = |id: &usize| resolved.declarations[*id].namespace == namespace;
            let edges: Vec<Vec<usize>> = (self.of.iter().enumerate())
                .map(|(id, used)| {
                    used.iter().copied().filter(|target| inside(&id) && inside(target)).collect()
                })
                .collect();
            for circle in circles(&edges) {
                report_circle(resolved, &circle, problems);
                members.extend(circle);
            }
        }
        members
    }

    /// Declarations that no entry point (a workflow, a schedule, a trigger, a test) needs, directly or through others,
    /// and imports that their file doesn't mention. Nothing is said of what an error makes look unused.
    #[must_use]
    pub fn unused(&self, resolved: &Resolved, meant: &Meant) -> Problems {
        let mut problems = Problems::default();
        let used = self.needed(resolved, meant);
        for (id, declaration) in resolved.declarations() {
            let Declaration { file, namespace, ref name, .. } = *declaration;
            let repeats = resolved.lookup(file, namespace, &name.text) != Some(id);
            let is_used = used[id.0 as usize] || self.is_doubtful(file, &name.text);
            if !is_used && !repeats && !self.quiet.contains(&file) {
                let error = Error::Unused { noun: noun(resolved.item(id)), name: name.text.clone() };
                problems.report(Finding::new(name.span, error));
            }
        }
        for Imported { file, name, span, found } in &self.imported {
            let is_mentioned =
                found.iter().any(|(namespace, _)| self.names.contains(&(*file, *namespace, name.clone())));
            let is_used = is_mentioned || meant.contains(&(*file, name.clone()));
            if !is_used && !self.is_doubtful(*file, name) {
                problems.report(Finding::new(*span, Error::UnusedImport { name: name.clone() }));
            }
        }
        problems
    }

    fn is_doubtful(&self, file: FileId, name: &str) -> bool {
        self.doubtful.contains(&(file, name))
    }

    /// What the entry points need. An import that nothing uses is reported itself, and so is what is excused or was
    /// meant: what they need counts as used.
    fn needed(&self, resolved: &Resolved, meant: &Meant) -> Vec<bool> {
        let is_needed =
            |it: &Declaration| is_entry(it.namespace) || meant.contains(&(it.file, it.name.text.clone()));
        let entries = resolved.declarations.iter().enumerate().filter(|(_, it)| is_needed(it));
        let mut open: Vec<usize> = entries.map(|(id, _)| id).collect();
        open.extend(self.imported.iter().flat_map(|it| it.found.iter().map(|(_, id)| id.0 as usize)));
        open.extend(&self.excused);
        let mut used = vec![false; resolved.declarations.len()];
        while let Some(id) = open.pop() {
            if !std::mem::replace(&mut used[id], true) {
                open.extend(&self.of[id]);
            }
        }
        used
    }
}

/// The words that stand more than once in files of which a part did not parse: it may use them.
fn doubtful_words<'s>(broken: &BTreeSet<FileId>, sources: &'s Sources) -> BTreeSet<(FileId, &'s str)> {
    let is_no_word = |c: char| !c.is_alphanumeric() && c != '_';
    let words = broken
        .iter()
        .flat_map(|file| sources.get(*file).text.split(is_no_word).map(move |word| (*file, word)));
    let mut seen = BTreeSet::new();
    words.filter(|word| !seen.insert(*word)).collect()
}

/// Files of which nothing is said to be unused: those that were not asked for; libraries, which have no entry point
/// and are imported by no other file, so they are for others to use; and those of which an import wants a name that
/// isn't there, for it may have meant another one.
fn quiet_files(resolved: &Resolved, imports: &Imports<'_>) -> BTreeSet<FileId> {
    let targets = |file: FileId| imports.targets[file.0 as usize].iter().flatten().copied();
    let mut quiet: BTreeSet<FileId> = resolved.files.iter().map(|file| file.id).collect();
    if imports.targets.iter().flatten().any(Option::is_none)
        || resolved.files.iter().any(|file| file.incomplete)
    {
        // An import that leads nowhere, or that didn't parse, may have meant any of the files.
        return quiet;
    }
    for declaration in resolved.declarations.iter().filter(|it| is_entry(it.namespace)) {
        quiet.remove(&declaration.file);
    }
    for file in resolved.files.iter().flat_map(|file| targets(file.id)) {
        quiet.remove(&file);
    }
    quiet.extend(resolved.files.iter().skip(imports.asked).map(|file| file.id));
    quiet.extend(resolved.missing.iter().flat_map(|(importer, _)| targets(*importer)));
    quiet
}

fn is_entry(namespace: Namespace) -> bool {
    matches!(namespace, Namespace::Workflow | Namespace::Schedule | Namespace::Trigger | Namespace::Test)
}

fn report_circle(resolved: &Resolved, circle: &[usize], problems: &mut Problems) {
    let declarations: Vec<&Declaration> = circle.iter().map(|id| &resolved.declarations[*id]).collect();
    let [first, others @ ..] = declarations.as_slice() else { return };
    let names: Vec<&str> =
        declarations.iter().chain([first]).map(|declaration| declaration.name.text.as_str()).collect();
    let item = &resolved.files[first.file.0 as usize].items[first.item];
    let error =
        Error::Recursive { noun: noun(item), name: first.name.text.clone(), way: names.join(" → ") };
    let finding = Finding::new(first.name.span, error);
    problems.report(others.iter().fold(finding, |finding, it| finding.label(it.name.span, "by way of this")));
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
