//! `citadel docs nodes`: the catalogue as text, as Markdown and as JSON, and the reference that is made of it.

use citadel::nodes::Executors;
use serde_json::Value;

use crate::command::Folder;
use crate::compiler;
use crate::tree::{self, expect_none};

const FORMATS: [&str; 3] = ["text", "markdown", "json"];

fn catalogue() -> Vec<Value> {
    let ended = Folder::new("docs-json").citadel(&["docs", "nodes", "--format", "json"]).ends_with(0);
    let document: Value = serde_json::from_str(&ended.stdout).expect("a JSON document");
    assert_eq!(document["schema"], 1);
    list(&document["kinds"]).to_vec()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn has_label(kind: &Value, label: &str) -> bool {
    list(&kind["labels"]).iter().any(|it| it["name"] == label)
}

/// All fields of a kind: those of its class and those of its blocks too, by their paths.
fn fields(kind: &Value) -> Vec<(String, &Value)> {
    let lists = [&kind["fields"], &kind["common_fields"]];
    lists.into_iter().flat_map(|fields| below("", fields)).collect()
}

fn below<'a>(of: &str, fields: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    for field in list(fields) {
        let path = format!("{of}{}", text(&field["name"]));
        found.extend(below(&format!("{path}."), &field["fields"]));
        found.push((path, field));
    }
    found
}

#[test]
fn the_reference_is_what_the_catalogue_says() {
    let command = ["docs", "nodes", "--format", "markdown"];
    let printed = Folder::new("docs-reference").citadel(&command).ends_with(0).stdout;
    let written = tree::read(&tree::path("docs/nodes.md"));
    let mend =
        "docs/nodes.md is not current: run `cargo run -- docs nodes --format markdown > docs/nodes.md`";
    assert!(printed == written, "{mend}");
}

#[test]
fn everything_in_the_catalogue_is_described() {
    let is_sentence = |doc: &Value| text(doc).ends_with('.') && text(doc).len() > 4;
    let mut failures = Vec::new();
    for kind in catalogue() {
        let name = text(&kind["name"]);
        let mut hold = |ok: bool, what: String| {
            if !ok {
                failures.push(format!("{name}: {what}"));
            }
        };
        hold(is_sentence(&kind["summary"]), "no sentence about it".into());
        for (path, field) in fields(&kind) {
            hold(is_sentence(&field["doc"]), format!("no sentence about `{path}`"));
        }
        for error in list(&kind["errors"]) {
            hold(is_sentence(&error["when"]), format!("nothing says when `{}` happens", error["name"]));
        }
        hold(is_sentence(&kind["effect"]["text"]), "nothing about its effect".into());
    }
    expect_none("gaps of the catalogue", &failures);
}

#[test]
fn each_kind_has_an_example_that_compiles_and_uses_it() {
    let mut failures = Vec::new();
    for kind in catalogue() {
        let (name, example) = (text(&kind["name"]), text(&kind["example"]));
        if !example.contains(&format!(": {name} {{")) {
            failures.push(format!("{name}: its example has no such node"));
        }
        failures.extend(compiler::check_text(example).iter().map(|found| format!("{name}: {found}")));
    }
    expect_none("examples of the catalogue", &failures);
}

#[test]
fn each_kind_has_a_page_in_each_format() {
    let folder = Folder::new("docs-pages");
    for kind in catalogue() {
        let name = text(&kind["name"]);
        for format in FORMATS {
            let page = folder.citadel(&["docs", "nodes", name, "--format", format]).ends_with(0).stdout;
            for (path, _) in fields(&kind) {
                let field = path.rsplit('.').next().unwrap_or_default();
                assert!(page.contains(field), "nothing of `{path}` in\n{page}");
            }
            for error in list(&kind["errors"]) {
                assert!(page.contains(text(&error["name"])), "nothing of {} in\n{page}", error["name"]);
            }
            assert!(!page.contains('\u{1b}'), "there are colours in a pipe:\n{page}");
        }
    }
}

#[test]
fn the_list_names_all_kinds() {
    let listed = Folder::new("docs-list").citadel(&["docs", "nodes"]).ends_with(0).stdout;
    for kind in catalogue() {
        let (name, summary) = (text(&kind["name"]), text(&kind["summary"]));
        assert!(listed.lines().any(|line| line.starts_with(name) && line.ends_with(summary)), "{listed}");
    }
}

#[test]
fn a_page_says_what_a_field_takes() {
    let page = Folder::new("docs-http").citadel(&["docs", "nodes", "http_request"]).ends_with(0).stdout;
    for line in [
        "  url*              string               The address; interpolated parts are percent-encoded.",
        "  At most one of: json, body, form.",
        "  TlsFailed*         The server doesn't prove who it is.",
    ] {
        assert!(page.lines().any(|it| it == line), "no line `{line}` in\n{page}");
    }
    assert!(page.contains("Default: 1,048,576.") && page.contains("In bytes."), "{page}");
    assert!(page.contains("GET | POST") && page.contains("Default: GET."), "{page}");
}

#[test]
fn a_page_fits_the_width_that_there_is() {
    let folder = Folder::new("docs-width");
    for (width, columns) in [(100, None), (72, Some("72")), (40, Some("40"))] {
        let variables: Vec<(&str, &str)> = columns.map(|columns| ("COLUMNS", columns)).into_iter().collect();
        for kind in ["database_query", "notification", "loop"] {
            let page = folder.citadel_with(&variables, &["docs", "nodes", kind]).ends_with(0).stdout;
            let (about, _) = page.split_once("\nExample\n").expect("a page ends with an example");
            for line in about.lines().filter(|line| line.trim().contains(' ')) {
                assert!(line.chars().count() <= width, "more than {width}: {line}");
            }
        }
    }
}

#[test]
fn a_kind_that_is_not_there_is_told_with_the_nearest_name() {
    let folder = Folder::new("docs-unknown");
    for (written, help) in [
        ("http_requst", "did you mean `http_request`?"),
        ("nothing_like_it", "`citadel docs nodes` lists all kinds"),
    ] {
        for format in FORMATS {
            let ended = folder.citadel(&["docs", "nodes", written, "--format", format]).ends_with(2);
            let told = format!("error: there is no kind of node `{written}`\n  help: {help}\n");
            assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", told.as_str()));
        }
    }
}

#[test]
fn the_catalogue_says_what_no_engine_runs() {
    let executors = Executors::standard();
    let mut failures = Vec::new();
    for kind in catalogue().iter().filter(|kind| kind["class"] == "activity") {
        let name = text(&kind["name"]);
        if executors.knows(name) == has_label(kind, "checked_only") {
            failures.push(format!("{name}: its label `checked_only` isn't true"));
        }
    }
    expect_none("labels", &failures);
}

/// On a terminal of that width: `script` makes one.
#[cfg(target_os = "linux")]
fn on_terminal(columns: u16, variables: &str) -> String {
    let citadel = env!("CARGO_BIN_EXE_citadel");
    let command = format!("stty rows 24 cols {columns}; {variables} {citadel} docs nodes loop");
    let output = std::process::Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("`script` of util-linux starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_colours_and_its_own_width() {
    let coloured = on_terminal(66, "");
    assert!(coloured.starts_with("\u{1b}[1mloop\u{1b}[0m\n"), "{coloured}");
    let plain = on_terminal(66, "NO_COLOR=1");
    assert!(plain.starts_with("loop\n") && !plain.contains('\u{1b}'), "{plain}");
    assert!(plain.lines().any(|line| line.chars().count() > 55), "{plain}");
    let (about, _) = plain.split_once("\nExample\n").expect("a page ends with an example");
    assert!(about.lines().all(|line| line.chars().count() <= 66), "{plain}");
}
