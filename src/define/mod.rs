//! Workflows built in code: the same language, written by a program.
//!
//! *In*: calls of the builders. *Out*: the text of a `.citadel` file, which the same compiler checks as any other.
//! *Never sees*: whether what is built makes sense; the checker says so, with the place in the text.

mod field;
mod node;
mod workflow;

pub use field::{Field, expr, literal, word};
pub use node::Node;
pub use workflow::{OnError, Workflow};
