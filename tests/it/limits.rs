//! Input that no author would write: refused in bounded time with a message, never with a panic.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::command::Folder;
use crate::compiler::check_text;

/// Generous for a debug build on a busy machine; what is meant is that nothing grows with a power of the input.
const PATIENCE: Duration = Duration::from_secs(60);

fn in_bounded_time<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let elapsed = start.elapsed();
    assert!(elapsed < PATIENCE, "it took {elapsed:?}");
    result
}

fn refused(text: &str) {
    let found = in_bounded_time(|| check_text(text));
    assert!(found.iter().any(|found| found.severity == "error"), "it was accepted");
}

fn expression(text: &str) -> String {
    format!("workflow w {{ node n: data_transformer {{ value: {text} }} }}\n")
}

#[test]
fn a_file_of_100_megabytes_is_refused() {
    let folder = Folder::new("limits_size").with("a.citadel", "x".repeat(100 << 20));
    let ended = in_bounded_time(|| folder.citadel(&["check", "a.citadel", "--format", "short"]));
    assert!(ended.code == 1 || ended.code == 3, "{}", ended.code);
    assert!((ended.stdout + &ended.stderr).contains("16 MiB"));
}

#[test]
fn brackets_are_nested_128_deep_at_most() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{\"a\": ", "}")] {
        refused(&expression(&format!("{}1{}", open.repeat(100_000), close.repeat(100_000))));
        refused(&expression(&open.repeat(100_000)));
        refused(&expression(&close.repeat(100_000)));
    }
    refused(&"{".repeat(100_000));
    refused(&"workflow w { node n: loop { body ".repeat(30_000));
}

#[test]
fn one_hundred_brackets_are_fine() {
    let text = expression(&format!("{}1{}", "(".repeat(100), ")".repeat(100)));
    let found = check_text(&text);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn types_are_nested_as_expressions_are() {
    let nested = format!("{}int{}", "list<".repeat(100_000), ">".repeat(100_000));
    refused(&format!("workflow w {{ input {{ a: {nested} }} node n: data_transformer {{ value: 1 }} }}"));
}

#[test]
fn chains_of_operators_do_not_use_the_stack() {
    let sum = vec!["1"; 50_000].join(" + ");
    in_bounded_time(|| check_text(&expression(&sum)));
    in_bounded_time(|| check_text(&expression(&format!("{}true", "!".repeat(100_000)))));
    in_bounded_time(|| check_text(&expression(&format!("1{}", " - -1".repeat(30_000)))));
    in_bounded_time(|| check_text(&expression(&format!("run{}", ".a".repeat(50_000)))));
    in_bounded_time(|| check_text(&expression(&format!("{}1", "true ? 1 : ".repeat(50_000)))));
}

#[test]
fn a_line_of_a_megabyte_is_read() {
    let text = expression(&format!("\"{}\"", "a".repeat(1 << 20)));
    let found = in_bounded_time(|| check_text(&text));
    assert!(found.is_empty(), "{found:?}");
    in_bounded_time(|| check_text(&"a ".repeat(1 << 19)));
    in_bounded_time(|| check_text(&"\"".repeat(1 << 20)));
    in_bounded_time(|| check_text(&"/*".repeat(1 << 19)));
    in_bounded_time(|| check_text(&"${".repeat(1 << 19)));
}

#[test]
fn interpolation_nests_four_deep_at_most() {
    let nested = |depth: usize| expression(&format!("{}1{}", "\"${".repeat(depth), "}\"".repeat(depth)));
    assert!(check_text(&nested(4)).is_empty(), "{:?}", check_text(&nested(4)));
    refused(&nested(6));
    refused(&nested(10_000));
}

#[test]
fn ten_thousand_mistakes_are_found_in_bounded_time() {
    let mut text = String::from("workflow w {\n");
    for number in 0..10_000 {
        let _ = writeln!(text, "  node n{number}: data_transformer {{ value: missing{number} }}");
    }
    text.push_str("}\n");
    let found = in_bounded_time(|| check_text(&text));
    assert!(!found.is_empty());
}

#[test]
fn a_circle_of_imports_ends() {
    let folder = Folder::new("limits_import_cycle")
        .with("a.citadel", "import { b } from \"./b.citadel\"\nconst a = b\nworkflow w { node n: data_transformer { value: a } }\n")
        .with("b.citadel", "import { a } from \"./a.citadel\"\nconst b = a\n");
    let ended = in_bounded_time(|| folder.citadel(&["check", "a.citadel", "--format", "short"])).ends_with(1);
    assert!(ended.stdout.contains("cycle"), "{}", ended.stdout);
}

#[test]
fn imports_do_not_leave_the_project() {
    for path in
        ["../../etc/passwd", "/etc/passwd", "./../limits_secret/secret.citadel", "./a/../../../etc/passwd"]
    {
        let text = format!(
            "import {{ root }} from \"{path}\"\nworkflow w {{ node n: data_transformer {{ value: root }} }}\n"
        );
        let folder = Folder::new("limits_outside").with("citadel.toml", "").with("a.citadel", text);
        let ended = folder.citadel(&["check", "a.citadel"]).ends_with(1);
        assert!(!ended.stdout.contains("root:x"), "{}", ended.stdout);
    }
}

#[cfg(unix)]
#[test]
fn links_do_not_leave_the_project_and_their_circles_end() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("limits_links").with("citadel.toml", "").with(
        "flows/a.citadel",
        "import { root } from \"./out.citadel\"\nworkflow w { node n: data_transformer { value: root } }\n",
    );
    symlink("/etc/passwd", folder.path().join("flows/out.citadel")).expect("a link");
    symlink("loop.citadel", folder.path().join("flows/loop.citadel")).expect("a link");
    symlink("../flows", folder.path().join("flows/again")).expect("a link");
    let ended =
        in_bounded_time(|| folder.citadel(&["check", "flows/a.citadel", "--format", "short"])).ends_with(1);
    assert!(!ended.stdout.contains("root:x"));
    let ended = in_bounded_time(|| folder.citadel(&["check", "flows", "--format", "short"]));
    assert!(ended.code == 1 || ended.code == 3, "{}", ended.code);
}

#[test]
fn a_device_is_no_file() {
    let ended = in_bounded_time(|| Folder::new("limits_device").citadel(&["check", "/dev/null"]));
    assert_ne!(ended.code, -1);
    let ended = in_bounded_time(|| Folder::new("limits_zero").citadel(&["check", "/dev/zero"]));
    assert!(ended.code == 1 || ended.code == 2 || ended.code == 3, "{}", ended.code);
}
