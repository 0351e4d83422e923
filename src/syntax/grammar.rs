//! The parser that pest makes of the grammar.
#![allow(missing_docs)]

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/citadel.pest"]
pub(super) struct Grammar;
