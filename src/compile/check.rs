use std::path::PathBuf;

use super::load::{Loaded, Unreadable, load};
use super::settle::{Settled, settle};
use crate::catalog::Catalog;
use crate::check::program::Program;
use crate::check::{self as checking, Checked, Input};
use crate::diagnostic::{Finding, Problems, Severity};
use crate::resolve::{self, Meant};
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
    /// How many of the sources were asked for; they come first.
    pub(super) asked: usize,
    /// The program, where no finding is an error.
    pub(super) program: Option<Checked<Program>>,
}

impl Compilation {
    /// Whether no error stands against the files, so that there are plans.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.program.is_some()
    }

    /// How many findings there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }
}

/// Checks files and all that they import, as one program, with the standard kinds of nodes.
#[must_use]
pub fn check(world: &dyn World, roots: &[PathBuf]) -> Compilation {
    check_with(world, roots, &Catalog::standard())
}

/// The same, with the kinds of a catalogue.
#[must_use]
pub fn check_with(world: &dyn World, roots: &[PathBuf], catalog: &Catalog) -> Compilation {
    let Loaded { sources, files, asked, targets, included, project, mut problems, unreadable } =
        load(world, roots, catalog);
    let names = resolve::Input { files, asked, targets: &targets, sources: &sources, catalog };
    let (resolved, uses, found) = resolve::resolve(names);
    problems.extend(found);
    let input = Input { resolved: &resolved, sources: &sources, included: &included, catalog };
    let (program, found) = checking::check(input);
    problems.extend(found);
    problems.extend(uses.unused(&resolved, &meant(&problems)));
    let findings =
        settle(problems, &Settled { files: &resolved.files, asked, sources: &sources, project: &project });
    let is_sound =
        unreadable.is_empty() && findings.iter().all(|finding| finding.severity != Severity::Error);
    let program = program.filter(|_| is_sound);
    Compilation { sources, findings, unreadable, files: resolved.files.len(), asked, program }
}

/// The names that findings would put in place of others.
fn meant(problems: &Problems) -> Meant {
    let replaced =
        problems.iter().filter_map(|finding| Some((finding.span.file, finding.replacement()?.into())));
    replaced.collect()
}

/// Checks a text that imports nothing.
#[must_use]
pub fn check_text(text: &str) -> Compilation {
    let path = PathBuf::from("text.citadel");
    check(&MemoryWorld::default().with(&path, text), &[path])
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::source::MemoryWorld;

    /// The findings of files that were asked for, in a project of others.
    fn found(files: &[(&str, &str)], asked: &[&str]) -> Vec<String> {
        let world = files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.with(*path, *text));
        let roots: Vec<_> = asked.iter().map(Into::into).collect();
        let compilation = check(&world, &roots);
        let line = |span| compilation.sources.start(span).line;
        let path = |span: crate::source::Span| compilation.sources.get(span.file).path.display().to_string();
        let findings = compilation.findings.iter();
        findings.map(|it| format!("{}:{} {}", path(it.span), line(it.span), it.code)).collect()
    }

    const LIBRARY: (&str, &str) = (
        "library.citadel",
        "const a = 1\nconst b = 2 // citadel: allow(unused_declaration) for others\nconst c = 3\n",
    );
    const MAIN: (&str, &str) = (
        "main.citadel",
        "import { a } from \"./library.citadel\"\nworkflow w { node n: data_transformer { value: a } }\n",
    );

    #[test]
    fn what_was_not_asked_for_may_be_there_for_others() {
        let files = [LIBRARY, MAIN];
        assert!(found(&files, &["main.citadel"]).is_empty());
        assert_eq!(
            found(&files, &["main.citadel", "library.citadel"]),
            ["library.citadel:3 unused_declaration"]
        );
        assert_eq!(found(&files, &["library.citadel"]), ["library.citadel:2 useless_allow"]);
    }

    #[test]
    fn what_did_not_parse_may_use_everything() {
        let broken = "const a = 1\nworkflow w { node n: data_transformer { value: a + } }\n";
        assert_eq!(found(&[("a.citadel", broken)], &["a.citadel"]).len(), 1);
    }

    #[test]
    fn findings_come_by_path_and_place() {
        let text = "workflow w { node n: data_transformer { value: x } }\nconst a = 1\n";
        let files = [("b.citadel", text), ("a.citadel", text)];
        let order = found(&files, &["b.citadel", "a.citadel"]);
        assert_eq!(
            order,
            [
                "a.citadel:1 unknown_name",
                "a.citadel:2 unused_declaration",
                "b.citadel:1 unknown_name",
                "b.citadel:2 unused_declaration"
            ]
        );
    }
}
