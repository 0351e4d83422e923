//! check

mod literal;
