//! check

pub mod flow;
mod literal;
