//! What the project's source promises about itself: who imports whom, doors without logic, short files and
//! functions, and for each code of a finding a page and a fixture.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::tree::{self, expect_none, shown};

/// Who may import whom. `cli` is the one room that sees everything.
const IMPORTS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("value", &[]),
    ("diagnostic", &["source"]),
    ("config", &["source", "value", "diagnostic"]),
    ("ast", &["source"]),
    ("types", &["value"]),
    ("catalog", &["types", "value"]),
    ("syntax", &["ast", "source", "diagnostic"]),
    ("resolve", &["ast", "catalog", "source", "diagnostic"]),
    ("check", &["resolve", "ast", "types", "catalog", "value", "source", "diagnostic"]),
    ("plan", &["value", "source"]),
    ("lower", &["check", "resolve", "ast", "plan", "types", "catalog", "value", "source"]),
    (
        "compile",
        &[
            "source",
            "value",
            "diagnostic",
            "config",
            "syntax",
            "ast",
            "types",
            "catalog",
            "resolve",
            "check",
            "plan",
            "lower",
        ],
    ),
    ("engine", &["plan", "value"]),
    ("define", &[]),
    ("disk", &["source"]),
    (
        "host",
        &[
            "config",
            "source",
            "value",
            "diagnostic",
            "catalog",
            "plan",
            "compile",
            "define",
            "disk",
            "engine",
            "nodes",
            "driver",
        ],
    ),
    ("nodes", &["catalog", "value"]),
    ("driver", &["engine", "plan", "nodes", "catalog", "value"]),
    ("telemetry", &["driver", "engine", "nodes", "plan", "value"]),
    ("testing", &["driver", "engine", "plan", "value", "diagnostic", "source"]),
];

/// A file or function beyond these wants splitting.
const FILE_LINES: usize = 450;
const FUNCTION_LINES: usize = 60;

/// Codes that no text of a fixture can show, and the test that shows them.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("endless_run", "test_command"),
    ("endless_wait", "test_command"),
    ("expectation_error", "test_command"),
    ("expectation_failed", "test_command"),
    ("missing_mock", "test_command"),
    ("nothing_to_read", "test_command"),
    ("refused_signal", "test_command"),
    ("setting_without_default", "test_command"),
    ("test_value", "test_command"),
];

fn sources() -> Vec<PathBuf> {
    tree::files("src", ".rs")
}

/// The folder of `src` that a file lies in; none for `lib.rs` and `main.rs`.
fn room(file: &Path) -> Option<String> {
    let inside = file.strip_prefix(tree::path("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    (!first.ends_with(".rs")).then(|| first.to_owned())
}

/// The code of a file: without its unit tests and without comments.
fn code(file: &Path) -> Vec<String> {
    let text = tree::read(file);
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect()
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let import = Regex::new(r"\bcrate::(\w+)").expect("a pattern");
    let mut failures = Vec::new();
    for file in sources() {
        let Some(room) = room(&file).filter(|room| room != "cli") else { continue };
        let Some((_, allowed)) = IMPORTS.iter().find(|(name, _)| *name == room) else {
            failures.push(format!("{}: the room `{room}` is not in the table", shown(&file)));
            continue;
        };
        for line in code(&file) {
            for found in import.captures_iter(&line) {
                let target = &found[1];
                let known = target == "cli" || IMPORTS.iter().any(|(name, _)| *name == target);
                if known && target != room && !allowed.contains(&target) {
                    failures.push(format!("{}: `{room}` may not import `{target}`", shown(&file)));
                }
            }
        }
    }
    expect_none("imports against the table", &failures);
}

#[test]
fn doors_have_a_text_and_no_logic() {
    let logic = Regex::new(r"^\s*(pub(\([a-z]+\))? )?(fn|impl|trait|macro_rules!)\b").expect("a pattern");
    let mut failures = Vec::new();
    for file in sources().iter().filter(|file| tree::name(file) == "mod.rs") {
        if !tree::read(file).starts_with("//! ") {
            failures.push(format!("{}: it doesn't begin with what the room is", shown(file)));
        }
        for line in code(file).iter().filter(|line| logic.is_match(line)) {
            failures.push(format!("{}: a door has no logic: `{}`", shown(file), line.trim()));
        }
    }
    expect_none("doors", &failures);
}

#[test]
fn files_are_short() {
    let failures: Vec<String> = sources()
        .iter()
        .map(|file| (file, tree::read(file).lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES)
        .map(|(file, lines)| format!("{}: {lines} lines", shown(file)))
        .collect();
    expect_none("long files", &failures);
}

#[test]
fn functions_are_short() {
    let head = Regex::new(r"^(\s*)(pub(\([a-z]+\))? )?(const )?fn (\w+)").expect("a pattern");
    let mut failures = Vec::new();
    for file in sources() {
        let text = tree::read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let Some(found) = head.captures(line) else { continue };
            let close = format!("{}}}", &found[1]);
            let length = lines[start..].iter().position(|line| *line == close).unwrap_or(0);
            if length > FUNCTION_LINES {
                failures.push(format!("{}:{}: `{}` has {length} lines", shown(&file), start + 1, &found[5]));
            }
        }
    }
    expect_none("long functions", &failures);
}

#[test]
fn names_say_what_a_file_is() {
    let empty = ["utils.rs", "util.rs", "helpers.rs", "helper.rs", "common.rs", "manager.rs", "misc.rs"];
    let failures: Vec<String> =
        sources().iter().filter(|file| empty.contains(&tree::name(file))).map(|file| shown(file)).collect();
    expect_none("names that say nothing", &failures);
}

/// The codes of the findings that the source can report.
fn codes() -> BTreeSet<String> {
    let code_attribute = Regex::new(r"#\[diagnostic\((?s:[^\]]*?)\bcode\(([a-z_0-9]+)\)").expect("a pattern");
    let mut codes = BTreeSet::new();
    for file in sources() {
        let text = tree::read(&file);
        codes.extend(code_attribute.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    codes
}

/// The codes that fixtures expect.
fn shown_codes() -> BTreeSet<String> {
    let expectation = Regex::new(r"(?:error|warning|note): \[([a-z_0-9]+)\]").expect("a pattern");
    let mut codes = BTreeSet::new();
    let projects = tree::files("tests/fixtures", "citadel.toml");
    for file in tree::files("tests/fixtures", ".citadel").into_iter().chain(projects) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap_or_default()).into_owned();
        codes.extend(expectation.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    codes.extend(SHOWN_ELSEWHERE.iter().map(|(code, _)| (*code).to_owned()));
    codes
}

fn pages() -> BTreeSet<String> {
    tree::files("explain", ".md")
        .iter()
        .map(|file| tree::name(file).trim_end_matches(".md").to_owned())
        .collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let (codes, pages) = (codes(), pages());
    let mut failures: Vec<String> =
        codes.difference(&pages).map(|code| format!("`{code}` has no explain/{code}.md")).collect();
    failures.extend(pages.difference(&codes).map(|page| format!("explain/{page}.md explains no code")));
    expect_none("codes and pages", &failures);
}

#[test]
fn every_code_is_shown_by_a_fixture() {
    let (codes, shown) = (codes(), shown_codes());
    let mut failures: Vec<String> =
        codes.difference(&shown).map(|code| format!("no fixture shows `{code}`")).collect();
    failures
        .extend(shown.difference(&codes).map(|code| format!("fixtures expect `{code}`, which is no code")));
    expect_none("codes and fixtures", &failures);
}

#[test]
fn a_page_is_short_and_shows_its_code() {
    let mut failures = Vec::new();
    for file in tree::files("explain", ".md") {
        let text = tree::read(&file);
        let code = tree::name(&file).trim_end_matches(".md");
        if text.lines().count() > 40 {
            failures.push(format!("{}: it is longer than a screen", shown(&file)));
        }
        let has_block = text.contains("```citadel") || text.contains("```toml");
        if !has_block || !text.contains(&format!("[{code}]")) {
            failures.push(format!("{}: no block shows `{code}`", shown(&file)));
        }
    }
    expect_none("pages", &failures);
}
