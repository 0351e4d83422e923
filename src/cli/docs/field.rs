use serde_json::{Value, json};

use super::sheet::{ChoiceSheet, FieldSheet, Words};
use super::words;
use crate::catalog::{Block, CaseValue, Choice, Default, Field, Form, Known, Required};
use crate::types::Type;

/// The fields of a block, in its order.
pub(super) fn fields(block: &Block) -> Vec<FieldSheet> {
    block.fields.iter().map(field).collect()
}

/// The choices of a block.
pub(super) fn choices(block: &Block) -> Vec<ChoiceSheet> {
    let choice = |group: &crate::catalog::Group| {
        let (rule, with) = match &group.required {
            Choice::Free => ("at_most_one", None),
            Choice::Required => ("exactly_one", None),
            Choice::RequiredWith(field) => ("exactly_one_with", Some(field.to_string())),
        };
        let ways = group.ways.iter().map(|way| way.iter().map(ToString::to_string).collect()).collect();
        ChoiceSheet { rule, with, ways }
    };
    block.groups.iter().map(choice).collect()
}

fn field(field: &Field) -> FieldSheet {
    let block = inner(&field.form);
    let words = |words: &[ecow::EcoString]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let by = field.only_with.as_ref();
    let with =
        |list: &[ecow::EcoString]| by.map(|(by, _)| Words { field: by.to_string(), words: words(list) });
    FieldSheet {
        name: field.name.to_string(),
        ty: words::form(&field.form),
        values: values(&field.form),
        required: field.required == Required::Yes,
        only_with: by.and_then(|(_, list)| with(list)),
        required_with: match &field.required {
            Required::For(list) => with(list),
            Required::No | Required::Yes => None,
        },
        default: field.default.as_ref().map_or(Value::Null, value),
        default_text: default_text(field),
        unit: field.unit.as_ref().map(ToString::to_string),
        least: least(field),
        secrets: words::secrecy(field.secrecy),
        doc: doc(field),
        fields: block.map(fields).unwrap_or_default(),
        choices: block.map(choices).unwrap_or_default(),
    }
}

/// The block that a field is, or that stands behind each of its names.
fn inner(form: &Form) -> Option<&Block> {
    match form {
        Form::Block(block) | Form::Cases(CaseValue::Error(block)) => Some(block),
        _ => None,
    }
}

fn values(form: &Form) -> Vec<String> {
    match form {
        Form::Choice(words) => words.iter().map(ToString::to_string).collect(),
        Form::Known(Known::Bool) => vec!["true".into(), "false".into()],
        _ => Vec::new(),
    }
}

/// The least of what it counts; a duration's is only ever nothing, which goes without saying.
fn least(field: &Field) -> Option<i64> {
    match &field.form {
        Form::Known(Known::Int { least } | Known::Double { least }) => Some(*least),
        Form::Value(Type::Duration) => None,
        _ => field.least,
    }
}

fn doc(field: &Field) -> String {
    match &field.form {
        Form::Literal(reason) => format!("{} It is a literal: {reason}.", field.doc),
        _ => field.doc.to_string(),
    }
}

fn default_text(field: &Field) -> Option<String> {
    let told = field.told.as_ref().map(ToString::to_string);
    told.or_else(|| match field.default.as_ref()? {
        Default::Word(word) => Some(word.to_string()),
        Default::Int(number) => Some(grouped(*number)),
        Default::Bool(yes) => Some(yes.to_string()),
        Default::Texts(texts) => Some(format!("{texts:?}")),
    })
}

fn value(default: &Default) -> Value {
    match default {
        Default::Word(word) => json!(word),
        Default::Int(number) => json!(number),
        Default::Bool(yes) => json!(yes),
        Default::Texts(texts) => json!(texts),
    }
}

/// A number with its thousands apart.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(5, "5"), (-100, "-100"), (1000, "1,000"), (1_048_576, "1,048,576")] {
            assert_eq!(grouped(number), text);
        }
    }
}
