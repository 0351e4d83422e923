//! The machine: a run of a plan as a pure function from events to commands.
//!
//! *In*: a wired plan, and events with the times at which they were recorded. *Out*: commands, and in the end an
//! outcome. *Never sees*: a clock, a thread, the text of a file, what a kind of node does.

mod answer;
mod approval;
mod begin;
mod ending;
mod event;
mod failure;
mod finish;
mod identity;
mod input;
mod interpreter;
mod join;
mod moment;
mod notice;
mod outcome;
mod repeat;
mod signal;
mod slot;
mod start;
mod state;
mod view;
mod wiring;
mod work;

pub use approval::{APPROVE, LINK, Question};
pub use begin::check_input;
pub use event::{ChildStart, Command, Event, Execution, Signal, Start, Ticket};
pub use failure::{Failure, Listed, RunFailure};
pub use identity::identify;
pub use interpreter::{Batch, Machine};
pub use moment::Moment;
pub use notice::{End, Notice};
pub use outcome::{Outcome, Status};
pub use signal::MAX_SIGNALS;
pub use wiring::Wired;
pub use work::MAX_PAYLOAD;
