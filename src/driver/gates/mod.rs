//! Circuit breakers and limits of a process: what an attempt passes before it may begin.
//!
//! The machines are the engine's ([`breaker`](crate::engine::breaker), [`limit`](crate::engine::limit)); here is where
//! they are kept, by name, numbers and key, who waits at them, and the store through which processes share them.
//!
//! *In*: the `Route` of an execution, and until when it would wait. *Out*: a `Pass`, or what it waits for; a
//! [`Snapshot`] for whoever shows it.
//! *Never sees*: a plan's graph, a run, what an attempt does.

#[cfg(feature = "embedded")]
mod count;
#[cfg(feature = "embedded")]
mod gate;
#[cfg(feature = "embedded")]
mod hold;
#[cfg(feature = "embedded")]
mod machine;
#[cfg(feature = "embedded")]
mod pass;
#[cfg(feature = "embedded")]
mod registry;
mod route;
#[cfg(feature = "embedded")]
mod snapshot;
#[cfg(feature = "embedded")]
mod store;
#[cfg(feature = "embedded")]
mod wait;

#[cfg(feature = "embedded")]
pub(in crate::driver) use pass::Pass;
#[cfg(feature = "embedded")]
pub use registry::Gates;
pub(in crate::driver) use route::{Route, refused};
#[cfg(feature = "embedded")]
pub use snapshot::{BreakerReading, LimitReading, Snapshot};
#[cfg(feature = "embedded")]
pub use store::{Store, StoreError};
#[cfg(feature = "embedded")]
pub(in crate::driver) use wait::Wait;
