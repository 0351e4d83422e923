use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;

use super::TelemetryError;
use super::outlet::{NodeOver, Outlet};
use crate::driver::Watched;
use crate::engine::machine::{End, Moment, Outcome};
use crate::nodes::Attempt;

/// The variable that says what is logged, such as `debug` or `citadel=debug,warn`.
const LEVELS: &str = "CITADEL_LOG";
/// What is logged where it says nothing.
const USUAL: &str = "citadel=info,warn";

/// How a log looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// A line of text for each event.
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes what happens to standard error, by whatever levels the environment asks for.
pub(super) struct Log;

impl Log {
    /// Begins a log: the one of this process.
    ///
    /// # Errors
    /// When the levels can't be read.
    pub(super) fn begin(format: Format) -> Result<Self, TelemetryError> {
        let wished = std::env::var(LEVELS).unwrap_or_default();
        let levels = if wished.trim().is_empty() { USUAL } else { &wished };
        let filter = EnvFilter::builder().parse(levels);
        let filter = filter.map_err(|error| TelemetryError::Levels(error.to_string()))?;
        let builder: SubscriberBuilder<_, _, EnvFilter, _> =
            tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).with_ansi(false);
        // A program around this one may have a log of its own, which is then written to.
        let _ = match format {
            Format::Text => builder.try_init(),
            Format::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
        };
        Ok(Self)
    }
}

impl Outlet for Log {
    fn began(&self, run: Watched<'_>) {
        tracing::info!(target: "citadel", run = run.run, workflow = run.workflow.name, "run started");
    }

    fn started(&self, run: Watched<'_>, path: &str, _: Moment) {
        tracing::debug!(target: "citadel", run = run.run, workflow = run.workflow.name, node = path, "node started");
    }

    fn node_over(&self, node: NodeOver<'_>) {
        let NodeOver { run, path, kind, .. } = node;
        let (run, workflow) = (run.run, run.workflow.name.as_str());
        let took = node.since.map(|since| node.at.since(since));
        match node.end {
            End::Succeeded { port, .. } => {
                tracing::info!(target: "citadel", run, workflow, node = path, kind, port = port.as_str(), duration_ms = took, "node completed");
            }
            End::Failed(failure) => {
                let (error, reason) = (failure.error.as_str(), failure.message.as_str());
                tracing::warn!(target: "citadel", run, workflow, node = path, kind, attempts = failure.attempts, duration_ms = took, error, reason, "node failed");
            }
            End::Cancelled => {
                tracing::info!(target: "citadel", run, workflow, node = path, kind, duration_ms = took, "node cancelled");
            }
            End::Skipped => {}
        }
    }

    fn rejected(&self, run: Watched<'_>, signal: &str, reason: &str) {
        tracing::warn!(target: "citadel", run = run.run, workflow = run.workflow.name, signal, reason, "signal turned away");
    }

    fn attempted(&self, attempt: Attempt<'_>) {
        let call = attempt.call;
        let (run, node, kind) = (call.run.as_str(), call.path.as_str(), call.kind.as_str());
        let (number, took) = (call.attempt, attempt.took.as_millis() as u64);
        match attempt.error {
            None => {
                tracing::debug!(target: "citadel", run, node, kind, attempt = number, duration_ms = took, "attempt succeeded");
            }
            Some(error) => {
                let (error, reason) = (error.name.as_str(), error.message.as_str());
                tracing::warn!(target: "citadel", run, node, kind, attempt = number, duration_ms = took, error, reason, "attempt failed");
            }
        }
    }

    fn run_over(&self, run: Watched<'_>, at: Moment, outcome: &Outcome) {
        let took = at.since(run.started_at);
        let (id, workflow, status) = (run.run, run.workflow.name.as_str(), outcome.status().word());
        match outcome {
            Outcome::Failed(failure) => {
                let (error, reason) = (failure.cause.error.as_str(), failure.cause.message.as_str());
                let node = failure.cause.node.as_str();
                tracing::error!(target: "citadel", run = id, workflow, status, duration_ms = took, node, error, reason, "run failed");
            }
            _ => {
                tracing::info!(target: "citadel", run = id, workflow, status, duration_ms = took, "run ended");
            }
        }
    }
}
