//! The project's own files, as the tests read them.

use std::fs;
use std::path::{Path, PathBuf};

/// A path from the project's root.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// All files below a folder of the project whose names end so, sorted. None if the folder isn't there.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&path(folder), ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in entries(folder) {
        if entry.is_dir() {
            collect(&entry, ending, found);
        } else if name(&entry).ends_with(ending) {
            found.push(entry);
        }
    }
}

/// What lies directly in a folder, sorted.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

/// A file's text.
pub(crate) fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The last part of a path.
pub(crate) fn name(file: &Path) -> &str {
    file.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// How failures show a path: from the project's root.
pub(crate) fn shown(file: &Path) -> String {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string()
}

/// Fails with a list, if there is one.
pub(crate) fn expect_none(what: &str, failures: &[String]) {
    assert!(failures.is_empty(), "{what}:\n  {}\n", failures.join("\n  "));
}
