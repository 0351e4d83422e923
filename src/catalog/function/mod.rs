//! The functions, methods and operators of expressions: what they take, what they give, what they are for.
//!
//! *In*: nothing, the tables are here. *Out*: [`Function`]s by name, each with its [`Overload`]s, and the overloads of
//! operators. *Never sees*: an expression. Macros have no types of their own and only stand in [`macros`].

mod macros;
mod operators;
mod overload;
mod table;

pub use macros::{Macro, macros};
pub use operators::operator;
pub use overload::Overload;
pub use table::Function;
