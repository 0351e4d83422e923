//! What a project and its surroundings say about where and how its workflows run.
//!
//! *In*: the text of `citadel.toml`, a map of variables, a map of flags. *Out*: a [`Config`] whose values remember where
//! they come from, or all [`Mistakes`] at once. *Never sees*: a file, the environment, the command line.

mod address;
#[expect(clippy::module_inception, reason = "it is what the room is about")]
mod config;
mod engine;
mod error;
mod file;
mod key;
mod mistake;
mod problem;
mod reader;
mod secret;
mod setting;
mod show;
mod source;
mod take;
mod temporal;
mod validate;

pub use config::{Config, Inputs};
pub use engine::{Engine, Engines};
pub use error::Error;
pub use file::{BreakerStore, Level, Profile, ProjectFile, Spotted};
pub use key::{Form, Key};
pub use mistake::{Fault, Mistake, Mistakes};
pub use problem::Problem;
pub use secret::Secret;
pub use setting::Setting;
pub use show::{Row, Shown};
pub use source::Source;
pub use temporal::{Temporal, Tls};
