use pest::Parser;
use pest::error::InputLocation;

use super::builder::Builder;
use super::character::forbidden;
use super::error::Error;
use super::grammar::{Grammar, Rule};
use super::layout;
use super::mend::{Edit, Mended};
use super::parts::Parts;
use super::scan::{Dialect, Mistake, Scan, scan};
use super::trivia::trivia;
use crate::ast::{Arena, Expr, ExprId, ExprKind, File};
use crate::diagnostic::Problems;
use crate::source::{FileId, Span};

/// Reads a file. What didn't parse is reported and left out.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (File, Problems) {
    let mut found = scan(text, Dialect::Citadel);
    refuse_characters(text, &mut found);
    if !found.balanced && !found.too_deep {
        layout::mend(text, &mut found);
    }
    let mut tree = File { id: file, trivia: trivia(file, text, &found), ..File::default() };
    let mended = Mended::new(text, std::mem::take(&mut found.edits));
    let source = mended.text.clone();
    let mut builder = Builder::new(file, text, mended, Dialect::Citadel);
    for mistake in found.mistakes {
        builder.mistake(mistake);
    }
    if found.too_deep {
        tree.incomplete = true;
        return (tree, builder.problems);
    }
    match Grammar::parse(Rule::file, &source) {
        Ok(pairs) => builder.file(&mut tree, pairs),
        Err(error) => {
            tree.incomplete = true;
            let at = position(&error);
            builder.expected(builder.place(at, at), "a declaration");
        }
    }
    tree.exprs = builder.exprs;
    tree.types = builder.types;
    (tree, builder.problems)
}

/// An expression on its own.
#[derive(Debug)]
pub struct ParsedExpression {
    /// Where its parts lie.
    pub exprs: Arena<Expr>,
    /// The whole.
    pub root: ExprId,
    /// What is wrong with it.
    pub problems: Problems,
}

/// Reads an expression, as `citadel eval` takes it: CEL, where a line end is a space and texts stay as they are, with
/// interpolation, durations and sizes.
#[must_use]
pub fn parse_expression(file: FileId, text: &str) -> ParsedExpression {
    let mut found = scan(text, Dialect::Cel);
    if !found.balanced && !found.too_deep {
        layout::mend(text, &mut found);
    }
    let mended = Mended::new(text, std::mem::take(&mut found.edits));
    let source = mended.text.clone();
    let mut builder = Builder::new(file, text, mended, Dialect::Cel);
    for mistake in found.mistakes {
        builder.mistake(mistake);
    }
    let root = if found.too_deep {
        builder.expr(ExprKind::Bad, Span::new(file, 0, text.len()))
    } else {
        match Grammar::parse(Rule::only_expression, &source) {
            Ok(pairs) => builder.only_expression(&mut Parts::new(pairs)),
            Err(error) => {
                let at = position(&error);
                builder.expected(builder.place(at, at), "a value");
                builder.expr(ExprKind::Bad, Span::new(file, 0, text.len()))
            }
        }
    };
    ParsedExpression { exprs: builder.exprs, root, problems: builder.problems }
}

/// Takes out what no file may hold.
fn refuse_characters(text: &str, found: &mut Scan) {
    for (at, character) in forbidden(text) {
        found.edits.push(Edit::blank(at, character.len_utf8()));
        found.mistakes.push(Mistake {
            start: at,
            end: at + character.len_utf8(),
            error: Error::ForbiddenCharacter { code: character as u32 },
            opener: None,
        });
    }
}

/// The grammar accepts any text; should it not, this is where it stopped.
fn position(error: &pest::error::Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}
