//! Text to syntax tree, by the grammar in `grammar/citadel.pest`.
//!
//! In: a text within the limits of its [`Source`](crate::source::Source). Out: an [`ast::File`](crate::ast::File) of
//! all that could be read, and a finding for each thing that could not. Never sees: what names stand for.
//!
//! In four steps: `scan` finds comments, where texts end and how deep they nest; `layout` finds where brackets are
//! missing, if any is; the grammar reads the text as if it had been written right (`mend` knows the places before
//! that); the builder makes the tree and says what was wrong.

mod builder;
mod chain;
mod character;
mod error;
mod expression;
mod grammar;
mod item;
mod layout;
mod limits;
mod literal;
mod member;
mod mend;
mod operand;
mod parse;
mod parts;
mod quote;
mod scan;
mod selector;
mod slip;
mod test;
mod text;
mod trivia;
mod type_expr;

pub use error::Error;
pub use parse::{ParsedExpression, parse, parse_expression};
