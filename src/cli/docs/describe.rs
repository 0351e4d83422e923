use super::field::{choices, fields};
use super::sheet::{ErrorSheet, FieldSheet, Label, OutputSheet, PartSheet, PortsSheet, Sheet, Words};
use super::words;
use crate::catalog::{Catalog, Class, Kind, Output, Part, Ports};

/// All that the catalogue knows of a kind.
pub(super) fn sheet(catalog: &Catalog, kind: &Kind) -> Sheet {
    let common = catalog.common(kind.class);
    let own = fields(&kind.block);
    let is_own = |field: &FieldSheet| own.iter().any(|own| own.name == field.name);
    let common_fields = fields(common).into_iter().filter(|field| !is_own(field)).collect();
    let (name, text) = words::effect(kind.effect);
    Sheet {
        name: kind.name.to_string(),
        summary: kind.summary.to_string(),
        class: words::class(kind.class),
        class_text: kind.class.description(),
        labels: labels(kind, &own),
        notes: kind.notes.iter().map(ToString::to_string).collect(),
        fields: own,
        choices: choices(&kind.block),
        common_fields,
        common_choices: choices(common),
        ports: ports(kind),
        output: output(&kind.output),
        effect: Label { name, text },
        errors: errors(catalog, kind),
        example: kind.example.to_string(),
    }
}

fn labels(kind: &Kind, fields: &[FieldSheet]) -> Vec<Label> {
    let mut labels = of_class(kind.class);
    if fields.iter().any(takes_secrets) {
        labels.push(("secrets", "Secrets in its fields are in no journal, history, log or error."));
    }
    labels.extend(kind.abilities.iter().map(|ability| (ability.name(), ability.description())));
    labels.into_iter().map(|(name, text)| Label { name, text: text.to_owned() }).collect()
}

fn takes_secrets(field: &FieldSheet) -> bool {
    field.secrets != "refused" || field.fields.iter().any(takes_secrets)
}

fn of_class(class: Class) -> Vec<(&'static str, &'static str)> {
    let progress = ("heartbeats", "It reports progress, which `heartbeat_timeout` bounds.");
    match class {
        Class::Activity { progress: reports } => {
            let mut labels = vec![
                ("retries", "Attempts that fail are made again under a retry policy."),
                (
                    "at_most_once",
                    "With `effect: once` it is never tried again where nobody knows what happened.",
                ),
            ];
            labels.extend(reports.then_some(progress));
            labels
        }
        Class::Composite | Class::Waiting => {
            vec![("durable", "It outlives every process: whatever restarts, it goes on where it was.")]
        }
        Class::Pure | Class::Ending => vec![("free", "The workflow does it itself, without an activity.")],
    }
}

fn ports(kind: &Kind) -> PortsSheet {
    let (mut names, text) = match &kind.ports {
        Ports::Ok => (vec!["ok".to_owned()], None),
        Ports::Own(names) => (names.iter().map(ToString::to_string).collect(), None),
        Ports::Condition => {
            let text = "`true` and `false`, the cases and `otherwise`, or the members of the union";
            (Vec::new(), Some(text.to_owned()))
        }
        Ports::None => (Vec::new(), Some("none: nothing comes after it".to_owned())),
    };
    if kind.class != Class::Ending {
        names.push("error".to_owned());
    }
    PortsSheet { names, text }
}

fn output(output: &Output) -> Vec<OutputSheet> {
    let told = |text: &str| vec![OutputSheet { with: None, fields: Vec::new(), text: Some(text.to_owned()) }];
    match output {
        Output::None => Vec::new(),
        Output::Is(ty) => told(&ty.to_string()),
        Output::Record(record) => vec![OutputSheet { with: None, fields: parts(record), text: None }],
        Output::ByWord { field, records } => {
            let with = |word: &str| Some(Words { field: field.to_string(), words: vec![word.to_owned()] });
            let sheet = |(word, record): &(ecow::EcoString, Vec<_>)| OutputSheet {
                with: with(word),
                fields: parts(record),
                text: None,
            };
            records.iter().map(sheet).collect()
        }
        Output::Callee => {
            told("the output of the called workflow; `{ run_id: string }` with `detached: true`")
        }
        Output::Activity => told("what the activity's declaration `returns`"),
        Output::Loop => named(&[
            ("results", "list of what `collect` is, of optionals with `on_iteration_error: continue`"),
            ("count", "int"),
            ("failures", "list of `{ index, item, error }`, with `on_iteration_error: continue`"),
            ("state", "what `state` declares"),
        ]),
        Output::Handler => named(&[
            ("errors", "list of the errors that came"),
            ("error", "the first of them"),
            ("value", "`value` of the case that decided"),
        ]),
    }
}

fn named(fields: &[(&str, &str)]) -> Vec<OutputSheet> {
    let part = |(name, ty): &(&str, &str)| PartSheet { name: (*name).to_owned(), ty: (*ty).to_owned() };
    vec![OutputSheet { with: None, fields: fields.iter().map(part).collect(), text: None }]
}

fn parts(record: &[(ecow::EcoString, Part)]) -> Vec<PartSheet> {
    record.iter().map(|(name, part)| PartSheet { name: name.to_string(), ty: words::part(part) }).collect()
}

fn errors(catalog: &Catalog, kind: &Kind) -> Vec<ErrorSheet> {
    let mut errors: Vec<ErrorSheet> = Vec::new();
    if kind.class == Class::Ending {
        return errors;
    }
    for (at, error) in catalog.errors(kind).into_iter().enumerate() {
        if errors.iter().all(|known| known.name != error.name.as_str()) {
            errors.push(ErrorSheet {
                name: error.name.to_string(),
                retryable: error.retryable,
                common: at >= kind.errors.len(),
                when: error.doc.to_string(),
                details: error.details.map(|ty| ty.to_string()),
            });
        }
    }
    errors.sort_by(|a, b| (a.common, &a.name).cmp(&(b.common, &b.name)));
    errors
}
