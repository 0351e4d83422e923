//! Which fields a block has: unknown, repeated, contradicting and missing ones. What they hold is for `argument`.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::foreign::hint;
use crate::ast::{self, FieldValue};
use crate::catalog::{Block, Choice, Field, Group, Required};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::Span;

/// What can be wrong with the fields of a block.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("{of} has no field `{name}`")]
    #[diagnostic(code(unknown_config), help("{}", unknown_help(hint.as_deref(), suggestion.as_deref(), known)))]
    Unknown {
        name: EcoString,
        of: String,
        hint: Option<String>,
        suggestion: Option<String>,
        known: Vec<EcoString>,
    },
    #[error("`{name}` is written twice")]
    #[diagnostic(code(duplicate_member), help("remove one of them"))]
    Duplicate { name: EcoString },
    #[error("`{name}` and `{other}` exclude each other")]
    #[diagnostic(code(conflicting_config), help("keep one of {}", list(ways, " and ")))]
    Conflict { name: EcoString, other: EcoString, ways: Vec<EcoString> },
    #[error("{of} needs {}", wanted.join(" and "))]
    #[diagnostic(code(missing_config), help("add {}", if wanted.len() == 1 { "it" } else { "them" }))]
    Missing { of: String, wanted: Vec<String> },
}

fn unknown_help(hint: Option<&str>, suggestion: Option<&str>, known: &[EcoString]) -> String {
    match (hint, suggestion) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) if known.is_empty() => "it has no fields".to_owned(),
        (None, None) => format!("its fields are {}", list(known, " and ")),
    }
}

/// "`a`, `b` and `c`"
fn list(names: &[EcoString], last: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, rest)) => format!("{}{last}{end}", rest.join(", ")),
        None => String::new(),
    }
}

/// What a block is matched against.
#[derive(Debug, Clone)]
pub(super) struct Expected<'a> {
    /// The fields of its kind, then those of its class; a name of the first hides one of the second.
    pub(super) blocks: Vec<&'a Block>,
    /// What messages call it, with an article.
    pub(super) of: String,
    /// Its head, where missing fields are reported.
    pub(super) head: Span,
    /// Something of it did not parse: nothing is said about missing fields.
    pub(super) incomplete: bool,
}

/// A field as written, with what the catalogue says of it.
pub(super) type Known<'a> = (&'a ast::Field, &'a Field);

/// Whether a field was probably meant where another name is written: what is wrong with its value may follow from that.
pub(super) fn is_guess((written, spec): &Known<'_>) -> bool {
    written.name.text != spec.name
}

/// Reports a member that is written twice, at its second place.
pub(super) fn report_duplicate(second: &ast::Name, first: Span, problems: &mut Problems) {
    let finding = Finding::new(second.span, Error::Duplicate { name: second.text.clone() });
    problems.report(finding.label(first, "first written here"));
}

impl<'a> Expected<'a> {
    /// The fields that the catalogue knows, in source order, each once; a misspelt one, which is reported, as what was
    /// [meant](is_guess). `word` gives the lone word that a field is
    /// set to: some fields are for some words of another only.
    pub(super) fn matched(
        &self,
        fields: &[&'a ast::Field],
        word: &dyn Fn(&ast::Field) -> Option<EcoString>,
        problems: &mut Problems,
    ) -> Vec<Known<'a>> {
        let chosen = Chosen { fields, word };
        let mut known: Vec<Known<'a>> = Vec::new();
        let mut complete = !self.incomplete;
        for field in fields {
            match self.find(&field.name.text, &chosen) {
                Err(of) => {
                    complete = false;
                    let meant = self.report_unknown(field, of, &chosen, problems);
                    let is_written = |spec: &&Field| fields.iter().any(|other| other.name.text == spec.name);
                    known.extend(meant.filter(|spec| !is_written(spec)).map(|spec| (*field, spec)));
                }
                Ok(spec) => match known.iter().find(|(_, other)| other.name == spec.name) {
                    Some((first, _)) => report_duplicate(&field.name, first.name.span, problems),
                    None => known.push((field, spec)),
                },
            }
        }
        for group in self.groups() {
            report_conflict(group, &known, problems);
        }
        if complete {
            self.report_missing(&known, &chosen, problems);
        }
        known
    }

    /// Whether there is a field of that name, for whatever words of others.
    pub(super) fn knows(&self, field: &ast::Field) -> bool {
        self.blocks.iter().any(|block| block.get(&field.name.text).is_some())
    }

    /// The field of a name, or what has no such field.
    fn find(&self, name: &str, chosen: &Chosen<'_, 'a>) -> Result<&'a Field, String> {
        let field = self.blocks.iter().find_map(|block| block.get(name)).ok_or_else(|| self.of.clone())?;
        match chosen.against(field, &self.blocks) {
            Some((by, word)) => Err(format!("the {by} `{word}`")),
            None => Ok(field),
        }
    }

    /// Gives the field that was probably meant.
    fn report_unknown(
        &self,
        field: &ast::Field,
        of: String,
        chosen: &Chosen<'_, 'a>,
        problems: &mut Problems,
    ) -> Option<&'a Field> {
        let name = field.name.text.clone();
        let known: Vec<EcoString> = self.possible(chosen).map(|field| field.name.clone()).collect();
        let suggestion = nearest(&name, known.iter().map(EcoString::as_str)).map(str::to_owned);
        let hint = hint(&name, &known).map(str::to_owned);
        let error = Error::Unknown { name, of, hint, suggestion: suggestion.clone(), known };
        let fixed =
            |finding: Finding, near: String| finding.fix(format!("write `{near}`"), field.name.span, near);
        let mut finding = Finding::new(field.name.span, error);
        if matches!(field.value, FieldValue::Block(_) | FieldValue::Body(_) | FieldValue::Params { .. }) {
            // What an unknown block holds isn't known either.
            finding = finding.covering(field.span);
        }
        problems.report(match suggestion.clone() {
            Some(near) => fixed(finding, near),
            None => finding,
        });
        self.blocks.iter().find_map(|block| block.get(&suggestion.clone()?))
    }

    fn report_missing(&self, known: &[Known<'_>], chosen: &Chosen<'_, 'a>, problems: &mut Problems) {
        let written = |name: &str| known.iter().any(|(_, field)| field.name == name);
        let required = self.possible(chosen).filter(|field| chosen.requires(field, &self.blocks));
        let mut wanted: Vec<String> =
            required.filter(|field| !written(&field.name)).map(|field| format!("`{}`", field.name)).collect();
        for group in self.groups() {
            let asked = match &group.required {
                Choice::Free => false,
                Choice::Required => true,
                Choice::RequiredWith(field) => written(field),
            };
            if asked && !group.names().any(|name| written(name)) {
                wanted.push(group_text(group));
            }
        }
        if !wanted.is_empty() {
            problems.report(Finding::new(self.head, Error::Missing { of: self.of.clone(), wanted }));
        }
    }

    fn groups(&self) -> impl Iterator<Item = &'a Group> + '_ {
        self.blocks.iter().flat_map(|block| &block.groups)
    }

    fn possible<'s>(&'s self, chosen: &'s Chosen<'_, 'a>) -> impl Iterator<Item = &'a Field> + 's {
        let fields = self.blocks.iter().flat_map(|block| &block.fields);
        fields.filter(|field| chosen.against(field, &self.blocks).is_none())
    }
}

/// Reports that something is missing which is needed, at the head of a block.
pub(super) fn report_missing(of: &str, wanted: &str, head: Span, problems: &mut Problems) {
    problems
        .report(Finding::new(head, Error::Missing { of: of.into(), wanted: vec![format!("`{wanted}`")] }));
}

fn group_text(group: &Group) -> String {
    let firsts: Vec<EcoString> = group.ways.iter().filter_map(|way| way.first().cloned()).collect();
    match group.ways.as_slice() {
        [way] if way.len() > 1 => list(way, " or "),
        [_] => list(&firsts, ""),
        _ => format!("one of {}", list(&firsts, " and ")),
    }
}

fn report_conflict(group: &Group, known: &[Known<'_>], problems: &mut Problems) {
    let mut first: Option<(usize, &ast::Field)> = None;
    for (field, spec) in known.iter().filter(|known| !is_guess(known)) {
        let Some(way) = group.way_of(&spec.name) else { continue };
        match first {
            None => first = Some((way, field)),
            Some((taken, _)) if taken == way => {}
            Some((_, other)) => {
                let ways = group.ways.iter().filter_map(|way| way.first().cloned()).collect();
                let (name, other_name) = (field.name.text.clone(), other.name.text.clone());
                let finding =
                    Finding::new(field.name.span, Error::Conflict { name, other: other_name, ways });
                problems.report(finding.label(other.name.span, "the other is here"));
                return;
            }
        }
    }
}

/// The words that fields of a block are set to.
struct Chosen<'w, 'a> {
    fields: &'w [&'a ast::Field],
    word: &'w dyn Fn(&ast::Field) -> Option<EcoString>,
}

impl Chosen<'_, '_> {
    /// The field and its word that a field is not for.
    fn against(&self, field: &Field, blocks: &[&Block]) -> Option<(EcoString, EcoString)> {
        let (by, words) = field.only_with.as_ref()?;
        let word = self.word(by, blocks)?;
        (!words.contains(&word)).then(|| (by.clone(), word))
    }

    fn requires(&self, field: &Field, blocks: &[&Block]) -> bool {
        let word = field.only_with.as_ref().map(|(by, _)| self.word(by, blocks));
        match (&field.required, word) {
            (Required::No, _) | (_, Some(None)) => false,
            (Required::Yes, _) => true,
            (Required::For(words), Some(Some(word))) => words.contains(&word),
            (Required::For(_), None) => false,
        }
    }

    /// The word that a field is set to; `None` where it is none of those that the catalogue knows.
    fn word(&self, name: &str, blocks: &[&Block]) -> Option<EcoString> {
        let spec = blocks.iter().find_map(|block| block.get(name))?;
        match self.fields.iter().find(|field| field.name.text == name) {
            Some(field) => (self.word)(field).filter(|word| spec.form.has_word(word)),
            None => spec.default_word(),
        }
    }
}
