//! The page that newcomers follow, line by line: its files are written, its commands typed, and what it shows must
//! come.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::command::Folder;
use crate::tree;

/// A step of the page.
enum Step {
    /// A file to write: its name and its text.
    File(String, String),
    /// A command to type, and what it shows. `…` stands for anything.
    Type(String, Vec<String>),
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.split_once(" file=") {
            Some((_, name)) => steps.push(Step::File(name.to_owned(), block.join("\n") + "\n")),
            None if info == "console" => steps.extend(typed(&block)),
            None => {}
        }
    }
    steps
}

fn typed(block: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step::Type(command.to_owned(), Vec::new())),
            (None, Some(Step::Type(_, shown))) => shown.push((*line).to_owned()),
            (None, _) => panic!("a block begins with what is shown: {line}"),
        }
    }
    steps
}

/// What a terminal shows after a command.
fn shown(folder: &Folder, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_citadel")).parent().expect("it lies in a folder");
    let path = format!("{}:/usr/bin:/bin", program.display());
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", path)
        .env("LANG", "C.UTF-8")
        .output()
        .expect("bash starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Whether a text is what a page shows, where `…` is anything, also nothing.
fn is_shown(text: &str, page: &str) -> bool {
    let mut parts = page.split('…').map(regex::escape);
    let first = parts.next().unwrap_or_default();
    let pattern = parts.fold(first, |pattern, part| format!("{pattern}(?s:.*){part}"));
    regex::Regex::new(&format!("^{pattern}$")).expect("a pattern").is_match(text)
}

#[test]
fn the_page_for_newcomers_is_true_line_by_line() {
    let folder = Folder::new("getting-started");
    for step in steps(&tree::read(&tree::path("docs/getting-started.md"))) {
        match step {
            Step::File(name, text) => fs::write(folder.path().join(name), text).expect("a file"),
            Step::Type(command, expected) => {
                let (text, page) = (shown(&folder, &command), expected.join("\n"));
                let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
                assert!(is_shown(&lines.join("\n"), &page), "`{command}` shows\n{text}\nnot\n{page}");
            }
        }
    }
}
