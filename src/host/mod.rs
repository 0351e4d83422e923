//! Citadel inside of another program: workflows from files, texts or code, run by the embedded engine, with kinds of
//! nodes that the program adds.
//!
//! *In*: definitions, inputs, signals. *Out*: runs and their outcomes. *Never sees*: a command line.

mod citadel;
mod error;
mod function;

pub use citadel::{Builder, Citadel};
pub use error::{Error, Refused};
pub use function::function;
