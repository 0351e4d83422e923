//! What fields hold: each form of the catalogue has a way from what was written to a checked argument.
//!
//! *In*: a field as written, and its entry in the catalogue. *Out*: a [`Config`](super::program::Config). *Never
//! sees*: kinds of nodes by name.

mod call;
mod case;
mod error_value;
mod field;
mod join;
mod known;
mod reference;
mod status;
mod text;
mod value;
mod word;

pub(super) use join::join_of;
pub(super) use known::report_literal;
pub(super) use word::{lone_name, names_within};
