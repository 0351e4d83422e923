//! What runs do, told by the machine in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use citadel::compile::plan_text;
use citadel::driver::sim::{Attempt, NodeStatus, Reply, Report, Script, simulate};
use citadel::engine::machine::{Failure, Outcome, Start, Status, Wired};
use citadel::value::{Map, Value};
use serde_json::json;

/// Each activity by its path: what each of its attempts comes to, the last one again and again.
#[derive(Default)]
struct Mocks(BTreeMap<String, Vec<Reply>>);

impl Mocks {
    fn with(mut self, path: &str, replies: Vec<Reply>) -> Self {
        self.0.insert(path.to_owned(), replies);
        self
    }
}

impl Script for Mocks {
    fn attempt(&mut self, attempt: &Attempt<'_>) -> Reply {
        let shapes = &attempt.workflow.shapes;
        let Some(replies) = self.0.get(attempt.path.as_str()) else {
            return Reply::output(shapes.default_value(attempt.node.output)).after(1_000);
        };
        let at = (attempt.number as usize).min(replies.len()) - 1;
        replies[at].clone()
    }
}

fn fail(error: &str) -> Reply {
    Reply::failure(Failure::new(error, "it failed")).after(1_000)
}

fn status(code: i64) -> Reply {
    let fields = [("status", Value::Int(code)), ("headers", Value::Map(Map::new())), ("body", Value::Null)];
    Reply::output(Value::Map(Map::record(fields))).after(1_000)
}

fn run_with(text: &str, input: serde_json::Value, mut mocks: Mocks) -> Report {
    let plans = plan_text(text).unwrap_or_else(|error| panic!("{error}\n{}", findings(text)));
    let wired = Arc::new(Wired::new(Arc::new(plans.into_iter().next().expect("a workflow"))));
    let start = Start { run: "r".into(), input, settings: BTreeMap::new(), scheduled_at: None };
    simulate(&wired, start, &mut mocks)
}

fn findings(text: &str) -> String {
    let compilation = citadel::compile::check_text(text);
    format!("{:?}", compilation.findings)
}

fn run(text: &str, mocks: Mocks) -> Report {
    run_with(text, json!({}), mocks)
}

fn ended(report: &Report) -> Status {
    report.outcome.as_ref().expect("the run is over").status()
}

fn output(report: &Report) -> serde_json::Value {
    match &report.outcome {
        Some(Outcome::Completed { output, .. }) => output.to_json().expect("json"),
        other => panic!("{other:?}"),
    }
}

fn state(report: &Report, path: &str) -> NodeStatus {
    report.nodes.get(path).unwrap_or_else(|| panic!("no {path}: {:?}", report.nodes.keys())).status
}

fn started(report: &Report, path: &str) -> i64 {
    report.nodes[path].started_at.expect("started").0 - report.started_at.0
}

const GET: &str = "http_request { url: \"https://example.com\", retry: none }";

#[test]
fn what_is_done_once_is_never_repeated() {
    let once = "http_request { method: POST, url: \"https://example.com\", effect: once }";
    let text = format!("workflow w {{ node a: {once} }}");
    for (error, found, attempts) in [
        ("Timeout", "Indeterminate", 1),
        ("HttpServerError", "HttpServerError", 1),
        ("RateLimited", "RateLimited", 3),
    ] {
        let report = run(&text, Mocks::default().with("a", vec![fail(error)]));
        let Some(Outcome::Failed(failure)) = &report.outcome else { panic!("{:?}", report.outcome) };
        assert_eq!((failure.cause.error.as_str(), report.nodes["a"].attempts), (found, attempts), "{error}");
    }
}

#[test]
fn a_chain_runs_in_order() {
    let text = format!("workflow w {{ node a: {GET} node b: {GET}\n a -> b\n output {{ s: b.status }} }}");
    let report = run(&text, Mocks::default().with("b", vec![status(201)]));
    assert_eq!(output(&report), json!({"s": 201}));
    assert_eq!((started(&report, "a"), started(&report, "b")), (0, 1_000));
}

#[test]
fn a_failure_stops_the_run_and_undoes_what_was_done_in_reverse() {
    let text = format!(
        "workflow w {{
           node a: http_request {{ url: \"https://example.com\", retry: none, compensate: ua }}
           node b: http_request {{ url: \"https://example.com\", retry: none, compensate: ub }}
           node c: {GET}
           node ua: {GET}
           node ub: {GET}
           node tell: {GET}
           on_failure: tell
           a -> b -> c
         }}"
    );
    let report = run(&text, Mocks::default().with("c", vec![fail("HttpServerError")]));
    assert_eq!(ended(&report), Status::Failed);
    assert!(started(&report, "ub") < started(&report, "ua"), "{:?}", report.nodes);
    assert!(started(&report, "ua") < started(&report, "tell"));
    let Some(Outcome::Failed(failure)) = &report.outcome else { panic!("{:?}", report.outcome) };
    assert_eq!((failure.cause.error.as_str(), failure.cause.node.as_str()), ("HttpServerError", "c"));
}

#[test]
fn retries_wait_as_the_policy_says() {
    let text = "workflow w {
        node a: http_request { url: \"https://example.com\", retry: slow }
        output { s: a.status }
      }
      retry slow { initial_interval: 10s, backoff_coefficient: 2.0, maximum_attempts: 4 }";
    let replies = vec![fail("HttpServerError"), fail("HttpServerError"), status(200)];
    let report = run(text, Mocks::default().with("a", replies));
    assert_eq!(ended(&report), Status::Completed);
    assert_eq!(report.nodes["a"].attempts, 3);
    assert_eq!(report.nodes["a"].ended_at.expect("ended").since(report.started_at), 33_000);
}

#[test]
fn a_loop_keeps_the_order_of_its_input() {
    let text = "workflow w {
        input { ids: list<string> }
        node send: loop {
          over: input.ids
          as: id
          parallelism: 2
          on_iteration_error: continue
          body { node mail: http_request { url: \"https://example.com/${id}\", retry: none } }
          collect: mail.status
        }
        output { r: send.results, failed: send.failures.map(f, f.index), n: send.count }
      }";
    let mocks = Mocks::default()
        .with("send[0].mail", vec![status(1).after(5_000)])
        .with("send[1].mail", vec![fail("HttpServerError")])
        .with("send[2].mail", vec![status(3)]);
    let report = run_with(text, json!({"ids": ["a", "b", "c"]}), mocks);
    assert_eq!(ended(&report), Status::CompletedWithFailures);
    assert_eq!(output(&report), json!({"r": [1, null, 3], "failed": [1], "n": 3}));
    assert_eq!(started(&report, "send[2].mail"), 1_000, "the window moves on");
}

#[test]
fn a_loop_goes_on_with_its_state() {
    let text = "workflow w {
        node pages: loop {
          until: size(get.body.items) == 0
          max_iterations: 10
          state { cursor: int = 0 }
          next { cursor: state.cursor + 1 }
          body { node get: http_request { url: \"https://example.com/${state.cursor}\", response: { items: list<int> } } }
          collect: state.cursor
        }
        output { seen: pages.results, last: pages.state.cursor }
      }";
    let page = |items: Vec<i64>| {
        let items: Value = items.into_iter().map(Value::Int).collect();
        let body = Value::Map(Map::record([("items", items)]));
        let fields = [("status", Value::Int(200)), ("headers", Value::Map(Map::new())), ("body", body)];
        Reply::output(Value::Map(Map::record(fields)))
    };
    let mocks = Mocks::default()
        .with("pages[0].get", vec![page(vec![1])])
        .with("pages[1].get", vec![page(vec![2])])
        .with("pages[2].get", vec![page(vec![])]);
    let report = run(text, mocks);
    assert_eq!(output(&report), json!({"seen": [0, 1, 2], "last": 3}));
}

#[test]
fn the_first_to_come_cancels_the_others() {
    let text = format!(
        "workflow w {{ node a: {GET} node b: {GET} node z: data_transformer {{ value: a.?status.orValue(0), join: first }}
           a -> z
           b -> z
           output {{ v: z.value }} }}"
    );
    let mocks =
        Mocks::default().with("a", vec![status(7).after(500)]).with("b", vec![status(8).after(9_000)]);
    let report = run(&text, mocks);
    assert_eq!(output(&report), json!({"v": 7}));
    assert_eq!(state(&report, "b"), NodeStatus::Cancelled);
    assert_eq!(report.ended_at.since(report.started_at), 500);
}

#[test]
fn a_child_keeps_its_errors_and_its_paths() {
    let text = format!(
        "workflow parent {{
           node pay: workflow {{ call: child, input: {{ \"n\": 3 }} }}
           node sorry: data_transformer {{ value: pay.error.message }}
           pay.error(HttpServerError) -> sorry
         }}
         workflow child {{ input {{ n: int }} node charge: {GET} }}"
    );
    let report = run(&text, Mocks::default().with("pay/charge", vec![fail("HttpServerError")]));
    assert_eq!(ended(&report), Status::Completed);
    assert_eq!(state(&report, "pay/charge"), NodeStatus::Failed);
    assert_eq!(report.nodes["pay"].error.as_ref().expect("an error").node, "pay/charge");
}

#[test]
fn input_that_does_not_fit_ends_the_run_before_it_begins() {
    let text = "workflow w { input { n: int } node d: data_transformer { value: input.n } }";
    let report = run_with(text, json!({"n": "x", "more": 1}), Mocks::default());
    let Some(Outcome::Failed(failure)) = &report.outcome else { panic!("{:?}", report.outcome) };
    assert_eq!(failure.cause.error, "InvalidInput");
    assert!(
        failure.cause.message.contains('n') && failure.cause.message.contains("more"),
        "{}",
        failure.cause.message
    );
    assert!(report.nodes.is_empty());
}
