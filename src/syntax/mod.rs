//! Text to syntax tree, by the grammar in `grammar/citadel.pest`.
//!
//! In: a text within the limits of its [`Source`](crate::source::Source). Out: an [`ast::File`](crate::ast::File) of
//! all that could be read, and a finding for each thing that could not. Never sees: what names stand for.

mod builder;
mod error;
mod expression;
mod grammar;
mod item;
mod limits;
mod literal;
mod member;
mod parse;
mod recovery;
mod skeleton;
mod slip;
mod trivia;
mod type_expr;

pub use error::Error;
pub use parse::{ParsedExpression, parse, parse_expression};
