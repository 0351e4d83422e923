//! Checked workflows to plans. Mechanical: nothing is decided here, and nothing that was checked can fail here.
//!
//! *In*: a checked program, one of its workflows, and the sources for the debug part. *Out*: a plan, the same for
//! sources that mean the same: tables are filled in the order in which the workflow first needs their entries, or
//! sorted by name, never in the order of declarations.
//! *Never sees*: the catalogue, the syntax tree's forms.

mod argument;
mod debug;
mod expr;
mod names;
mod node;
mod once;
mod program;
mod shape;
mod tables;
mod task;
mod test;
mod workflow;

pub use expr::{Compiled, compile};
pub use program::lower;
pub use test::lower_tests;
