use std::fmt::Write as _;

use super::describe::sheet;
use super::markdown;
use super::sheet::{ErrorSheet, Sheet};
use crate::catalog::{Catalog, Class, Kind};

const HEAD: &str = "\
# Node kinds

<!-- Written by `citadel docs nodes --format markdown`. Change the catalogue, then write it anew. -->

Every kind of node: what it takes, where it is left, what it gives, and what it may fail with. **Bold** fields must be
written. A field that a kind doesn't have is an error, with a suggestion where one is near. [For programs](catalogue.md)
the same is there as JSON.
";

/// What is to be said before what all tools have.
const TOOLS: &str = "\
A tool of a plugin is a kind of its own, `plugin.tool`, with the fields and the output of its schemas once it is locked. Before that:
";

/// What all kinds of a class have, by the names that people call them.
const CLASSES: [(&str, Class); 4] = [
    ("Activities", Class::Activity { progress: true }),
    ("Loops, children and waits", Class::Composite),
    ("Kinds that the workflow computes itself", Class::Pure),
    ("Kinds that end a run", Class::Ending),
];

/// The reference of all kinds.
pub(super) fn reference(catalog: &Catalog, sheets: &[Sheet]) -> String {
    let mut page = format!("{HEAD}\n| kind | | |\n|---|---|---|\n");
    for sheet in sheets {
        let Sheet { name, class, summary, .. } = sheet;
        let _ = writeln!(page, "| [`{name}`](#{name}) | {class} | {summary} |");
    }
    for sheet in sheets {
        let _ = write!(page, "\n## `{}`\n\n{}", sheet.name, markdown::body(sheet));
    }
    let tools = markdown::body(&sheet(catalog, catalog.tool()));
    let _ = write!(page, "\n## Tools of plugins\n\n{TOOLS}\n{tools}");
    for (title, class) in CLASSES {
        let _ = write!(page, "\n## {title}\n\n{}", of_class(catalog, class));
    }
    page
}

fn of_class(catalog: &Catalog, class: Class) -> String {
    let sheet = sheet(catalog, &Kind::new("", class, ""));
    let mut text = markdown::fields(&sheet.common_fields, &sheet.common_choices);
    let errors = markdown::errors(sheet.errors.iter().filter(|error: &&ErrorSheet| error.common));
    if !errors.is_empty() {
        let _ = write!(text, "\n{errors}");
    }
    text
}
