//! The example files: each is right, has an input that fits its last workflow, and tests that pass.

use std::collections::BTreeSet;

use citadel::catalog::Catalog;
use citadel::compile::check_text;
use citadel::driver::embedded::check_input;

use crate::command::Folder;
use crate::tree;

#[test]
fn the_tests_of_the_examples_pass() {
    let folder = Folder::new("examples-tests");
    let examples = tree::path("examples");
    let ended = folder.citadel(&["test", &examples.display().to_string()]).ends_with(0);
    let files = tree::files("examples", ".citadel").len();
    assert!(ended.stdout.matches("  ok  ").count() >= files, "{}", ended.stdout);
}

#[test]
fn each_example_has_an_input_that_fits() {
    for file in tree::files("examples", ".citadel") {
        let input = tree::read(&file.with_extension("json"));
        let input =
            serde_json::from_str(&input).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let compilation = check_text(&tree::read(&file));
        let plans = compilation.plans().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let last = plans.last().expect("a workflow");
        check_input(last, &input).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

#[test]
fn the_first_example_runs_without_a_network() {
    let folder = Folder::new("examples-hello");
    let hello = tree::path("examples/01_hello.citadel").display().to_string();
    let input = format!("@{}", tree::path("examples/01_hello.json").display());
    let ended = folder.citadel(&["run", &hello, "--input", &input]).ends_with(0);
    assert!(ended.stdout.contains("Ada"), "{}", ended.stdout);
}

/// Kinds that no engine of this version runs, which have no example therefore.
const RUN_BY_NO_ENGINE: [&str; 2] = ["activity", "ai_agent"];

/// Kinds whose example is still to be written.
const TO_COME: [&str; 1] = ["script_execution"];

#[test]
fn each_kind_has_an_example_that_runs() {
    let mut used = BTreeSet::new();
    for file in tree::files("examples", ".citadel") {
        let compilation = check_text(&tree::read(&file));
        for plan in compilation.plans().unwrap_or_else(|error| panic!("{}: {error}", file.display())) {
            let workflows = plan.program().workflows.iter();
            used.extend(workflows.flat_map(|workflow| workflow.nodes.iter().map(|node| node.kind.clone())));
        }
    }
    let kinds: BTreeSet<String> = Catalog::standard().kinds().map(|kind| kind.name.to_string()).collect();
    let missing: Vec<&String> = kinds.difference(&used).collect();
    let expected: BTreeSet<&str> = RUN_BY_NO_ENGINE.into_iter().chain(TO_COME).collect();
    assert_eq!(missing, expected.into_iter().collect::<Vec<_>>(), "kinds without an example in `examples`");
}
