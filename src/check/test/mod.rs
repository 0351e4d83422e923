//! Tests: what they start, what they pretend, what they expect.
//!
//! In: `test` blocks, and the workflows that have been checked. Out: the tests of the program, and
//! findings. Never sees: how a test is run.

mod expectation;
mod mock;
mod report;
mod start;

pub(super) use report::Reports;
