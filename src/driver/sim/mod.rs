//! Runs plans in virtual time, with scripted outcomes: for tests of workflows and for the project's own.
//!
//! *In*: a plan, what a run starts with, and a [`Script`] that says what each attempt comes to. *Out*: a [`Report`]. A
//! wait of thirty days takes no time.
//! *Never sees*: a clock, a network, a file, what a kind of node does.

mod gates;
mod outcome;
mod passage;
mod queue;
mod script;
mod simulation;

pub use crate::driver::{Entry, NodeReport, NodeStatus, Trace};
pub use outcome::Report;
pub use script::{Attempt, Reply, Script};
pub use simulation::{Limits, Simulation, simulate};
