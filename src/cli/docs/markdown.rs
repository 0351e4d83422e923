use std::fmt::Write as _;

use super::sheet::{ChoiceSheet, ErrorSheet, FieldSheet, OutputSheet, Sheet};
use super::text;

/// All about a kind, as a page of its own.
pub(super) fn page(sheet: &Sheet) -> String {
    let mut page = format!("# `{}`\n\n{}", sheet.name, body(sheet));
    let title = format!("Fields of every kind that is {}", sheet.class_text);
    section(&mut page, &title, &fields(&sheet.common_fields, &sheet.common_choices));
    section(&mut page, "Errors of such kinds", &errors(sheet.errors.iter().filter(|error| error.common)));
    page
}

/// What is a kind's own.
pub(super) fn body(sheet: &Sheet) -> String {
    let mut body = format!("{} It is {}.", sheet.summary, sheet.class_text);
    for note in &sheet.notes {
        let _ = write!(body, "\n\n{note}");
    }
    body.push_str("\n\n");
    part(&mut body, &fields(&sheet.fields, &sheet.choices));
    let _ = writeln!(body, "Ports: {}.\n", ports(sheet));
    part(&mut body, &sheet.output.iter().map(output).collect::<String>());
    part(&mut body, &errors(sheet.errors.iter().filter(|error| !error.common)));
    part(&mut body, &labels(sheet));
    if !sheet.example.is_empty() {
        let _ = writeln!(body, "```citadel\n{}\n```", sheet.example.trim_end());
    }
    body.truncate(body.trim_end().len());
    body.push('\n');
    body
}

fn part(page: &mut String, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(page, "{}\n", text.trim_end());
    }
}

fn section(page: &mut String, title: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(page, "\n## {title}\n\n{}", text.trim_end());
    }
}

/// A table of fields, and what their groups say.
pub(super) fn fields(fields: &[FieldSheet], choices: &[ChoiceSheet]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut text = "| field | takes | default | |\n|---|---|---|---|\n".to_owned();
    for field in fields {
        rows(&mut text, "", field);
    }
    for choice in choices {
        let _ = write!(text, "\n{}\n", self::choice(choice));
    }
    text
}

fn rows(text: &mut String, of: &str, field: &FieldSheet) {
    let name = format!("{of}{}", field.name);
    let bold = if text::is_marked(field) { "**" } else { "" };
    let mut what = vec![field.doc.clone()];
    what.extend(text::remarks(field));
    let unit = field.unit.as_ref().map(|unit| format!(", in {unit}")).unwrap_or_default();
    let default = field.default_text.as_deref().map(default).unwrap_or_default();
    let _ = writeln!(
        text,
        "| {bold}`{name}`{bold} | {}{unit} | {default} | {} |",
        quoted(&field.ty),
        cell(&what.join(" "))
    );
    for field in &field.fields {
        rows(text, &format!("{name}."), field);
    }
}

/// A default: a value as it is written, or words.
fn default(text: &str) -> String {
    if text.contains([' ', '`']) { cell(text) } else { quoted(text) }
}

fn choice(choice: &ChoiceSheet) -> String {
    let quote = |way: &Vec<String>| way.iter().map(|field| format!("`{field}`")).collect();
    let ways = choice.ways.iter().map(quote).collect();
    let with = choice.with.as_ref().map(|field| format!("`{field}`"));
    text::choice(&ChoiceSheet { rule: choice.rule, with, ways })
}

fn ports(sheet: &Sheet) -> String {
    let names = sheet.ports.names.iter().map(|name| format!("`{name}`"));
    sheet.ports.text.clone().into_iter().chain(names).collect::<Vec<_>>().join(", ")
}

fn output(output: &OutputSheet) -> String {
    let head = match &output.with {
        Some(with) => format!("Output with `{}: {}`", with.field, with.words.join(", ")),
        None => "Output".to_owned(),
    };
    let type_of =
        |ty: &str| if ty.contains('`') || ty.contains(" of ") { ty.to_owned() } else { format!("`{ty}`") };
    let parts: Vec<String> =
        output.fields.iter().map(|part| format!("`{}`: {}", part.name, type_of(&part.ty))).collect();
    match &output.text {
        Some(text) => format!("{head}: {text}.\n\n"),
        None => format!("{head}: {}.\n\n", parts.join("; ")),
    }
}

/// A table of errors.
pub(super) fn errors<'a>(errors: impl Iterator<Item = &'a ErrorSheet>) -> String {
    let row = |error: &ErrorSheet| {
        let again = if error.retryable { "yes" } else { "no" };
        let details = error.details.as_deref().map(quoted).unwrap_or_default();
        format!("| `{}` | {} | {again} | {details} |\n", error.name, cell(&error.when))
    };
    let rows: String = errors.map(row).collect();
    if rows.is_empty() {
        rows
    } else {
        format!("| error | when | tried again | details |\n|---|---|---|---|\n{rows}")
    }
}

fn labels(sheet: &Sheet) -> String {
    let labels = sheet.labels.iter().map(|label| format!("- `{}`: {}\n", label.name, label.text));
    let effect = match sheet.effect.name {
        "pure" => None,
        name => Some(format!("- `{name}`: {}\n", sheet.effect.text)),
    };
    labels.chain(effect).collect()
}

fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains('`') { cell(text) } else { format!("`{}`", cell(text)) }
}

/// A text inside of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
