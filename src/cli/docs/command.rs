use std::io::Write;
use std::process::ExitCode;

use super::columns::Paper;
use super::describe::sheet;
use super::sheet::{Document, SCHEMA, Sheet};
use super::{markdown, reference, text};
use crate::catalog::{Catalog, Kind};
use crate::cli::arguments::{Docs, DocsFormat};
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::diagnostic::nearest;

/// `citadel docs nodes [KIND]`
pub(in crate::cli) fn docs(docs: &Docs) -> Result<ExitCode, Failure> {
    let catalog = Catalog::standard();
    let Docs::Nodes { kind, format } = docs;
    let text = match kind {
        None => all(&catalog, *format),
        Some(name) => match catalog.kind(name) {
            Some(kind) => one(&catalog, kind, *format),
            None => return Ok(unknown(&catalog, name)),
        },
    };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn one(catalog: &Catalog, kind: &Kind, format: DocsFormat) -> String {
    let sheet = sheet(catalog, kind);
    match format {
        DocsFormat::Text => text::page(&sheet, &Paper::of(&std::io::stdout())),
        DocsFormat::Markdown => markdown::page(&sheet),
        DocsFormat::Json => json(vec![sheet]),
    }
}

fn all(catalog: &Catalog, format: DocsFormat) -> String {
    let sheets: Vec<Sheet> = catalog.kinds().map(|kind| sheet(catalog, kind)).collect();
    match format {
        DocsFormat::Text => text::list(&sheets, &Paper::of(&std::io::stdout())),
        DocsFormat::Markdown => reference::reference(catalog, &sheets),
        DocsFormat::Json => json(sheets),
    }
}

fn json(kinds: Vec<Sheet>) -> String {
    let text = serde_json::to_string_pretty(&Document { schema: SCHEMA, kinds });
    format!("{}\n", text.expect("a sheet is made of texts, numbers and lists"))
}

/// Says that there is no such kind, and what was probably meant.
fn unknown(catalog: &Catalog, name: &str) -> ExitCode {
    complain(&format!("error: there is no kind of node `{name}`"));
    complain(&match nearest(name, catalog.kinds().map(|kind| kind.name.as_str())) {
        Some(near) => format!("  help: did you mean `{near}`?"),
        None if name.contains('.') => {
            "  help: a tool of a plugin has the fields that the plugin says; `citadel docs nodes` lists all other kinds".into()
        }
        None => "  help: `citadel docs nodes` lists all kinds".into(),
    });
    ExitCode::from(2)
}
