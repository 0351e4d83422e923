//! What operators are told of runs: metrics, spans and logs, on both engines.

use std::io::{Read, Write};
use std::net::TcpStream;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Field;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::Value as Json;

use crate::beside::Beside;
use crate::command::Folder;
use crate::http_server::{Server, answer};
use crate::ledger::Ledger;
use crate::temporal_server::{self, free_port};
use crate::temporal_town::Town;

/// The trace of whoever starts the runs.
const AROUND: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A file whose second node fails once for good, behind a loop.
fn file(ledger: &Ledger) -> String {
    let url = ledger.url();
    format!(
        "workflow w {{
           node each: loop {{ times: 2, body {{ node ping: http_request {{ url: \"{url}/ping\" }} }} }}
           node bad: http_request {{ url: \"{url}/status/404/bad\", on_error: continue }}
           node last: http_request {{ url: \"{url}/hold/last\" }}
           each -> bad
           each -> last
         }}"
    )
}

/// What a page of metrics says, asked as Prometheus asks.
pub(crate) fn scrape(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the page is served");
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
        .expect("it listens");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("it answers");
    page
}

/// A collector of spans.
struct Collector {
    server: Server,
    runtime: tokio::runtime::Runtime,
}

impl Collector {
    fn open() -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime.block_on(Server::start(|_| answer("200 OK", &[], b"")));
        Self { server, runtime }
    }

    fn variables(&self) -> Vec<(String, String)> {
        vec![
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), self.server.url("")),
            ("OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(), "http/protobuf".to_owned()),
            ("TRACEPARENT".to_owned(), AROUND.to_owned()),
        ]
    }

    /// All spans so far; each is told once.
    fn spans(&self) -> Vec<Span> {
        let _inside = self.runtime.enter();
        let requests = self.server.seen().into_iter().inspect(|seen| assert_eq!(seen.target, "/v1/traces"));
        let read = requests.map(|seen| ExportTraceServiceRequest::decode(&*seen.body).expect("OTLP"));
        let scopes =
            read.flat_map(|request| request.resource_spans).flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }
}

fn borrowed(variables: &[(String, String)]) -> Vec<(&str, &str)> {
    variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// The span of that name; `node` tells those of one name apart.
fn span<'s>(spans: &'s [Span], name: &str, node: Option<&str>) -> &'s Span {
    let is_it =
        |span: &&Span| span.name == name && node.is_none_or(|node| field(span, "citadel.node") == node);
    let found: Vec<&Span> = spans.iter().filter(is_it).collect();
    assert_eq!(
        found.len(),
        1,
        "{name} {node:?} of {:?}",
        spans.iter().map(|span| &span.name).collect::<Vec<_>>()
    );
    found[0]
}

fn field(span: &Span, name: &str) -> String {
    let value = span.attributes.iter().find(|attribute| attribute.key == name);
    match value.and_then(|attribute| attribute.value.clone()?.value) {
        Some(Field::StringValue(text)) => text,
        Some(Field::IntValue(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From the client through the run to the node and its attempt, in the trace of who asked.
fn is_one_tree(spans: &[Span]) {
    let client = span(spans, "start w", None);
    let run = span(spans, "w", None);
    let each = span(spans, "each", None);
    let inner = span(spans, "ping", Some("each[1].ping"));
    let attempt = span(spans, "http_request attempt 1", Some("each[1].ping"));
    let bad = span(spans, "bad", None);
    assert_eq!(hex(&client.parent_span_id), "b7ad6b7169203331");
    let below = [(client, run), (run, each), (each, inner), (inner, attempt), (run, bad)];
    for (parent, child) in below {
        assert_eq!(child.parent_span_id, parent.span_id, "{} belongs to {}", child.name, parent.name);
    }
    assert!(spans.iter().all(|span| hex(&span.trace_id) == "0af7651916cd43dd8448eb211c80319c"));
    assert!(run.start_time_unix_nano <= inner.start_time_unix_nano);
    assert!(inner.end_time_unix_nano <= run.end_time_unix_nano);
    assert_eq!(field(bad, "error.type"), "HttpClientError");
    assert_eq!(field(run, "citadel.status"), "completed_with_failures");
}

#[test]
fn spans_lead_from_the_client_to_the_attempt() {
    let (collector, ledger) = (Collector::open(), Ledger::open());
    ledger.release("/hold/last");
    let folder = Folder::new("telemetry-spans").with("w.citadel", file(&ledger));
    let variables = collector.variables();
    folder.citadel_with(&borrowed(&variables), &["run", "w.citadel", "--allow-private-network"]).ends_with(4);
    is_one_tree(&collector.spans());
}

#[test]
fn spans_lead_through_temporal_too() {
    let (collector, ledger) = (Collector::open(), Ledger::open());
    ledger.release("/hold/last");
    let server = temporal_server::Server::own("telemetry-spans");
    let town = Town::new(&server.address(), "telemetry-spans").with("w.citadel", file(&ledger));
    let variables = collector.variables();
    let worker = town.beside_with(&borrowed(&variables), &["worker", "--allow-private-network", "w.citadel"]);
    town.beside_with(&borrowed(&variables), &["start", "w", "--wait"]).end().ends_with(4);
    worker.signal("TERM");
    worker.end().ends_with(0);
    is_one_tree(&collector.spans());
}

/// A process that goes on with a run tells its spans under the names that the one before would have given them.
#[test]
fn a_run_that_is_taken_up_is_told_once_from_its_true_start() {
    let (collector, ledger) = (Collector::open(), Ledger::open());
    let folder = Folder::new("telemetry-resumed").with("w.citadel", file(&ledger));
    let variables = collector.variables();
    let run = ["run", "w.citadel", "--id", "r", "--allow-private-network"];
    let first = Beside::start_with(&folder, &borrowed(&variables), &run);
    ledger.await_requests("/hold/last", 1);
    first.kill();
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    ledger.release("/hold/last");
    let variables: Vec<_> = variables.into_iter().filter(|(name, _)| name != "TRACEPARENT").collect();
    folder.citadel_with(&borrowed(&variables), &["resume", "r", "--allow-private-network"]).ends_with(4);
    let spans = collector.spans();
    let (run, last) = (span(&spans, "w", None), span(&spans, "last", None));
    assert_eq!(hex(&run.trace_id), "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(last.parent_span_id, run.span_id);
    for span in [run, last] {
        assert!(
            u128::from(span.start_time_unix_nano) < before.as_nanos(),
            "{} began before the crash",
            span.name
        );
    }
}

#[test]
fn a_page_of_metrics_counts_nodes_and_runs() {
    let ledger = Ledger::open();
    let port = free_port();
    let folder = Folder::new("telemetry-metrics").with("w.citadel", file(&ledger));
    let address = format!("localhost:{port}");
    let arguments = ["run", "w.citadel", "--allow-private-network", "--metrics", &address];
    let run = Beside::start(&folder, &arguments);
    ledger.await_requests("/hold/last", 1);
    ledger.await_requests("/status/404/bad", 1);
    let labels = "workflow=\"w\",node=\"ping\",kind=\"http_request\"";
    let page = scrape(port);
    for line in [
        format!("citadel_node_executions_total{{{labels},status=\"completed\"}} 2\n"),
        format!("citadel_node_execution_duration_seconds_count{{{labels}}} 2\n"),
        "# TYPE citadel_node_execution_duration_seconds histogram\n".to_owned(),
        "# HELP citadel_node_executions_total Executions of nodes".to_owned(),
    ] {
        assert!(page.contains(&line), "{line}\n{page}");
    }
    let taken = folder.citadel(&["run", "w.citadel", "--metrics", &address]).ends_with(3);
    assert!(
        taken.stderr.starts_with(&format!("error: metrics can't be served on 127.0.0.1:{port}: ")),
        "{}",
        taken.stderr
    );
    ledger.release("/hold/last");
    run.end().ends_with(4);
}

#[test]
fn a_worker_has_a_page_of_metrics_too() {
    let ledger = Ledger::open();
    ledger.release("/hold/last");
    let server = temporal_server::Server::own("telemetry-metrics");
    let failing = "workflow fails { node f: fail { error: Boom, message: \"no\" } }\nerror Boom { }\n";
    let text = format!("{}{failing}", file(&ledger));
    let town = Town::new(&server.address(), "telemetry-metrics").with("w.citadel", text);
    let port = free_port();
    let _worker = town.worker(&["w.citadel", "--metrics", &format!("127.0.0.1:{port}")]);
    town.citadel(&["start", "w", "--wait"]).ends_with(4);
    town.citadel(&["start", "fails", "--wait"]).ends_with(1);
    let page = scrape(port);
    let bad = "workflow=\"w\",node=\"bad\",kind=\"http_request\"";
    for line in [
        "citadel_workflow_executions_total{workflow=\"w\",status=\"completed_with_failures\"} 1\n",
        "citadel_workflow_executions_total{workflow=\"fails\",status=\"failed\"} 1\n",
        "citadel_workflow_errors_total{workflow=\"fails\",error=\"Boom\"} 1\n",
        "citadel_workflow_execution_duration_seconds_count{workflow=\"w\"} 1\n",
        &format!("citadel_node_errors_total{{{bad},error=\"HttpClientError\"}} 1\n"),
        "citadel_node_attempts_total{kind=\"http_request\",error=\"\"} 3\n",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

#[test]
fn a_log_of_json_names_run_and_node() {
    let ledger = Ledger::open();
    ledger.release("/hold/last");
    let folder = Folder::new("telemetry-log").with("w.citadel", file(&ledger));
    let arguments = ["run", "w.citadel", "--id", "r-1", "--allow-private-network", "--log", "json"];
    let told = folder.citadel(&arguments).ends_with(4).stderr;
    let lines: Vec<Json> = told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = |message: &str, node: Option<&str>| {
        let is_it = |line: &&Json| line["message"] == message && node.is_none_or(|node| line["node"] == node);
        lines.iter().find(is_it).unwrap_or_else(|| panic!("{message} {node:?} in\n{told}")).clone()
    };
    assert_eq!(line("run started", None)["run"], "r-1");
    assert_eq!(line("node completed", Some("each[1].ping"))["run"], "r-1");
    let failed = line("node failed", Some("bad"));
    assert_eq!(
        (&failed["level"], &failed["error"], &failed["kind"]),
        (&"WARN".into(), &"HttpClientError".into(), &"http_request".into())
    );
    assert_eq!(line("attempt failed", Some("bad"))["run"], "r-1");
    assert_eq!(line("run ended", None)["status"], "completed_with_failures");
    let quiet = folder.citadel_with(
        &[("CITADEL_LOG", "off")],
        &["run", "w.citadel", "--allow-private-network", "--log", "json"],
    );
    assert!(!quiet.ends_with(4).stderr.contains("run started"));
    let wrong =
        folder.citadel_with(&[("CITADEL_LOG", "citadel=loud")], &["run", "w.citadel", "--log", "text"]);
    assert!(wrong.ends_with(3).stderr.starts_with("error: `CITADEL_LOG` can't be read: "));
}
