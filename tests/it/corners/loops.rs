//! Corners of loops.

use serde_json::json;

use super::{GET, get};
use crate::rig::Rig;

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
