//! `citadel config`, and the flags by which other commands are told where a Temporal server is.
//!
//! In: arguments, `citadel.toml`, the environment. Out: a checked configuration, or all that is wrong with it. Decides
//! nothing that the configuration decides.

mod arguments;
mod command;
mod home;

pub(super) use arguments::ConfigArguments;
#[expect(unused_imports, reason = "for the commands that talk to a server")]
pub(super) use arguments::{ConnectionFlags, LimitFlags};
pub(super) use command::{config, tell};
#[expect(unused_imports, reason = "for the commands that talk to a server")]
pub(super) use home::configuration;
#[cfg(feature = "embedded")]
pub(super) use home::{project, project_file};
