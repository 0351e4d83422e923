//! What must hold of a program before an engine may see it. Linear in its size.
//!
//! *In*: a program and its debug part, in the right form and otherwise unknown. *Out*: nothing, or the first thing that
//! contradicts another, with its place. *Never sees*: JSON.

mod graph;
mod places;
mod program;
mod scope;
mod tables;
mod tasks;
mod variables;

pub(super) use places::debug;
pub(super) use program::program;
