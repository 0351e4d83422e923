//! The project's integration tests, one binary.
