//! Performs what the machine commands and reports what happened. A driver never decides.
//!
//! *In*: plans, inputs, signals, cancels. *Out*: outcomes of runs.
//! *Never sees*: the text of a file, the checker.

#[cfg(feature = "embedded")]
pub mod embedded;
mod report;
pub mod sim;
mod trace;

pub use report::{NodeReport, NodeStatus};
pub use trace::{Entry, Trace};
