use std::net::SocketAddr;
use std::time::Duration;

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use super::TelemetryError;
use super::outlet::{NodeOver, Outlet};
use crate::driver::Watched;
use crate::driver::gates::Snapshot;
use crate::engine::machine::{End, Moment, Outcome};
use crate::nodes::Attempt;

const RUNS: &str = "citadel_workflow_executions_total";
const RUN_TIME: &str = "citadel_workflow_execution_duration_seconds";
const RUN_ERRORS: &str = "citadel_workflow_errors_total";
const NODES: &str = "citadel_node_executions_total";
const NODE_TIME: &str = "citadel_node_execution_duration_seconds";
const NODE_ERRORS: &str = "citadel_node_errors_total";
const ATTEMPTS: &str = "citadel_node_attempts_total";
const CIRCUITS: &str = "citadel_breaker_circuits";
const OPENINGS: &str = "citadel_breaker_openings_total";
const BREAKER_TURNED_AWAY: &str = "citadel_breaker_turned_away_total";
const BREAKER_WAITING: &str = "citadel_breaker_waiting";
const LIMIT_RUNNING: &str = "citadel_limit_running";
const LIMIT_TURNED_AWAY: &str = "citadel_limit_turned_away_total";
const LIMIT_WAITING: &str = "citadel_limit_waiting";

/// What each is, for who reads the page.
const COUNTERS: [(&str, &str); 8] = [
    (RUNS, "Runs that are over, by workflow and status."),
    (RUN_ERRORS, "Runs that failed, by workflow and the error that ended them."),
    (NODES, "Executions of nodes that are decided, by workflow, node, kind and status."),
    (NODE_ERRORS, "Executions of nodes that failed for good, by workflow, node, kind and error."),
    (ATTEMPTS, "Attempts that this process made, by kind, and by the error that ended them."),
    (OPENINGS, "How often a circuit of a breaker has opened in this process."),
    (BREAKER_TURNED_AWAY, "Attempts that a breaker didn't let through when they came."),
    (LIMIT_TURNED_AWAY, "Attempts that a limit didn't let through when they came."),
];
const GAUGES: [(&str, &str); 4] = [
    (CIRCUITS, "Circuits of a breaker that this process knows, by their state."),
    (BREAKER_WAITING, "Attempts that wait for a breaker."),
    (LIMIT_RUNNING, "Attempts that run under a limit, where it counts them."),
    (LIMIT_WAITING, "Attempts that wait for a limit."),
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
        for (name, text) in GAUGES {
            recorder.describe_gauge(name.into(), None, text.into());
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

    /// A count that somebody else keeps.
    fn counted(&self, name: &'static str, labels: &[(&'static str, &str)], count: u64) {
        self.0.register_counter(&key(name, labels), &METADATA).absolute(count);
    }

    fn stands(&self, name: &'static str, labels: &[(&'static str, &str)], at: usize) {
        let at = f64::from(u32::try_from(at).unwrap_or(u32::MAX));
        self.0.register_gauge(&key(name, labels), &METADATA).set(at);
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

    fn gates(&self, snapshot: &Snapshot) {
        for (name, at) in &snapshot.breakers {
            let breaker = ("breaker", name.as_str());
            for (state, count) in [("closed", at.closed), ("open", at.open), ("half_open", at.half_open)] {
                self.stands(CIRCUITS, &[breaker, ("state", state)], count);
            }
            self.counted(OPENINGS, &[breaker], at.openings);
            self.counted(BREAKER_TURNED_AWAY, &[breaker], at.turned_away);
            self.stands(BREAKER_WAITING, &[breaker], at.waiting);
        }
        for (name, at) in &snapshot.limits {
            let limit = ("limit", name.as_str());
            self.stands(LIMIT_RUNNING, &[limit], at.running);
            self.counted(LIMIT_TURNED_AWAY, &[limit], at.turned_away);
            self.stands(LIMIT_WAITING, &[limit], at.waiting);
        }
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
