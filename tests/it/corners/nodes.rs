//! Corners of single nodes and their joins.

use citadel::engine::machine::Outcome;
use citadel::value::{Map, Value};
use serde_json::json;

use super::GET;
use crate::rig::Rig;

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
fn a_fallback_of_a_kind_with_ports_of_its_own_ends_on_the_port_that_it_names() {
    let text = |decision: &str| {
        format!(
            "workflow w {{ node ok: approval {{ timeout: 1h, fallback: {{ \"decision\": \"{decision}\" }} }}
               node yes: data_transformer {{ value: 1 }} node no: data_transformer {{ value: 2 }}
               ok.approved -> yes
               ok.rejected -> no }}"
        )
    };
    let mut run = Rig::new(&text("rejected"));
    run.fire();
    assert!(run.says("no succeeds") && run.says("yes is skipped"), "{:?}", run.told);
    let mut run = Rig::new(&text("perhaps"));
    run.fire();
    assert_eq!(run.failure().cause.error, "ExpressionError", "it names no port");
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
