//! The commands that run workflows, and that look at what ran.
//!
//! In: arguments, files, the environment, signals of the system. Out: text and the exit codes of runs. Decides nothing
//! that the engine decides.

mod arguments;
mod drive;
mod ending;
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
pub(super) use home::perform;
