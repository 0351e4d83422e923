//! What the kinds of nodes do: an attempt of an activity in, its output or a typed error out.
//!
//! *In*: a [`Call`] with evaluated fields, in which secrets are references. *Out*: the output that the catalogue
//! promises, or one of the errors that it lists, scrubbed of all secrets.
//! *Never sees*: a plan, a run, a journal, other nodes.

mod call;
mod context;
pub(crate) mod crash;
mod egress;
mod executor;
mod http;
mod login;
mod notify;
mod panic;
mod progress;
#[cfg(target_os = "linux")]
mod script;
mod scrub;
mod secrets;
mod sql;
mod watch;

pub use call::{Call, NodeError};
pub use context::Context;
pub use egress::Egress;
pub use executor::{Executor, Executors, Future};
pub(crate) use panic::catch_panics;
pub use progress::Progress;
#[cfg(target_os = "linux")]
pub use script::{Confinement, Shortcoming};
pub use scrub::Scrubber;
pub use secrets::Secrets;
pub use sql::{open_postgres, prepare_database};
pub use watch::{Attempt, Watch};
