//! Findings: what the stages report, how it is collected, sorted and shown.
//!
//! In: an error of a stage (its words and its code live there) and the place. Out: [`Finding`]s, sorted and
//! without repetitions, as text, one line each, or JSON. Never sees: the language.

pub mod explain;
mod finding;
mod problems;
pub mod render;
mod suggest;

pub use finding::{Edit, Finding, Fix, Label, Severity};
pub use problems::Problems;
pub use suggest::{is_plain, nearest};
