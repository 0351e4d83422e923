//! The errors that a node may fail with, and the names of errors that are written.

use std::collections::{BTreeMap, BTreeSet};

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use super::program::{Config, ErrorType, Node};
use crate::ast::{Name, Port};
use crate::catalog::{Catalog, Class, ErrorInfo, Kind};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::resolve::{DeclarationId, Namespace, Resolved};
use crate::source::FileId;
use crate::types::Type;

/// What can be wrong with the name of an error.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("there is no error `{name}`")]
    #[diagnostic(code(unknown_error), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it: `error {name} {{ }}`"),
    }))]
    Unknown { name: EcoString, suggestion: Option<String> },
    #[error("{of} never fails with `{name}`")]
    #[diagnostic(code(impossible_error), help("{}", reason.as_deref().map_or_else(
        || format!("it may fail with {}", join(possible)),
        str::to_owned,
    )))]
    Impossible { of: String, name: EcoString, reason: Option<String>, possible: Vec<EcoString> },
    #[error("`{name}` is named twice")]
    #[diagnostic(code(duplicate_error), severity(Warning), help("remove one of them"))]
    Duplicate { name: EcoString },
}

fn join(names: &[EcoString]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() { "nothing".into() } else { quoted.join(", ") }
}

/// All names of errors that mean something in a program.
#[derive(Debug, Default)]
pub(super) struct KnownErrors {
    /// Those of kinds and runs.
    common: BTreeSet<EcoString>,
    /// The declared ones.
    declared: BTreeMap<DeclarationId, Declared>,
    /// The declared ones, by the file that declares or imports them and their name there.
    by_file: BTreeMap<(FileId, EcoString), DeclarationId>,
}

/// An error that a file declares.
#[derive(Debug)]
struct Declared {
    /// Its name there, which is the one that runs know; files that import it may call it otherwise.
    name: EcoString,
    details: Type,
}

impl KnownErrors {
    /// Those of the catalogue.
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self { common: catalog.error_names().into_iter().collect(), ..Self::default() }
    }

    /// Adds a declared one.
    pub(super) fn declare(&mut self, declaration: DeclarationId, name: EcoString, details: Type) {
        self.declared.insert(declaration, Declared { name, details });
    }

    /// Gives the declared ones to the files that know them.
    pub(super) fn publish(&mut self, resolved: &Resolved) {
        for file in &resolved.files {
            for name in resolved.known(file.id, Namespace::Error) {
                if let Some(declaration) = resolved.lookup(file.id, Namespace::Error, name) {
                    self.by_file.insert((file.id, name.into()), declaration);
                }
            }
        }
    }

    /// The details of a declared one, by what a file calls it or by its own name.
    pub(super) fn details(&self, file: FileId, name: &str) -> Option<&Type> {
        let own = || self.of_file(file).find(|declared| declared.name == name);
        self.declared_as(file, name).or_else(own).map(|declared| &declared.details)
    }

    /// What runs call the error that a file knows by a name.
    pub(super) fn name<'n>(&'n self, file: FileId, name: &'n EcoString) -> Option<&'n EcoString> {
        let common = || self.common.contains(name).then_some(name);
        self.declared_as(file, name).map(|declared| &declared.name).or_else(common)
    }

    /// What runs call the errors that a port names.
    pub(super) fn names_of(&self, file: FileId, port: Option<&Port>) -> Vec<EcoString> {
        let types = match port {
            Some(Port::Error { types, .. }) => types.as_slice(),
            _ => &[],
        };
        types.iter().map(|written| self.name(file, &written.text).unwrap_or(&written.text).clone()).collect()
    }

    fn declared_as(&self, file: FileId, name: &str) -> Option<&Declared> {
        self.declared.get(self.by_file.get(&(file, name.into()))?)
    }

    fn of_file(&self, file: FileId) -> impl Iterator<Item = &Declared> {
        self.entries(file).filter_map(|(_, declaration)| self.declared.get(declaration))
    }

    fn entries(&self, file: FileId) -> impl Iterator<Item = (&EcoString, &DeclarationId)> {
        let from = self.by_file.range((file, EcoString::new())..);
        from.take_while(move |((of, _), _)| *of == file).map(|((_, name), declaration)| (name, declaration))
    }

    /// The names that a file knows.
    fn names(&self, file: FileId) -> impl Iterator<Item = &str> {
        self.common.iter().chain(self.entries(file).map(|(name, _)| name)).map(EcoString::as_str)
    }

    /// An error by the name that runs know, in its place; reports a name that is none, and gives what was probably meant.
    pub(super) fn check(&self, file: FileId, name: &Name, problems: &mut Problems) -> Option<Name> {
        if let Some(text) = self.name(file, &name.text) {
            return Some(Name { text: text.clone(), span: name.span });
        }
        let near = nearest(&name.text, self.names(file)).map(str::to_owned);
        let error = Error::Unknown { name: name.text.clone(), suggestion: near.clone() };
        let finding = Finding::new(name.span, error);
        problems.report(match near.clone() {
            Some(near) => finding.fix(format!("write `{near}`"), name.span, near),
            None => finding,
        });
        let meant = EcoString::from(near?);
        Some(Name { text: self.name(file, &meant)?.clone(), span: name.span })
    }

    /// Those of a list that are known, each once; reports the others.
    pub(super) fn check_all(&self, file: FileId, names: &[Name], problems: &mut Problems) -> Vec<Name> {
        let mut seen = BTreeSet::new();
        let mut known = Vec::new();
        for name in names {
            if seen.insert(&name.text) {
                known.extend(self.check(file, name, problems));
            } else {
                problems.report(Finding::new(name.span, Error::Duplicate { name: name.text.clone() }));
            }
        }
        known
    }
}

/// Refuses a route for an error that a node can't have.
pub(super) fn check_possible(node: &Node, name: &Name, problems: &mut Problems) -> bool {
    if node.errors.iter().any(|error| error.name == name.text) {
        return true;
    }
    let drops = node.config.word("on_iteration_error").is_some_and(|word| word == "continue");
    let dropped = || format!("an iteration that fails is dropped, and listed in `{}.failures`", node.name);
    let reason = if drops { Some(dropped()) } else { condition(&name.text).map(str::to_owned) };
    report_impossible(format!("`{}`", node.name), node.errors.iter(), name, reason, problems);
    false
}

/// Refuses a case for an error that never comes from `of`.
pub(super) fn check_comes<'e>(
    of: String,
    errors: impl Iterator<Item = &'e ErrorType> + Clone,
    name: &Name,
    problems: &mut Problems,
) -> bool {
    let mut all = errors.clone();
    if all.any(|error| error.name == name.text) {
        return true;
    }
    report_impossible(of, errors, name, condition(&name.text).map(str::to_owned), problems);
    false
}

fn report_impossible<'e>(
    of: String,
    errors: impl Iterator<Item = &'e ErrorType>,
    name: &Name,
    reason: Option<String>,
    problems: &mut Problems,
) {
    let possible = errors.map(|error| error.name.clone()).collect();
    let error = Error::Impossible { of, name: name.text.clone(), reason, possible };
    problems.report(Finding::new(name.span, error));
}

/// What has to be written for an error to be possible at all.
fn condition(name: &str) -> Option<&'static str> {
    match name {
        "CircuitOpen" => Some("only a node with a `breaker` has it"),
        "Indeterminate" => Some("only a node with `effect: once` has it"),
        "Timeout" => Some("give the node a `timeout`"),
        _ => None,
    }
}

/// What a node of a kind may fail with, as its fields are: sorted by name.
pub(super) fn of_node(
    catalog: &Catalog,
    kind: &Kind,
    config: &Config,
    more: Vec<ErrorType>,
) -> Vec<ErrorType> {
    let possible = |error: &ErrorInfo| match error.name.as_str() {
        "CircuitOpen" => config.get("breaker").is_some(),
        "Indeterminate" => config.word("effect").is_some_and(|effect| effect == "once"),
        "Timeout" => kind.class.is_activity() || config.span("timeout").is_some(),
        _ => true,
    };
    let own = catalog.errors(kind).into_iter().filter(|_| kind.class != Class::Ending).filter(possible);
    let own = own.map(|ErrorInfo { name, retryable, details, .. }| ErrorType { name, retryable, details });
    merged(own.chain(more))
}

/// Errors by name, each once; of two with the same name the first counts.
pub(super) fn merged(errors: impl IntoIterator<Item = ErrorType>) -> Vec<ErrorType> {
    let mut by_name = BTreeMap::new();
    for error in errors {
        by_name.entry(error.name.clone()).or_insert(error);
    }
    by_name.into_values().collect()
}
