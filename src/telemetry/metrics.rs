use std::net::SocketAddr;
use std::time::Duration;

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use super::TelemetryError;
use super::outlet::{NodeOver, Outlet};
use crate::driver::Watched;
use crate::engine::machine::{End, Moment, Outcome};
use crate::nodes::Attempt;

const RUNS: &str = "citadel_workflow_executions_total";
const RUN_TIME: &str = "citadel_workflow_execution_duration_seconds";
const RUN_ERRORS: &str = "citadel_workflow_errors_total";
const NODES: &str = "citadel_node_executions_total";
const NODE_TIME: &str = "citadel_node_execution_duration_seconds";
const NODE_ERRORS: &str = "citadel_node_errors_total";
const ATTEMPTS: &str = "citadel_node_attempts_total";

/// What each is, for who reads the page.
const COUNTERS: [(&str, &str); 5] = [
    (RUNS, "Runs that are over, by workflow and status."),
    (RUN_ERRORS, "Runs that failed, by workflow and the error that ended them."),
    (NODES, "Executions of nodes that are decided, by workflow, node, kind and status."),
    (NODE_ERRORS, "Executions of nodes that failed for good, by workflow, node, kind and error."),
    (ATTEMPTS, "Attempts that this process made, by kind, and by the error that ended them."),
];
const TIMES: [(&str, &str); 2] = [
    (RUN_TIME, "How long runs took from their start to their end, in seconds."),
    (NODE_TIME, "How long executions of nodes took with all their attempts and pauses, in seconds."),
];

/// In seconds: from a cache's answer to a day's wait.
const BUCKETS: [f64; 16] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 300.0, 1_800.0, 3_600.0, 86_400.0];

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// Counts for Prometheus.
pub(super) struct Metrics(PrometheusRecorder);

impl Metrics {
    /// Serves a page of what it counts, from now on.
    ///
    /// # Errors
    /// When the address is taken, or isn't ours.
    pub(super) fn serve(address: SocketAddr) -> Result<Self, TelemetryError> {
        let refused = |reason: String| TelemetryError::Metrics { address, reason };
        // What has the address already is found here: the exporter's own error doesn't say what is wrong.
        drop(std::net::TcpListener::bind(address).map_err(|error| refused(error.to_string()))?);
        let builder = PrometheusBuilder::new().with_http_listener(address).set_buckets(&BUCKETS);
        let built = builder.and_then(PrometheusBuilder::build);
        let (recorder, exporter) = built.map_err(|error| refused(error.to_string()))?;
        for (name, text) in COUNTERS {
            recorder.describe_counter(name.into(), None, text.into());
        }
        for (name, text) in TIMES {
            recorder.describe_histogram(name.into(), None, text.into());
        }
        tokio::spawn(exporter);
        Ok(Self(recorder))
    }

    fn count(&self, name: &'static str, labels: &[(&'static str, &str)]) {
        self.0.register_counter(&key(name, labels), &METADATA).increment(1);
    }

    fn took(&self, name: &'static str, labels: &[(&'static str, &str)], since: Moment, at: Moment) {
        let time = Duration::from_millis(at.since(since)).as_secs_f64();
        self.0.register_histogram(&key(name, labels), &METADATA).record(time);
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels = labels.iter().map(|(name, value)| Label::new(*name, (*value).to_owned()));
    Key::from_parts(name, labels.collect::<Vec<_>>())
}

impl Outlet for Metrics {
    fn node_over(&self, node: NodeOver<'_>) {
        let labels =
            [("workflow", node.run.workflow.name.as_str()), ("node", node.name), ("kind", node.kind)];
        let [workflow, name, kind] = labels;
        let status = match node.end {
            End::Succeeded { .. } => "completed",
            End::Failed(_) => "failed",
            End::Cancelled => "cancelled",
            End::Skipped => return,
        };
        self.count(NODES, &[workflow, name, kind, ("status", status)]);
        if let Some(since) = node.since {
            self.took(NODE_TIME, &labels, since, node.at);
        }
        if let End::Failed(failure) = node.end {
            self.count(NODE_ERRORS, &[workflow, name, kind, ("error", &failure.error)]);
        }
    }

    fn attempted(&self, attempt: Attempt<'_>) {
        let error = attempt.error.map_or("", |error| error.name.as_str());
        self.count(ATTEMPTS, &[("kind", &attempt.call.kind), ("error", error)]);
    }

    fn run_over(&self, run: Watched<'_>, at: Moment, outcome: &Outcome) {
        let workflow = ("workflow", run.workflow.name.as_str());
        self.count(RUNS, &[workflow, ("status", outcome.status().word())]);
        self.took(RUN_TIME, &[workflow], run.started_at, at);
        if let Outcome::Failed(failure) = outcome {
            self.count(RUN_ERRORS, &[workflow, ("error", &failure.cause.error)]);
        }
    }
}
