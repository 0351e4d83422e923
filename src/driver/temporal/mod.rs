//! Runs on a Temporal server: many workers, for years.
//!
//! A run is one machine behind the activations of the SDK's core: what the history says goes in, commands come out, in
//! the order of the history. Activities are made by [`Worker`], wherever it polls their queue.
//!
//! *In*: plans, activations, activity tasks, and what a client asks. *Out*: commands of a workflow, results of
//! activities, and what a client is told.
//! *Never sees*: what an event means; the machine does. A run and what it is made of know no clock and no network.

mod activity;
mod call;
mod client;
mod closing;
mod connection;
mod desk;
mod envelope;
mod error;
mod fault;
mod header;
mod health;
mod held;
mod history;
mod lineage;
mod live;
mod message;
mod order;
mod payload;
mod plans;
mod policy;
mod prologue;
mod question;
mod record;
mod recording;
mod run;
mod situation;
mod story;
mod verdict;
mod watching;
mod worker;

pub use client::{Client, Started};
pub use connection::{Connection, Endpoint, Tls};
pub use error::TemporalError;
pub use health::Health;
pub use plans::Plans;
pub use record::Ending;
pub use recording::check_history;
pub use situation::{Rejected, Status as Situation};
pub use worker::{Options, Worker};
