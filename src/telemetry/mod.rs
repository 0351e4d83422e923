//! What runs do, told to those who operate them: metrics, spans and logs.
//!
//! *In*: what engines let others watch. *Out*: a page for Prometheus, spans for an OpenTelemetry collector, lines of a log.
//! *Never sees*: outputs, inputs, secrets; what it is told changes no run.

mod book;
mod error;
mod hub;
mod log;
mod metrics;
mod outlet;
mod spans;

pub use error::TelemetryError;
pub use hub::{Client, Telemetry, Wishes};
pub use log::Format;
