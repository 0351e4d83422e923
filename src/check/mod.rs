//! From resolved files to a program without errors: types of every expression, fields of every node, policies,
//! connections, readable outputs, lints.
//!
//! *In*: [`Input`], the resolved files and the catalogue. *Out*: a [`Checked`] program, which only [`check`] makes, and
//! findings. *Never sees*: files that are not loaded, anything that runs.

mod block;
mod checked;
mod checker;
mod condition;
mod cost;
mod declaration;
mod draft;
mod edge;
mod errors;
pub mod expr;
mod failure;
pub mod flow;
mod foreign;
mod form;
mod guard;
mod layout;
mod leak;
mod literal;
mod node;
mod order;
mod output;
mod plot;
pub mod program;
mod raised;
mod reach;
mod repeat;
mod retry;
mod route;
mod scope;
mod section;
mod special;
mod statement;
mod test;
mod timing;
mod type_expr;
pub mod typed;
mod verify;
mod workflow;

pub use checked::{Checked, check};
pub use checker::Input;
pub use node::MESSAGE;
