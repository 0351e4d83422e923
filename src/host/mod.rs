//! Citadel inside of another program: workflows from files, texts or code, run by the embedded engine ([`Citadel`]) or
//! on a Temporal server ([`Service`]), with kinds of nodes that the program adds.
//!
//! *In*: definitions, inputs, signals. *Out*: runs and their outcomes. *Never sees*: a command line.

mod citadel;
#[cfg(feature = "temporal")]
mod endpoint;
mod error;
mod function;
mod registry;
#[cfg(feature = "temporal")]
mod service;

pub use citadel::{Builder, Citadel};
#[cfg(feature = "temporal")]
pub(crate) use endpoint::endpoint;
pub use error::{Error, Refused};
pub use function::function;
#[cfg(feature = "temporal")]
pub use service::{Service, ServiceBuilder};
