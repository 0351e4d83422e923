use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use super::arguments::Docs;
use super::failure::Failure;
use crate::catalog::{
    Block, CaseValue, Catalog, Choice, Class, Default, Field, Form, Kind, Known, Output, Part, Ports,
    Reference, Required, Secrecy,
};
use crate::diagnostic::nearest;

/// `citadel docs nodes [KIND]`
pub(super) fn docs(docs: &Docs) -> Result<ExitCode, Failure> {
    let catalog = Catalog::standard();
    let Docs::Nodes { kind } = docs;
    let text = match kind {
        Some(name) => page(&catalog, find(&catalog, name)?),
        None => list(&catalog),
    };
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn find<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Kind, Failure> {
    catalog.kind(name).ok_or_else(|| {
        Failure::Usage(match nearest(name, catalog.kinds().map(|kind| kind.name.as_str())) {
            Some(near) => format!("there is no kind of node `{name}`: did you mean `{near}`?"),
            None => format!("there is no kind of node `{name}`; `citadel docs nodes` lists all kinds"),
        })
    })
}

/// Each kind with its sentence.
fn list(catalog: &Catalog) -> String {
    columns(catalog.kinds().map(|kind| vec![kind.name.to_string(), kind.summary.to_string()]), "")
}

/// All that is known of a kind.
fn page(catalog: &Catalog, kind: &Kind) -> String {
    let mut page = format!("{}\n\n{} It is {}.\n", kind.name, kind.summary, kind.class.description());
    section(&mut page, "Fields (* must be written)", fields(&kind.block));
    section(&mut page, "Fields of all such kinds", fields(catalog.common(kind.class)));
    section(&mut page, "Ports", format!("  {}\n", ports(kind)));
    section(&mut page, "Output", output(&kind.output));
    section(&mut page, "Errors", errors(catalog, kind));
    page
}

fn section(page: &mut String, title: &str, text: String) {
    if !text.trim().is_empty() {
        let _ = write!(page, "\n{title}\n{text}");
    }
}

fn fields(block: &Block) -> String {
    let mut text = columns(block.fields.iter().map(field), "  ");
    for group in &block.groups {
        let ways: Vec<String> = group.ways.iter().map(|way| way.join(" with ")).collect();
        let how = match &group.required {
            Choice::Free => "at most one of".to_owned(),
            Choice::Required => "exactly one of".to_owned(),
            Choice::RequiredWith(field) => format!("with {field} exactly one of"),
        };
        let _ = writeln!(text, "  {how}: {}", ways.join(", "));
    }
    text
}

fn field(field: &Field) -> Vec<String> {
    let mark = if field.required == Required::No { "" } else { "*" };
    let mut what = field.doc.to_string();
    if let Some(default) = &field.default {
        let _ = write!(what, " Default: {}.", value(default));
    }
    if field.secrecy != Secrecy::Refused {
        what.push_str(" Takes secrets.");
    }
    if let Some((by, words)) = &field.only_with {
        let _ = write!(what, " With {by}: {}.", words.join(", "));
    }
    vec![format!("{}{mark}", field.name), form(&field.form), what]
}

fn value(default: &Default) -> String {
    match default {
        Default::Word(word) => word.to_string(),
        Default::Int(number) => number.to_string(),
        Default::Bool(yes) => yes.to_string(),
        Default::Texts(texts) => format!("{texts:?}"),
    }
}

/// What a field takes, in a few words.
fn form(form: &Form) -> String {
    match form {
        Form::Value(ty) => ty.to_string(),
        Form::OneOf(types) => types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        Form::Any => "any value".into(),
        Form::Entries(types) if types.is_empty() => "a map".into(),
        Form::Entries(_) => "a map of plain values".into(),
        Form::Fallback => "fields of the output".into(),
        Form::InputOf(callee) => format!("what {callee} takes"),
        Form::Known(known) => self::known(*known).into(),
        Form::TimeLimit => "duration".into(),
        Form::Literal(_) => "a literal text".into(),
        Form::Choice(words) => words.join(" | "),
        Form::Word => "a name".into(),
        Form::Reference(to) => format!("the name of a {}", referred(*to)),
        Form::ErrorNames => "[names of errors]".into(),
        Form::ErrorValue => "an error".into(),
        Form::NodeError => "node.error".into(),
        Form::Join => "all | every | any | 2 | first | first(2)".into(),
        Form::Call(signatures) => {
            signatures.iter().map(|known| known.pattern()).collect::<Vec<_>>().join(" | ")
        }
        Form::Statuses => "[statuses and classes]".into(),
        Form::Tools => "[tools of plugins, workflows]".into(),
        Form::Type => "a type".into(),
        Form::Block(block) => {
            let names: Vec<&str> = block.fields.iter().map(|field| field.name.as_str()).collect();
            format!("{{ {} }}", names.join(", "))
        }
        Form::Cases(CaseValue::Condition) => "{ name: condition, … }".into(),
        Form::Cases(CaseValue::Error(_)) => "{ Error { … }, … }".into(),
        Form::Cases(CaseValue::Value) => "{ name: value, … }".into(),
        Form::Params => "{ name: type = default, … }".into(),
        Form::Body => "{ nodes and connections }".into(),
    }
}

fn known(known: Known) -> &'static str {
    match known {
        Known::Duration => "a literal duration",
        Known::Int { .. } => "a literal int",
        Known::Double { .. } => "a literal number",
        Known::Bool => "true | false",
        Known::Text => "a literal text",
    }
}

fn referred(reference: Reference) -> &'static str {
    match reference {
        Reference::Retry => "retry policy, or none",
        Reference::Breaker => "breaker",
        Reference::Limit => "limit",
        Reference::Node => "node",
        Reference::Workflow => "workflow",
        Reference::Activity => "remote activity",
    }
}

fn ports(kind: &Kind) -> String {
    let own = match &kind.ports {
        Ports::Ok => "ok".to_owned(),
        Ports::Own(names) => names.join(", "),
        Ports::Condition => "true and false, the cases and otherwise, or the members of the union".to_owned(),
        Ports::None => return "none: it ends the run".to_owned(),
    };
    if kind.class == Class::Ending { own } else { format!("{own}, error") }
}

fn output(output: &Output) -> String {
    match output {
        Output::None => String::new(),
        Output::Is(ty) => format!("  {ty}\n"),
        Output::Record(fields) => parts(fields, "  "),
        Output::ByWord { field, records } => records
            .iter()
            .map(|(word, fields)| format!("  with {field}: {word}\n{}", parts(fields, "    ")))
            .collect(),
        Output::Callee => "  what the callee gives; { run_id } of a detached one\n".into(),
        Output::Activity => "  what the activity returns\n".into(),
        Output::Loop => {
            "  results (with collect), count, failures (with on_iteration_error: continue), state\n".into()
        }
        Output::Handler => "  errors, error (the first), value\n".into(),
    }
}

fn parts(fields: &[(ecow::EcoString, Part)], indent: &str) -> String {
    columns(fields.iter().map(|(name, part)| vec![name.to_string(), self::part(part)]), indent)
}

fn part(part: &Part) -> String {
    match part {
        Part::Is(ty) => ty.to_string(),
        Part::Declared(field, otherwise) => format!("the type of {field}, else {otherwise}"),
        Part::ListOf(field, otherwise) => format!("a list of the type of {field}, else of {otherwise}"),
        Part::OptionalOf(field, otherwise) => {
            format!("an optional of the type of {field}, else of {otherwise}")
        }
        Part::ValueOf(field) => format!("what {field} is"),
    }
}

fn errors(catalog: &Catalog, kind: &Kind) -> String {
    let mut errors = catalog.errors(kind);
    errors.sort_by(|a, b| a.name.cmp(&b.name));
    errors.dedup_by(|a, b| a.name == b.name);
    let says = |retryable| if retryable { "may be retried" } else { "is never retried" };
    columns(errors.iter().map(|error| vec![error.name.to_string(), says(error.retryable).to_owned()]), "  ")
}

/// Rows of cells in columns. A cell that is wider than reasonable has the rest of its row on the next line.
fn columns(rows: impl Iterator<Item = Vec<String>>, indent: &str) -> String {
    const WIDEST: usize = 28;
    let rows: Vec<Vec<String>> = rows.collect();
    let width = |column: usize| {
        let lengths = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        lengths.filter(|length| *length <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    rows.iter().map(|row| line(row, &widths, indent)).collect()
}

fn line(row: &[String], widths: &[usize], indent: &str) -> String {
    let (mut line, mut column) = (indent.to_owned(), indent.len());
    for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
        line.push_str(cell);
        column += width + 2;
        let (end, is_last) = (line.chars().count(), at + 1 == row.len());
        if end + 2 <= column || is_last {
            line.push_str(&" ".repeat(column.saturating_sub(end)));
        } else {
            line = format!("{line}\n{}", " ".repeat(column));
        }
    }
    format!("{}\n", line.trim_end())
}
