//! What the machine does where several things meet.

use citadel::engine::machine::{Event, Outcome, Signal};
use citadel::value::{Map, Value};
use serde_json::json;

use crate::rig::Rig;

const GET: &str = "http_request { url: \"https://example.com\", response: json, retry: none }";

fn get(fields: &str) -> String {
    format!("http_request {{ url: \"https://example.com\", response: json, retry: none, {fields} }}")
}

#[test]
fn sources_that_end_in_one_step_all_count_for_a_first() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node go: {GET} node a: data_transformer {{ value: 1 }} node b: data_transformer {{ value: 2 }} node slow: {GET}
           node z: data_transformer {{ join: first, value: a.?value.orValue(0) + b.?value.orValue(0) }}
           go -> [a, b] -> z
 slow -> z
 output {{ v: z.value }} }}"
    ));
    run.done("go", 1);
    run.release("slow");
    assert_eq!(run.output(), json!({"v": 3}));
    assert!(run.says("slow is cancelled") && !run.says("a is cancelled"));
}

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
fn iterations_are_undone_last_first_and_a_failed_undo_is_listed() {
    let text = format!(
        "workflow w {{
           node l: loop {{ times: 3, body {{ node book: {} node unbook: http_request {{ url: \"https://example.com/${{index}}\", retry: none }} }} }}
           node pay: {GET}
           l -> pay }}",
        get("compensate: unbook")
    );
    let mut run = Rig::new(&text);
    for at in 0..3 {
        run.done(&format!("l[{at}].book"), 1);
    }
    run.fail("pay", "HttpClientError");
    assert_eq!(run.open(), ["l[2].unbook"]);
    run.done("l[2].unbook", 1);
    run.fail("l[1].unbook", "HttpServerError");
    run.done("l[0].unbook", 1);
    let listed: Vec<_> = run.failure().failures.iter().map(|failure| failure.node.as_str()).collect();
    assert_eq!(listed, ["l[1].unbook"]);
    assert_eq!(run.failure().cause.node, "pay");
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
fn a_handler_in_a_body_decides_for_its_iteration() {
    let mut run = Rig::new(&format!(
        "retry r {{ initial_interval: 1s, maximum_interval: 1s, maximum_attempts: 2 }}
         workflow w {{ retry: r
           node l: loop {{ times: 3, on_iteration_error: continue, body {{
             node a: {GET}
             node h: error_handler {{ cases {{ HttpServerError {{ action: retry }} ConnectionFailed {{ action: continue, value: \"down\" }} }} otherwise {{ action: stop }} }}
             a.error -> h }} collect: h.?value.orValue(\"fine\") }}
           output {{ r: l.results.map(r, r.orValue(\"none\")), n: l.failures.map(f, f.error.type) }} }}"
    ));
    run.fail("l[0].a", "HttpServerError");
    run.fire();
    run.done("l[0].a", 1);
    run.fail("l[1].a", "ConnectionFailed");
    run.fail("l[2].a", "HttpClientError");
    assert_eq!(run.output(), json!({"r": ["fine", "down", "none"], "n": ["HttpClientError"]}));
    assert_eq!(run.word(), "completed_with_failures");
}

#[test]
fn a_fallback_is_filled_with_defaults() {
    let mut run = Rig::new(
        "workflow w { node a: http_request { url: \"https://example.com\", response: { n: int, s: string }, retry: none, fallback: { \"status\": 7 } }
           output { status: a.status, n: a.body.n, s: a.body.s } }",
    );
    run.fail("a", "HttpClientError");
    assert_eq!(run.output(), json!({"status": 7, "n": 0, "s": ""}));
    assert_eq!(run.word(), "completed");
}

#[test]
fn enough_successes_end_a_loop() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node l: loop {{ times: 5, parallelism: 3, enough: 2, on_iteration_error: continue, body {{ node a: {GET} }} collect: index }}
           output {{ r: l.results.map(r, r.orValue(-1)), n: l.count }} }}"
    ));
    run.done("l[2].a", 1);
    run.done("l[0].a", 1);
    run.release("l[1].a");
    run.release("l[3].a");
    assert_eq!(run.output(), json!({"r": [0, -1, 2, -1], "n": 4}));
    assert_eq!(run.word(), "completed", "what was cancelled has not failed");
}

#[test]
fn a_loop_over_too_much_fails_before_its_first_iteration() {
    let run = Rig::new(&format!(
        "workflow w {{ node l: loop {{ over: [1, 2, 3], max_iterations: 2, body {{ node a: {GET} }} }} }}"
    ));
    assert_eq!((run.failure().cause.error.as_str(), run.failure().cause.node.as_str()), ("LoopLimit", "l"));
    assert!(!run.says("l[0].a starts"));
}

#[test]
fn a_loop_whose_while_is_false_at_first_has_no_iteration() {
    let run = Rig::new(&format!(
        "workflow w {{ node l: loop {{ while: state.k > 0, max_iterations: 3, state {{ k: int = 0 }} next {{ k: state.k - 1 }} body {{ node a: {GET} }} collect: index }}
           output {{ n: l.count, r: l.results, k: l.state.k }} }}"
    ));
    assert_eq!(run.output(), json!({"n": 0, "r": [], "k": 0}));
}

#[test]
fn until_without_an_end_is_a_loop_limit_after_the_last_iteration() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node l: loop {{ until: a.status == 0, max_iterations: 2, body {{ node a: {GET} }} }} }}"
    ));
    run.done("l[0].a", 1);
    run.done("l[1].a", 1);
    assert_eq!(run.failure().cause.error, "LoopLimit");
}

#[test]
fn a_signal_may_come_before_its_wait() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node a: {GET} node s: wait_signal {{ signal: go, payload: int }}
 a -> s, output {{ v: s.payload }} }}"
    ));
    run.signal("go", json!("no number"));
    run.signal("go", json!(3));
    run.signal("go", json!(4));
    run.done("a", 1);
    assert_eq!(run.output(), json!({"v": 3}), "the first that fits");
    assert!(run.says("go is rejected"));
}

#[test]
fn several_waits_of_one_name_take_their_signals_in_turn() {
    let mut run = Rig::new(
        "workflow w { node a: wait_signal { signal: go, payload: int } node b: wait_signal { signal: go, payload: string }
           node c: wait_signal { signal: go, payload: int } output { a: a.payload, b: b.payload, c: c.payload } }",
    );
    run.signal("go", json!("text"));
    run.signal("go", json!(true));
    run.signal("go", json!(1));
    run.signal("go", json!(2));
    assert_eq!(run.output(), json!({"a": 1, "b": "text", "c": 2}), "each to the first that it fits");
    assert!(run.says("go is rejected"));
}

#[test]
fn a_correlated_wait_takes_its_own_signal() {
    let mut run = Rig::new(
        "workflow w { node a: wait_signal { signal: go, payload: int, correlate: \"one\" } node b: wait_signal { signal: go, payload: int }
           output { a: a.payload, b: b.payload } }",
    );
    run.signal("go", json!(5));
    let correlation = Some("one".into());
    run.handle(Event::Signalled(Signal { name: "go".into(), payload: json!(6), correlation }));
    assert_eq!(run.output(), json!({"a": 6, "b": 5}));
}

#[test]
fn a_handler_of_the_end_may_wait_for_a_signal() {
    let mut run = Rig::new(&format!(
        "workflow w {{ on_failure: seen, node a: {GET} node seen: wait_signal {{ signal: seen }} }}"
    ));
    run.fail("a", "HttpClientError");
    assert_eq!(run.word(), "running");
    run.signal("seen", json!(null));
    assert_eq!(run.word(), "failed");
}

#[test]
fn what_is_too_large_fails_its_node() {
    let text = Value::from("x".repeat(2 << 20));
    let mut run = Rig::new(&format!(
        "workflow w {{ node a: {GET} node big: data_transformer {{ value: 1 }} a.error(PayloadTooLarge) -> big, output {{ v: big.?value }} }}"
    ));
    run.answer("a", text);
    assert_eq!(run.output(), json!({"v": 1}));
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
fn a_failure_in_nested_loops_has_its_whole_path() {
    let mut run = Rig::new(&format!(
        "workflow w {{ node outer: loop {{ times: 2, body {{ node inner: loop {{ times: 1, body {{ node x: {GET} }} }} }} }} }}"
    ));
    run.done("outer[0].inner[0].x", 1);
    run.fail("outer[1].inner[0].x", "HttpServerError");
    assert_eq!(run.failure().cause.node, "outer[1].inner[0].x");
    assert!(
        run.says("outer fails with HttpServerError") && run.says("outer[1].inner fails with HttpServerError")
    );
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

#[test]
fn slots_are_given_in_the_order_of_waiting() {
    let mut run = Rig::new(&format!(
        "workflow w {{ max_concurrent: 1, node a: {GET} node b: {GET} node c: workflow {{ call: inner }} node d: {GET} }} workflow inner {{ node n: {GET} }}"
    ));
    assert_eq!(run.open(), ["a", "c"], "a child needs no slot of an activity");
    run.done("a", 1);
    assert_eq!(run.open(), ["b", "c"]);
    run.done("b", 1);
    run.done("d", 1);
    let output = Value::Map(Map::new());
    run.child("c", Outcome::Completed { output, with_failures: false, failures: Vec::new() });
    assert_eq!(run.word(), "completed");
}

#[test]
fn a_slot_is_taken_until_what_was_cancelled_is_gone() {
    let mut run = Rig::new(&format!(
        "workflow w {{ max_concurrent: 2, node a: {GET} node b: {GET} node z: data_transformer {{ join: first, value: 1 }} node c: {GET} node d: {GET}
           [a, b] -> z -> [c, d] }}"
    ));
    run.done("a", 1);
    assert_eq!(run.open(), ["b", "c"]);
    run.release("b");
    assert_eq!(run.open(), ["c", "d"]);
}
