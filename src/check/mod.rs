//! check

pub mod flow;
mod reach;
mod literal;
pub mod program;
pub mod typed;
