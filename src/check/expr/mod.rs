//! Types of expressions: names resolved, macros taken apart, overloads chosen, conversions written out.
//!
//! *In*: an expression of a file, a [`Scope`], and the type that the place takes. *Out*: a typed expression in the arena
//! ([`Exprs`](super::typed::Exprs)), findings, and what was read of nodes.
//! [`Elaborator`] is the language of files, [`cel`] is CEL as its own conformance suite has it.
//! *Never sees*: workflows, graphs, kinds of nodes.

mod argument;
mod call;
pub mod cel;
mod compare;
mod dash;
mod double;
mod elaborator;
mod error;
mod fit;
mod hint;
mod literal;
mod macros;
mod name;
mod narrowing;
mod operators;
mod optional;
mod overload;
mod record;
mod scope;
mod select;
mod template;

pub use elaborator::Elaborator;
pub use error::{Error, Overload};
pub use scope::{Lookup, Scope};
