//! `join: all`, `every`, `any`, `2`, `first`, `first(2)`

use miette::Diagnostic;
use thiserror::Error;

use super::word::choice;
use crate::ast::{self, ExprKind};
use crate::check::program::{Argument, Join};
use crate::diagnostic::{Finding, Problems};

/// What can be wrong with a join.
#[derive(Debug, Error, Diagnostic)]
enum Error {
    #[error("a node waits for one connection at least")]
    #[diagnostic(code(join_not_positive), help("write a number from 1 on, `all`, `every`, `any` or `first`"))]
    NotPositive,
    #[error("this says nothing about how many connections a node waits for")]
    #[diagnostic(code(join_form), help("write `all`, `every`, `any`, a number, `first` or `first(2)`"))]
    Form,
}

const WORDS: [(&str, Join); 4] =
    [("all", Join::All), ("every", Join::Every), ("any", Join::AtLeast(1)), ("first", Join::First(1))];

/// What an argument that [`join`] made stands for.
pub(in crate::check) fn join_of(argument: Option<&Argument>) -> Join {
    match argument {
        Some(Argument::Word(word)) => {
            WORDS.iter().find(|(known, _)| word == known).map_or(Join::All, |(_, join)| *join)
        }
        Some(Argument::Int(count)) => Join::AtLeast(positive(*count).unwrap_or(1)),
        Some(Argument::Form { arguments, .. }) => match arguments.as_slice() {
            [Argument::Int(count)] => Join::First(positive(*count).unwrap_or(1)),
            _ => Join::First(1),
        },
        _ => Join::All,
    }
}

/// How many incoming connections a node waits for: a word, a number, or `first(2)`.
pub(super) fn join(file: &ast::File, expr: ast::ExprId, problems: &mut Problems) -> Option<Argument> {
    let span = file.exprs[expr].span;
    let error = match &file.exprs[expr].kind {
        ExprKind::Bad => return None,
        ExprKind::Name { .. } | ExprKind::String { .. } => {
            return choice(file, &"join".into(), expr, &WORDS.map(|(word, _)| word.into()), problems)
                .map(Argument::Word);
        }
        ExprKind::Int(count) if positive(*count).is_some() => return Some(Argument::Int(*count)),
        ExprKind::Int(_) => Error::NotPositive,
        ExprKind::Call { function, args } if function.text == "first" => match count(file, args) {
            Ok(count) => {
                let arguments = vec![Argument::Int(count.into())];
                return Some(Argument::Form { name: function.text.clone(), arguments });
            }
            Err(error) => error,
        },
        _ => Error::Form,
    };
    problems.report(Finding::new(span, error));
    None
}

fn count(file: &ast::File, args: &[ast::ExprId]) -> Result<u32, Error> {
    let [arg] = args else { return Err(Error::Form) };
    match &file.exprs[*arg].kind {
        ExprKind::Int(count) => positive(*count).ok_or(Error::NotPositive),
        _ => Err(Error::Form),
    }
}

fn positive(count: i64) -> Option<u32> {
    u32::try_from(count).ok().filter(|count| *count > 0)
}
