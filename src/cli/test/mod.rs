//! `citadel test`: runs the tests of files and says what became of them.
//!
//! In: files. Out: a line for each test, the failures drawn, or JSON, or JUnit's XML. Never sees: how a test is run.

mod command;
mod document;
mod failure;
mod junit;
mod timeline;

pub(super) use command::test;
