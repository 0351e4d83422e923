use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor};

use super::TelemetryError;
use super::outlet::{NodeOver, Outlet};
use crate::driver::{Lineage, Watched};
use crate::engine::machine::{End, Moment, Outcome};
use crate::nodes::Attempt;

/// How long the end of a process may wait for a collector.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends spans to an OpenTelemetry collector: each when it is over, so that a run of a month needs no process of a month.
pub(super) struct Spans {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
}

/// What is known of a span besides its place.
struct Known {
    name: String,
    kind: SpanKind,
    began: SystemTime,
    ended: SystemTime,
    status: Status,
    attributes: Vec<KeyValue>,
}

impl Spans {
    /// Whether the environment names a collector, by OpenTelemetry's own variables.
    pub(super) fn are_wanted() -> bool {
        let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
        let is_off = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|off| off.eq_ignore_ascii_case("true"));
        !is_off && (is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
    }

    /// Sends spans where the environment says.
    ///
    /// # Errors
    /// When what it says is no address.
    pub(super) fn begin() -> Result<Self, TelemetryError> {
        let exporter = SpanExporter::builder().build();
        let exporter = exporter.map_err(|error| TelemetryError::Spans(error.to_string()))?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        let has_name = std::env::var("OTEL_SERVICE_NAME").is_ok_and(|name| !name.is_empty());
        let resource = Resource::builder();
        let resource = if has_name { resource } else { resource.with_service_name("citadel") };
        processor.set_resource(&resource.build());
        let scope = InstrumentationScope::builder("citadel").with_version(env!("CARGO_PKG_VERSION")).build();
        Ok(Self { processor, scope })
    }

    /// A client has asked for a run, from `began` until now: `span` of the lineage is what the run belongs to.
    pub(super) fn client(&self, lineage: &Lineage, span: [u8; 8], name: &str, began: SystemTime) {
        let known = Known {
            name: format!("start {name}"),
            kind: SpanKind::Producer,
            began,
            ended: SystemTime::now(),
            status: Status::Unset,
            attributes: vec![KeyValue::new("citadel.workflow", name.to_owned())],
        };
        self.send(lineage, span, lineage.parent, known);
    }

    /// Sends what waits; a collector that is not there is not waited for long.
    pub(super) fn end(&self) {
        let _ = self.processor.shutdown_with_timeout(PATIENCE);
    }

    fn send(&self, lineage: &Lineage, span: [u8; 8], parent: Option<[u8; 8]>, known: Known) {
        if !lineage.is_sampled {
            return;
        }
        let trace = TraceId::from_bytes(lineage.trace);
        let span = SpanId::from_bytes(span);
        let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, TraceState::default());
        self.processor.on_end(SpanData {
            span_context: context,
            parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from_bytes),
            parent_span_is_remote: false,
            span_kind: known.kind,
            name: known.name.into(),
            start_time: known.began,
            end_time: known.ended.max(known.began),
            attributes: known.attributes,
            dropped_attributes_count: 0,
            events: Default::default(),
            links: Default::default(),
            status: known.status,
            instrumentation_scope: self.scope.clone(),
        });
    }
}

fn time(moment: Moment) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(moment.0).unwrap_or_default())
}

fn failed(error: &str, reason: &str, attributes: &mut Vec<KeyValue>) -> Status {
    attributes.push(KeyValue::new("error.type", error.to_owned()));
    Status::error(format!("{error}: {reason}"))
}

impl Outlet for Spans {
    fn node_over(&self, node: NodeOver<'_>) {
        let lineage = Lineage::of(node.run.trace);
        let run = node.run.run;
        let mut attributes = vec![
            KeyValue::new("citadel.run", run.to_owned()),
            KeyValue::new("citadel.node", node.path.to_owned()),
            KeyValue::new("citadel.kind", node.kind.to_owned()),
        ];
        let status = match node.end {
            End::Succeeded { .. } => Status::Ok,
            End::Failed(failure) => failed(&failure.error, &failure.message, &mut attributes),
            End::Cancelled => {
                attributes.push(KeyValue::new("citadel.status", "cancelled"));
                Status::Unset
            }
            End::Skipped => return,
        };
        let (began, ended) = (time(node.since.unwrap_or(node.at)), time(node.at));
        let name = node.name.to_owned();
        let known = Known { name, kind: SpanKind::Internal, began, ended, status, attributes };
        self.send(&lineage, lineage.span(run, node.path), Some(lineage.above(run, node.path)), known);
    }

    fn attempted(&self, attempt: Attempt<'_>) {
        let call = attempt.call;
        let lineage = Lineage::of(&call.trace);
        let mut attributes = vec![
            KeyValue::new("citadel.run", call.run.to_string()),
            KeyValue::new("citadel.node", call.path.to_string()),
            KeyValue::new("citadel.kind", call.kind.to_string()),
            KeyValue::new("citadel.attempt", i64::from(call.attempt)),
        ];
        let status = match attempt.error {
            None => Status::Ok,
            Some(error) => failed(&error.name, &error.message, &mut attributes),
        };
        let (began, ended) = (attempt.began, attempt.began + attempt.took);
        let name = format!("{} attempt {}", call.kind, call.attempt);
        let known = Known { name, kind: SpanKind::Client, began, ended, status, attributes };
        let span = lineage.span(&call.run, &format!("{}#{}", call.path, call.attempt));
        self.send(&lineage, span, Some(lineage.span(&call.run, &call.path)), known);
    }

    fn run_over(&self, run: Watched<'_>, at: Moment, outcome: &Outcome) {
        let lineage = Lineage::of(run.trace);
        let mut attributes = vec![
            KeyValue::new("citadel.run", run.run.to_owned()),
            KeyValue::new("citadel.workflow", run.workflow.name.clone()),
            KeyValue::new("citadel.status", outcome.status().word()),
        ];
        let status = match outcome {
            Outcome::Completed { .. } => Status::Ok,
            Outcome::Failed(failure) => failed(&failure.cause.error, &failure.cause.message, &mut attributes),
            Outcome::Cancelled { .. } => Status::Unset,
        };
        let name = run.workflow.name.clone();
        let (began, ended) = (time(run.started_at), time(at));
        let known = Known { name, kind: SpanKind::Consumer, began, ended, status, attributes };
        self.send(&lineage, lineage.run(run.run), lineage.parent, known);
    }
}
