//! Runs plans in virtual time, with scripted outcomes: for tests of workflows and for the project's own.
//!
//! *In*: a plan, what a run starts with, and a [`Script`] that says what each attempt comes to. *Out*: a [`Report`]. A
//! wait of thirty days takes no time.
//! *Never sees*: a clock, a network, a file, what a kind of node does.

mod queue;
mod report;
mod script;
mod simulation;
mod trace;

pub use report::{NodeReport, NodeStatus, Report};
pub use script::{Attempt, Reply, Script};
pub use simulation::{Limits, Simulation, simulate};
pub use trace::{Entry, Trace};
