//! What CEL's functions do, one file for each family, and the table that finds them.
//!
//! *In*: arguments that were evaluated. *Out*: a value or a fault. *Never sees*: code or variables.

mod convert;
mod encode;
mod format;
mod math;
mod optional;
mod table;
mod text;
mod time;

pub(super) use table::Context;
