//! Regular expressions in RE2's syntax, which CEL asks for, searched in linear time.
//!
//! *In*: the text of a pattern. *Out*: it, rewritten for the `regex` crate and compiled. *Never sees*: what is searched.

mod class;
mod compile;
mod translate;

pub use compile::{PatternError, compile_pattern};
