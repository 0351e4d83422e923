use super::columns::Paper;
use super::sheet::{ChoiceSheet, ErrorSheet, FieldSheet, OutputSheet, PortsSheet, Sheet};

/// Each kind with its sentence.
pub(super) fn list(sheets: &[Sheet], paper: &Paper) -> String {
    let row = |sheet: &Sheet| vec![sheet.name.clone(), sheet.class.to_owned(), sheet.summary.clone()];
    let rows: Vec<Vec<String>> = sheets.iter().map(row).collect();
    let hint = "`citadel docs nodes KIND` prints all about one.";
    format!("{}\n{}", paper.table("", &rows), paper.paragraph("", hint))
}

/// All about a kind.
pub(super) fn page(sheet: &Sheet, paper: &Paper) -> String {
    let head = format!("{} It is {}.", sheet.summary, sheet.class_text);
    let mut page = format!("{}{}", paper.heading(&sheet.name), paper.paragraph("", &head));
    for note in &sheet.notes {
        page.push('\n');
        page.push_str(&paper.paragraph("", &without_links(note)));
    }
    let mut section = |title: &str, text: String| {
        if !text.trim().is_empty() {
            page.push_str(&format!("\n{}{text}", paper.heading(title)));
        }
    };
    section("Fields (* must be written)", fields(paper, "  ", &sheet.fields, &sheet.choices));
    let common = format!("Fields of every kind that is {}", sheet.class_text);
    section(&common, fields(paper, "  ", &sheet.common_fields, &sheet.common_choices));
    section("Ports", paper.paragraph("  ", &ports(&sheet.ports)));
    section("Output", sheet.output.iter().map(|output| self::output(paper, output)).collect());
    section("Errors (* is never tried again)", errors(paper, &sheet.errors));
    section("What a second execution does", paper.paragraph("  ", &sheet.effect.text));
    let label = |label: &super::sheet::Label| vec![label.name.to_owned(), label.text.clone()];
    section("Labels", paper.table("  ", &sheet.labels.iter().map(label).collect::<Vec<_>>()));
    let line = |line: &str| format!("{}\n", format!("  {line}").trim_end());
    section("Example", sheet.example.lines().map(line).collect());
    page
}

fn fields(paper: &Paper, indent: &str, fields: &[FieldSheet], choices: &[ChoiceSheet]) -> String {
    let mut text = String::new();
    let rows: Vec<Vec<String>> = fields.iter().flat_map(|field| rows("", field)).collect();
    text.push_str(&paper.table(indent, &rows));
    for choice in choices {
        text.push_str(&paper.paragraph(indent, &self::choice(choice)));
    }
    text
}

/// A field, and those of the block that it is.
fn rows(of: &str, field: &FieldSheet) -> Vec<Vec<String>> {
    let name = format!("{of}{}", field.name);
    let mark = if is_marked(field) { "*" } else { "" };
    let mut rows = vec![vec![format!("{name}{mark}"), field.ty.clone(), what(field)]];
    rows.extend(field.fields.iter().flat_map(|field| self::rows(&format!("{name}."), field)));
    rows
}

/// Whether a field must be written, perhaps only in some cases.
pub(super) fn is_marked(field: &FieldSheet) -> bool {
    field.required || field.required_with.is_some()
}

/// What a field does, and all that is to be known of its values.
pub(super) fn what(field: &FieldSheet) -> String {
    let mut sentences = vec![field.doc.clone()];
    sentences.extend(field.unit.as_ref().map(|unit| format!("In {unit}.")));
    sentences.extend(field.default_text.as_ref().map(|text| format!("Default: {text}.")));
    sentences.extend(remarks(field));
    sentences.join(" ")
}

/// What is to be known of a field's values beside unit and default.
pub(super) fn remarks(field: &FieldSheet) -> Vec<String> {
    let mut remarks = Vec::new();
    remarks.extend(field.least.map(|least| format!("At least {least}.")));
    remarks.extend(match field.secrets {
        "expected" => Some("Wants a secret.".to_owned()),
        "allowed" => Some("Takes secrets.".to_owned()),
        _ => None,
    });
    remarks
        .extend(field.only_with.as_ref().map(|it| format!("With `{}` {}.", it.field, it.words.join(", "))));
    remarks.extend(
        field.required_with.as_ref().map(|it| format!("Must be written with {}.", it.words.join(", "))),
    );
    remarks
}

/// What a group of fields says of them.
pub(super) fn choice(choice: &ChoiceSheet) -> String {
    let way = |way: &Vec<String>| match way.as_slice() {
        [field] => field.clone(),
        fields => format!("any of {}", fields.join(", ")),
    };
    let ways: Vec<String> = choice.ways.iter().map(way).collect();
    let how = match (choice.rule, &choice.with) {
        ("at_most_one", _) => "At most one of".to_owned(),
        (_, Some(field)) => format!("With {field} exactly one of"),
        _ => "Exactly one of".to_owned(),
    };
    match ways.as_slice() {
        [way] => match &choice.with {
            Some(field) => format!("With {field} also {way}."),
            None => format!("Always {way}."),
        },
        _ if choice.ways.iter().any(|way| way.len() > 1) => format!("{how}: {}.", ways.join("; ")),
        _ => format!("{how}: {}.", ways.join(", ")),
    }
}

fn ports(ports: &PortsSheet) -> String {
    let names = ports.names.iter().cloned();
    ports.text.clone().into_iter().chain(names).collect::<Vec<_>>().join(", ")
}

fn output(paper: &Paper, output: &OutputSheet) -> String {
    let mut text = String::new();
    let indent = if output.with.is_some() { "    " } else { "  " };
    if let Some(with) = &output.with {
        text.push_str(&paper.paragraph("  ", &format!("with {}: {}", with.field, with.words.join(", "))));
    }
    if let Some(told) = &output.text {
        text.push_str(&paper.paragraph(indent, told));
    }
    let rows: Vec<Vec<String>> =
        output.fields.iter().map(|part| vec![part.name.clone(), part.ty.clone()]).collect();
    text.push_str(&paper.table(indent, &rows));
    text
}

fn errors(paper: &Paper, errors: &[ErrorSheet]) -> String {
    let row = |error: &ErrorSheet| {
        let mark = if error.retryable { "" } else { "*" };
        let details =
            error.details.as_ref().map(|details| format!(" Details: {details}.")).unwrap_or_default();
        vec![format!("{}{mark}", error.name), format!("{}{details}", error.when)]
    };
    paper.table("  ", &errors.iter().map(row).collect::<Vec<_>>())
}

/// Links as they are read where nothing can be clicked on: `[this](that.md)` is `this (docs/that.md)`.
fn without_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, name, target, after)) = next_link(rest) {
        plain.push_str(&format!("{before}{name} (docs/{target})"));
        rest = after;
    }
    plain + rest
}

fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (middle, after) = text.split_once("](")?;
    let (before, name) = middle.rsplit_once('[')?;
    let (target, after) = after.split_once(')')?;
    Some((before, name, target, after))
}

#[cfg(test)]
mod tests {
    use super::without_links;

    #[test]
    fn links_are_readable() {
        let text = "See [a](a.md) and [b](x/b.md#c), `[0]` (too).";
        assert_eq!(without_links(text), "See a (docs/a.md) and b (docs/x/b.md#c), `[0]` (too).");
        assert_eq!(without_links("none [here"), "none [here");
    }
}
