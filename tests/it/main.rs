//! The project's integration tests, one binary.
#![expect(clippy::disallowed_methods, reason = "tests are an edge: they read fixtures and start the program")]

mod cli;
mod command;
mod compiler;
mod expectation;
mod fixtures;
mod limits;
mod plan;
mod program;
mod properties;
mod reference;
mod tidy;
mod tree;
