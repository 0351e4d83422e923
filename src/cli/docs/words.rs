use crate::catalog::{CaseValue, Class, Effect, Form, Known, Part, Reference, Secrecy};

/// What a field takes, in a few words.
pub(super) fn form(form: &Form) -> String {
    match form {
        Form::Value(ty) => ty.to_string(),
        Form::OneOf(types) => types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "),
        Form::Entries(types) if types.is_empty() => "map".into(),
        Form::InputOf(callee) => format!("what `{callee}` takes"),
        Form::Known(known) => self::known(*known).into(),
        Form::Reference(to) => referred(*to).into(),
        Form::Call(forms) => forms.iter().map(|form| form.pattern()).collect::<Vec<_>>().join(" | "),
        Form::Choice(words) => words.join(" | "),
        Form::Cases(value) => cases(value).into(),
        other => fixed(other).into(),
    }
}

/// Forms that are written in one way.
fn fixed(form: &Form) -> &'static str {
    match form {
        Form::Entries(_) => "map of strings, numbers, bools",
        Form::Fallback => "fields of the output",
        Form::TimeLimit => "duration",
        Form::Literal(_) => "literal string",
        Form::Word => "name",
        Form::ErrorNames => "list of errors",
        Form::ErrorValue => "error",
        Form::NodeError => "node.error",
        Form::Join => "all | every | any | 2 | first | first(2)",
        Form::Statuses => "list of statuses",
        Form::Tools => "list of tools, workflows",
        Form::Type => "type",
        Form::Block(_) => "block",
        Form::Params => "{ name: type = default }",
        Form::Body => "{ nodes, connections }",
        _ => "any value",
    }
}

fn cases(value: &CaseValue) -> &'static str {
    match value {
        CaseValue::Condition => "{ name: condition }",
        CaseValue::Error(_) => "{ Error { … } }",
        CaseValue::Value => "{ name: value }",
    }
}

fn known(known: Known) -> &'static str {
    match known {
        Known::Duration => "literal duration",
        Known::Int { .. } => "literal int",
        Known::Double { .. } => "literal double",
        Known::Bool => "true | false",
        Known::Text => "literal string",
    }
}

fn referred(reference: Reference) -> &'static str {
    match reference {
        Reference::Retry => "retry policy | none",
        Reference::Breaker => "breaker",
        Reference::Limit => "limit",
        Reference::Node => "node",
        Reference::Workflow => "workflow",
        Reference::Activity => "activity",
    }
}

/// What a field of an output is.
pub(super) fn part(part: &Part) -> String {
    match part {
        Part::Is(ty) => ty.to_string(),
        Part::Declared(field, otherwise) => format!("type of `{field}`, else {otherwise}"),
        Part::ListOf(field, otherwise) => format!("list of the type of `{field}`, else of {otherwise}"),
        Part::OptionalOf(field, otherwise) => {
            format!("optional of the type of `{field}`, else of {otherwise}")
        }
        Part::ValueOf(field) => format!("type of `{field}`"),
    }
}

/// What programs call a class.
pub(super) fn class(class: Class) -> &'static str {
    match class {
        Class::Activity { .. } => "activity",
        Class::Composite => "composite",
        Class::Waiting => "waiting",
        Class::Pure => "pure",
        Class::Ending => "ending",
    }
}

/// Whether a field takes secrets.
pub(super) fn secrecy(secrecy: Secrecy) -> &'static str {
    match secrecy {
        Secrecy::Refused => "refused",
        Secrecy::Allowed => "allowed",
        Secrecy::Expected | Secrecy::ExpectedInAddress => "expected",
    }
}

/// What a second execution does: a word and a sentence.
pub(super) fn effect(effect: Effect) -> (&'static str, String) {
    let own = "only the author knows what a second execution does, and says it with `effect`";
    match effect {
        Effect::Pure => ("pure", "There is nothing to repeat.".into()),
        Effect::Idempotent => ("idempotent", "A second execution is taken to do what one does.".into()),
        Effect::UnclearWhere { field, words } => {
            let words: Vec<String> = words.iter().map(|word| format!("`{field}: {word}`")).collect();
            ("unclear_where", format!("With {} {own}.", words.join(" or ")))
        }
        Effect::Unclear => (
            "unclear",
            "Only the author knows what a second execution does, and says it with `effect`.".into(),
        ),
    }
}
