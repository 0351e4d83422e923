//! What a node *is*, and what the functions of expressions are: fields, ports, output, errors, effect,
//! signatures. One table for the checker, the editor, the docs and the executors; no behaviour.
//!
//! *In*: nothing; kinds are declared here, and further ones are added to a [`Catalog`] by the same builder. *Out*:
//! [`Kind`]s by name, and [`Block`]s of the other declarations. *Never sees*: a file.

mod ability;
mod block;
mod blocks;
mod class;
mod error;
mod field;
mod form;
pub mod function;
mod kind;
mod kinds;
mod output;
mod shorthand;
mod sql;
mod table;

pub use ability::Ability;
pub use block::{Block, Choice, Given, Group};
pub use class::{Class, Effect};
pub use error::ErrorInfo;
pub use field::{Default, Field, Meaning, Required};
pub use form::{CaseValue, Form, Known, Parameter, Reference, Secrecy, Signature};
pub use kind::{Kind, Ports};
pub use output::{Output, Part};
pub use sql::{Dialect, SqlPart, sql_parts};
pub use table::{Catalog, UNNAMED_FAILURE};
