use pest::Parser;
use pest::iterators::Pair;

use super::builder::Builder;
use super::error::Error;
use super::grammar::{Grammar, Rule};
use super::limits::too_deep;
use super::trivia::trivia;
use crate::ast::{Arena, Expr, ExprId, File};
use crate::diagnostic::Problems;
use crate::source::FileId;

/// Reads a file. What didn't parse is reported and left out.
#[must_use]
pub fn parse(file: FileId, text: &str) -> (File, Problems) {
    let mut builder = Builder::new(file, text);
    let mut tree = File { id: file, ..File::default() };
    if let Some(limit) = too_deep(text) {
        builder.too_deep(limit);
        tree.incomplete = true;
        return (tree, builder.problems);
    }
    if let Ok(pairs) = Grammar::parse(Rule::file, text) {
        let mut before = 0;
        for pair in pairs.flat_map(pest::iterators::Pair::into_inner) {
            let mistaken = builder.problems.len() > before;
            before = builder.problems.len();
            match pair.as_rule() {
                Rule::EOI => {}
                Rule::bad_item => {
                    tree.incomplete = true;
                    if !(mistaken && is_rest(&pair)) {
                        builder.explain_bad(&pair, Rule::file);
                    }
                }
                _ => tree.items.extend(builder.item(pair)),
            }
        }
    }
    tree.exprs = builder.exprs;
    tree.types = builder.types;
    tree.trivia = trivia(file, text);
    (tree, builder.problems)
}

/// Whether it is the rest of a declaration that ended too early, because of a bracket that was reported there.
fn is_rest(pair: &Pair<'_, Rule>) -> bool {
    pair.as_str().starts_with('}') || Grammar::parse(Rule::rest, pair.as_str()).is_ok()
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

/// Reads an expression, as `citadel eval` takes it.
#[must_use]
pub fn parse_expression(file: FileId, text: &str) -> ParsedExpression {
    let mut builder = Builder::new(file, text);
    let whole = builder.place(0, text.len());
    let root = if let Some(limit) = too_deep(text) {
        builder.too_deep(limit);
        builder.bad(whole)
    } else {
        match Grammar::parse(Rule::only_expression, text) {
            Ok(mut pairs) => match pairs.next().and_then(|pair| pair.into_inner().next()) {
                Some(pair) => builder.expression(pair),
                None => builder.bad(whole),
            },
            Err(error) => {
                let at = match error.location {
                    pest::error::InputLocation::Pos(at) | pest::error::InputLocation::Span((at, _)) => at,
                };
                let place = builder.place(at, at);
                builder.report(place, Error::Expected { expected: "a value or an operator".into() });
                builder.bad(whole)
            }
        }
    };
    ParsedExpression { exprs: builder.exprs, root, problems: builder.problems }
}
