//! Corners of how runs end.

use citadel::engine::machine::{Event, Outcome};
use citadel::value::Value;
use serde_json::json;

use super::{GET, get};
use crate::rig::Rig;

#[test]
fn what_has_an_undo_goes_on_when_it_is_cancelled_and_is_undone_if_it_completes() {
    let text = format!(
        "workflow w {{ node pay: {} node refund: http_request {{ url: \"https://example.com/${{pay.status}}\", retry: none }} node x: {GET} }}",
        get("compensate: refund")
    );
    let mut run = Rig::new(&text);
    run.fail("x", "HttpServerError");
    assert_eq!((run.open(), run.cancelled.len()), (vec!["pay"], 0), "nobody cuts it short");
    assert!(run.timers.is_empty(), "and it is awaited however long it takes");
    run.done("pay", 1);
    assert_eq!(run.open(), ["refund"]);
    run.done("refund", 1);
    assert_eq!(run.word(), "failed");
    let mut run = Rig::new(&text);
    run.fail("x", "HttpServerError");
    run.fail("pay", "Timeout");
    assert!(run.open().is_empty());
    assert_eq!(run.failure().unknown_effects, ["pay"]);
}

#[test]
fn a_child_that_is_cancelled_is_awaited() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node c: workflow {{ call: inner }} node x: {GET} }} workflow inner {{ node n: {GET} }}"
    ));
    run.fail("x", "HttpClientError");
    assert!(run.cancelled.contains("c") && run.timers.is_empty() && run.word() == "running");
    run.child("c", Outcome::Cancelled { failures: Vec::new() });
    assert_eq!(run.word(), "failed");
    assert!(run.failure().unknown_effects.is_empty(), "a child undoes what it did");
}

#[test]
fn what_is_cancelled_has_five_seconds_and_is_given_up_then() {
    let mut run = Rig::new(&format!(
        "workflow w {{
           node l: loop {{ times: 2, parallelism: 2, body {{ node x: {GET} }} }}
           node y: {GET} }}"
    ));
    run.fail("y", "HttpClientError");
    assert_eq!(run.timers.values().copied().collect::<Vec<_>>(), [5_000]);
    run.release("l[0].x");
    run.fire();
    assert_eq!(
        run.failure().unknown_effects,
        ["l[1].x"],
        "with its whole path, though its iteration is gone"
    );
    let ticket = run.take("l[1].x");
    run.handle(Event::Completed { ticket, output: Value::Null, attempts: 1 });
    assert_eq!(run.word(), "failed", "what comes later is ignored");
}

#[test]
fn succeed_cancels_the_rest_and_undoes_nothing() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node a: {} node u: {GET} node b: {GET} node end: succeed {{ }}
 a -> end
           output {{ a: a.?status, b: b.?status }} }}",
        get("compensate: u")
    ));
    run.done("a", 1);
    run.release("b");
    assert_eq!(run.output(), json!({"a": 200}));
    assert!(!run.says("u starts") && !run.says("u is cancelled"), "{:?}", run.told);
}

#[test]
fn a_workflow_times_out_while_a_node_waits_for_its_next_round() {
    let mut run = Rig::new(
        "retry r { initial_interval: 10s, maximum_interval: 10s, maximum_attempts: 3 }
         workflow w { timeout: 5s, retry: r
           node a: http_request { url: \"https://example.com\", retry: none, on_error: retry } }",
    );
    run.fail("a", "HttpServerError");
    assert_eq!(run.timers.len(), 2);
    run.fire();
    assert_eq!(run.failure().cause.error, "WorkflowTimeout");
    assert!(run.timers.is_empty(), "the round is forgotten");
}

#[test]
fn another_round_counts_in_the_time_for_all_attempts() {
    let text = "retry r { initial_interval: 1s, maximum_interval: 1s, maximum_attempts: 9 }
         workflow w { retry: r
           node a: http_request { url: \"https://example.com\", retry: none, on_error: retry, total_timeout: 3s } }";
    let mut run = Rig::new(text);
    run.now += 500;
    run.fail("a", "Timeout");
    run.fire();
    run.now += 500;
    run.fail("a", "Timeout");
    assert_eq!(run.now, 2_000, "a second later the time would be over");
    assert_eq!(run.failure().unknown_effects, ["a"], "listed once, however often it timed out");
}

#[test]
fn a_timeout_that_a_later_round_makes_good_leaves_nothing_unknown() {
    let mut run = Rig::new(&format!(
        "retry r {{ initial_interval: 1s, maximum_interval: 1s, maximum_attempts: 2 }}
         workflow w {{ retry: r, node a: {} node b: {GET}
 a -> b }}",
        get("on_error: retry")
    ));
    run.fail("a", "Timeout");
    run.fire();
    run.done("a", 1);
    run.fail("b", "HttpClientError");
    assert!(run.failure().unknown_effects.is_empty());
}

#[test]
fn a_run_whose_output_has_no_value_fails_and_is_undone() {
    let mut run = Rig::new(
        "workflow w { node a: http_request { url: \"https://example.com\", response: int, retry: none, compensate: u }
           node u: http_request { url: \"https://example.com\", retry: none }
           output { v: 1 / a.body } }",
    );
    run.done("a", 0);
    assert_eq!(run.open(), ["u"]);
    run.done("u", 1);
    let cause = &run.failure().cause;
    assert_eq!((cause.error.as_str(), cause.node.as_str()), ("ExpressionError", ""));
    assert!(cause.code.is_some(), "the expression is known");
}

#[test]
fn a_cancel_while_the_run_ends_is_ignored() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node a: {} node u: {GET} node b: {GET} a -> b }}",
        get("compensate: u")
    ));
    run.done("a", 1);
    run.fail("b", "HttpClientError");
    run.cancel();
    assert_eq!(run.open(), ["u"], "the undo goes on");
    run.done("u", 1);
    assert_eq!(run.word(), "failed");
    let before = run.machine.snapshot();
    run.now += 1_000;
    run.cancel();
    run.signal("any", json!(1));
    assert_eq!(run.machine.snapshot(), before, "what comes after the end changes nothing");
}

#[test]
fn a_cancelled_run_undoes_what_it_did() {
    let mut run = Rig::new(&format!(
        "workflow w {{ finally: f, node a: {} node u: {GET} node d: delay {{ for: 1h }} node f: {GET}
 a -> d }}",
        get("compensate: u")
    ));
    run.done("a", 1);
    run.cancel();
    assert!(run.timers.is_empty());
    run.done("u", 1);
    run.done("f", 1);
    assert_eq!(run.word(), "cancelled");
    assert!(run.when("u succeeds") < run.when("f starts"));
}

#[test]
fn a_completed_run_runs_finally_and_not_on_failure() {
    let mut run = Rig::new(&format!(
        "workflow w {{ finally: f, on_failure: g, node a: {GET} node f: {GET} node g: {GET} }}"
    ));
    run.done("a", 1);
    run.fail("f", "HttpClientError");
    assert_eq!(run.word(), "completed");
    let failures: Vec<_> = run.machine.outcome().map(|it| it.failures().to_vec()).unwrap_or_default();
    assert_eq!(failures[0].node, "f", "its failure is listed");
    assert!(!run.told.iter().any(|line| line.starts_with("g ")), "{:?}", run.told);
}
