//! Performs what the machine commands and reports what happened. A driver never decides.
//!
//! *In*: plans, inputs, signals, cancels. *Out*: outcomes of runs.
//! *Never sees*: the text of a file, the checker.

#[cfg(feature = "embedded")]
pub mod embedded;
pub mod gates;
#[cfg(feature = "embedded")]
mod given;
#[cfg(feature = "embedded")]
mod key;
#[cfg(feature = "embedded")]
mod lineage;
#[cfg(feature = "embedded")]
mod observer;
mod report;
#[cfg(feature = "embedded")]
mod secret;
pub mod sim;
#[cfg(feature = "embedded")]
mod story;
#[cfg(feature = "temporal")]
pub mod temporal;
mod trace;
#[cfg(feature = "embedded")]
mod unsupported;

#[cfg(feature = "embedded")]
pub use given::{Environment, GivenError};
#[cfg(feature = "embedded")]
pub use lineage::Lineage;
#[cfg(feature = "embedded")]
pub use observer::{Observer, Observers, Watched};
pub use report::{NodeReport, NodeStatus, Waiting};
#[cfg(feature = "embedded")]
pub use secret::Kept;
#[cfg(feature = "embedded")]
pub use story::{About, Story};
pub use trace::{Entry, Trace};
#[cfg(feature = "embedded")]
pub use unsupported::Unsupported;
