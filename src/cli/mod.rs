//! The `citadel` command.
//!
//! In: arguments, the working folder, files. Out: text and an exit code. Decides nothing that the library decides.

mod arguments;
mod check;
mod config;
#[cfg(feature = "embedded")]
mod db;
mod docs;
mod eval;
mod explain;
mod failure;
mod find;
mod notation;
mod plan;
#[cfg(feature = "temporal")]
mod remote;
mod report;
mod run;
#[cfg(feature = "embedded")]
mod running;
#[cfg(feature = "embedded")]
mod telemetry;
mod terminal;
mod test;

pub use run::main;
