//! The project's integration tests, one binary.
#![expect(clippy::disallowed_methods, reason = "tests are an edge: they read fixtures and start the program")]

mod plan;
mod tidy;
mod tree;
