//! The example files: each is right, has an input that fits its last workflow, and tests that pass.

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
