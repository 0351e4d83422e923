//! `citadel config`, and the flags by which other commands are told where a Temporal server is.
//!
//! In: arguments, `citadel.toml`, the environment. Out: a checked configuration, or all that is wrong with it. Decides
//! nothing that the configuration decides.

mod arguments;
mod command;
mod home;

pub(super) use arguments::ConfigArguments;
#[cfg(feature = "temporal")]
pub(super) use arguments::ConnectionFlags;
pub(super) use command::{config, tell};
#[cfg(feature = "temporal")]
pub(super) use home::configuration;
#[cfg(feature = "embedded")]
pub(super) use home::{project, project_file};
