//! The commands that serve and ask a Temporal server.
//!
//! In: arguments, files, the environment, signals of the system. Out: text and the exit codes of runs. Decides nothing
//! that the driver decides.

mod arguments;
mod client;
mod dev;
mod doctor;
mod list;
mod perform;
mod start;
mod status;
mod tell;
mod wait;
mod worker;

pub(super) use arguments::{Remote, Server};
pub(super) use client::is_meant;
pub(super) use perform::perform;
pub(super) use start::run;
pub(super) use tell::{cancel, questions, signal, story};
