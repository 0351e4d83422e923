//! CEL as its own conformance suite has it, for `citadel eval`: literals are lists and maps, `dyn` where they are mixed;
//! nothing is converted by itself, nothing is asked beyond CEL's types.
//!
//! *In*: an expression, and the names that are declared for it. *Out*: a typed expression and its type. Without checking,
//! what can't be resolved fails when it is evaluated. *Never sees*: files.

mod call;
mod checker;
mod inference;
mod literal;
mod macros;
mod select;

pub use checker::{Declaration, check};
