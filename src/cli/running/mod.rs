//! The commands that run workflows, and that look at what ran.
//!
//! In: arguments, files, the environment, signals of the system. Out: text and the exit codes of runs. Decides nothing
//! that the engine decides.

mod approve;
mod arguments;
mod drive;
#[cfg(feature = "temporal")]
mod elsewhere;
pub(super) mod ending;
mod home;
mod input;
mod list;
mod picture;
mod progress;
mod resume;
mod run;
mod serve;
mod show;
mod tell;
mod upkeep;

pub(super) use arguments::Running;
#[cfg(feature = "temporal")]
pub(super) use drive::{OPEN, interrupted};
pub(super) use home::perform;
#[cfg(feature = "temporal")]
pub(super) use home::{environment, gates};
#[cfg(feature = "temporal")]
pub(super) use input::json;
#[cfg(feature = "temporal")]
pub(super) use list::runs_text;
