//! Corners of waiting for signals.

use citadel::engine::machine::{Event, Signal};
use serde_json::json;

use super::GET;
use crate::rig::Rig;

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
