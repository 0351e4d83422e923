//! Each file or folder under `tests/fixtures` is a project; what must be found is written in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::compiler;
use crate::expectation;
use crate::tree::{self, expect_none, shown};

/// The files of one fixture by their path in it, and those of them that are checked.
struct Project {
    files: BTreeMap<String, Vec<u8>>,
    roots: Vec<String>,
}

impl Project {
    fn read(fixture: &Path) -> Self {
        let (base, paths) = if fixture.is_dir() {
            (fixture, tree::files(&shown(fixture), ""))
        } else {
            (fixture.parent().expect("a file lies in a folder"), vec![fixture.to_owned()])
        };
        let files: BTreeMap<String, Vec<u8>> = paths
            .iter()
            .map(|path| (inside(base, path), std::fs::read(path).expect("a readable fixture")))
            .collect();
        let roots = files.keys().filter(|path| path.ends_with(".citadel")).cloned().collect();
        Self { files, roots }
    }

    fn differences(&self) -> Vec<String> {
        let text = |path: &String| String::from_utf8_lossy(&self.files[path]).into_owned();
        let read = |path: &&String| path.ends_with(".citadel") || *path == "citadel.toml";
        let texts = self.files.keys().filter(read).map(|path| (path.clone(), text(path))).collect();
        expectation::differences(&texts, &compiler::check(&self.files, &self.roots))
    }
}

fn inside(base: &Path, path: &Path) -> String {
    path.strip_prefix(base).expect("a file of the fixture").display().to_string()
}

/// The fixtures of a folder: its files, and its folders as projects of several.
fn fixtures(folder: &str) -> Vec<PathBuf> {
    let entries = tree::entries(&tree::path(folder));
    entries.into_iter().filter(|entry| entry.is_dir() || tree::name(entry).ends_with(".citadel")).collect()
}

fn hold(folder: &str) {
    let fixtures = fixtures(folder);
    assert!(!fixtures.is_empty(), "{folder} has no fixtures");
    let failures: Vec<String> = fixtures
        .iter()
        .flat_map(|fixture| {
            let prefix = if fixture.is_dir() { tree::name(fixture).to_owned() + "/" } else { String::new() };
            Project::read(fixture)
                .differences()
                .into_iter()
                .map(move |line| format!("{folder}/{prefix}{line}"))
        })
        .collect();
    expect_none("findings and expectations differ", &failures);
}

#[test]
fn right_programs_are_accepted() {
    hold("tests/fixtures/accept");
}

#[test]
fn mistakes_are_found_and_nothing_else() {
    hold("tests/fixtures/check");
}

#[test]
fn patterns_without_a_meaning_are_refused() {
    hold("tests/fixtures/patterns");
}

#[test]
fn known_bugs_are_decided() {
    hold("tests/fixtures/known-bugs");
}

#[test]
fn examples_are_accepted() {
    hold("examples");
}

#[test]
fn examples_show_a_test() {
    let failures: Vec<String> = tree::files("examples", ".citadel")
        .iter()
        .filter(|file| !tree::read(file).contains("\ntest \""))
        .map(|file| shown(file))
        .collect();
    expect_none("examples without a test", &failures);
}

#[test]
fn fixtures_to_accept_announce_nothing() {
    let failures: Vec<String> = tree::files("tests/fixtures/accept", ".citadel")
        .iter()
        .filter(|file| !expectation::read(&tree::read(file)).is_empty())
        .map(|file| shown(file))
        .collect();
    expect_none("right programs with expectations", &failures);
}
