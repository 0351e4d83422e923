//! check

pub mod expr;
pub mod flow;

mod literal;
pub mod program;
pub mod typed;
