//! check

pub mod flow;

mod literal;
pub mod program;
pub mod typed;
