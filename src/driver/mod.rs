//! Performs what the machine commands and reports what happened. A driver never decides.
//!
//! *In*: plans, inputs, signals, cancels. *Out*: outcomes of runs.
//! *Never sees*: the text of a file, the checker.

#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "nodes")]
mod given;
#[cfg(feature = "nodes")]
mod key;
mod report;
pub mod sim;
#[cfg(feature = "nodes")]
mod story;
#[cfg(feature = "temporal")]
pub mod temporal;
mod trace;
#[cfg(feature = "nodes")]
mod unsupported;

#[cfg(feature = "nodes")]
pub use given::{Environment, GivenError};
pub use report::{NodeReport, NodeStatus};
#[cfg(feature = "nodes")]
pub use story::{About, Story};
pub use trace::{Entry, Trace};
#[cfg(feature = "nodes")]
pub use unsupported::Unsupported;
