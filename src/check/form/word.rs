//! Choices and bare names.

use ecow::EcoString;
use miette::Diagnostic;
use thiserror::Error;

use crate::ast::{self, ExprKind};
use crate::diagnostic::{Finding, Problems, nearest};
use crate::source::Span;

/// What can be wrong with a word.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("`{word}` is none of the words that `{field}` knows")]
    #[diagnostic(code(unknown_choice), help("{}", match suggestion {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write {words}"),
    }))]
    Unknown { field: EcoString, word: EcoString, suggestion: Option<String>, words: String },
    #[error("`{field}` takes a word, not a text")]
    #[diagnostic(code(quoted_choice), help("write it without quotes"))]
    Quoted { field: EcoString },
    #[error("`{field}` takes a word, not a value")]
    #[diagnostic(code(word_expected), help("write {words}"))]
    Expected { field: EcoString, words: String },
}

/// The lone name that an expression is.
pub(in crate::check) fn lone_name(file: &ast::File, expr: ast::ExprId) -> Option<&EcoString> {
    match &file.exprs[expr].kind {
        ExprKind::Name { name, leading_dot: false } => Some(name),
        _ => None,
    }
}

/// The names that may be meant by what stands where a lone name is taken: in quotes, in a list, before arguments.
pub(in crate::check) fn names_within(file: &ast::File, expr: ast::ExprId) -> Vec<&EcoString> {
    match &file.exprs[expr].kind {
        ExprKind::Name { name, .. } | ExprKind::String { value: name, .. } => vec![name],
        ExprKind::List(elements) => {
            elements.iter().flat_map(|element| names_within(file, element.value)).collect()
        }
        ExprKind::Call { function, args } => {
            let inner = args.iter().flat_map(|arg| names_within(file, *arg));
            std::iter::once(&function.text).chain(inner).collect()
        }
        ExprKind::Select { base, .. } => names_within(file, *base),
        _ => Vec::new(),
    }
}

/// The word that a choice is set to, or was probably meant to be.
pub(super) fn choice(
    file: &ast::File,
    field: &EcoString,
    expr: ast::ExprId,
    words: &[EcoString],
    problems: &mut Problems,
) -> Option<EcoString> {
    let span = file.exprs[expr].span;
    match &file.exprs[expr].kind {
        ExprKind::Bad => None,
        ExprKind::Name { name, .. } if words.contains(name) => Some(name.clone()),
        ExprKind::Name { name, .. } => report_unknown(field, name, words, span, problems),
        ExprKind::String { value, .. } => {
            report_quoted(field, value, words, span, problems);
            words.contains(value).then(|| value.clone())
        }
        _ => {
            let error = Error::Expected { field: field.clone(), words: alternatives(words) };
            problems.report(Finding::new(span, error));
            None
        }
    }
}

/// A bare name that the author chooses, such as a signal's.
pub(super) fn free(
    file: &ast::File,
    field: &EcoString,
    expr: ast::ExprId,
    problems: &mut Problems,
) -> Option<EcoString> {
    let span = file.exprs[expr].span;
    let error = match &file.exprs[expr].kind {
        ExprKind::Bad => return None,
        ExprKind::Name { name, .. } => return Some(name.clone()),
        ExprKind::String { .. } => Error::Quoted { field: field.clone() },
        _ => Error::Expected { field: field.clone(), words: "a name".into() },
    };
    problems.report(Finding::new(span, error));
    None
}

/// Reports a word that is none of some. Gives the one that was probably meant.
pub(super) fn report_unknown(
    field: &str,
    word: &str,
    words: &[EcoString],
    span: Span,
    problems: &mut Problems,
) -> Option<EcoString> {
    let near = nearest(word, words.iter().map(EcoString::as_str)).map(str::to_owned);
    let error = Error::Unknown {
        field: field.into(),
        word: word.into(),
        suggestion: near.clone(),
        words: alternatives(words),
    };
    let finding = Finding::new(span, error);
    problems.report(match near.clone() {
        Some(near) => finding.fix(format!("write `{near}`"), span, near),
        None => finding,
    });
    near.map(EcoString::from)
}

fn report_quoted(
    field: &EcoString,
    text: &EcoString,
    words: &[EcoString],
    span: Span,
    problems: &mut Problems,
) {
    let finding = Finding::new(span, Error::Quoted { field: field.clone() });
    problems.report(if words.contains(text) {
        finding.fix(format!("write `{text}`"), span, text.as_str())
    } else {
        finding
    });
}

/// "`a`, `b` or `c`"
fn alternatives(words: &[EcoString]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "a word".into(),
    }
}
