//! The plan as a document: canonical, hashed, refused when it is anything else than what an engine may run.

use citadel::plan::{CodeDebug, Debug, Error, NodeDebug, Place, Plan, Program, SourceFile, WorkflowDebug};
use proptest::prelude::{any, proptest};
use serde_json::{Value, json};

/// A program with a loop, an undo, a handler and a workflow that calls itself.
fn sample() -> Value {
    let node = |name: &str, task: Value| {
        json!({
            "name": name, "kind": "any", "role": "step", "join": "all", "ports": ["ok"],
            "errors": 0, "output": 0, "on_error": "stop", "task": task,
        })
    };
    let activity = || json!({ "activity": { "config": {}, "effect": "idempotent", "retry": 0, "timeout": { "millis": 600_000 } } });
    let mut charge = node("charge", activity());
    charge["compensate"] = json!(1);
    let mut refund = node("refund", activity());
    refund["role"] = json!({ "undo": 0 });
    let mut alarm = node("alarm", activity());
    alarm["role"] = json!("handler");
    let each = json!({ "loop": {
        "body": 1, "repeat": { "over": 0 }, "collect": 1, "parallelism": { "fixed": 1 }, "on_iteration_error": "stop",
    } });
    json!({
        "semantics": 1,
        "workflows": [{
            "name": "orders", "on_duplicate": "reject", "input": 1, "max_concurrent": 50, "on_failure": 2,
            "shapes": ["json", { "record": { "fields": [{ "name": "ids", "shape": 0 }], "open": false } }],
            "retries": [{ "initial_interval_ms": 1000, "backoff_coefficient": 2.5, "maximum_interval_ms": 60000 }],
            "errors": [{ "Timeout": { "retryable": true } }],
            "codes": [
                [{ "variable": "input" }, { "select": { "of": 0, "field": "ids", "access": "required" } }],
                [{ "variable": { "node": 4 } }],
            ],
            "nodes": [charge, refund, alarm, node("each", each), node("again", json!({ "child": { "callee": 0 } }))],
            "graphs": [
                { "first": 0, "count": 4, "edges": [
                    { "from": 0, "on": { "port": 0 }, "to": 3 },
                    { "from": 0, "on": { "errors": ["Timeout"] }, "to": 3 },
                ] },
                { "first": 4, "count": 1 },
            ],
            "callees": [0],
        }],
    })
}

/// A debug part of the right form, all of whose places are the start of one file.
fn debug(program: &Program) -> Debug {
    let here = Place(0, 0, 0);
    let workflows = program.workflows.iter().map(|workflow| WorkflowDebug {
        name: here,
        description: None,
        nodes: workflow.nodes.iter().map(|_| NodeDebug { name: here, fields: [].into() }).collect(),
        codes: workflow
            .codes
            .iter()
            .map(|code| CodeDebug { whole: here, steps: vec![here; code.ops().len()] })
            .collect(),
    });
    Debug {
        files: vec![SourceFile { path: "orders.citadel".into(), text: "workflow orders { }".into() }],
        workflows: workflows.collect(),
    }
}

fn plan(program: Value) -> Result<Plan, Error> {
    let program: Program = serde_json::from_value(program).expect("the form is right");
    let debug = debug(&program);
    Plan::new(program, debug)
}

fn document() -> Value {
    serde_json::from_slice(&plan(sample()).expect("the sample holds").to_json()).expect("a plan is JSON")
}

/// Why a document is refused.
fn refusal(document: &Value) -> String {
    Plan::from_json(document.to_string().as_bytes()).expect_err("it is no plan").to_string()
}

/// Why a program is refused whose value at `pointer` is replaced.
fn fault(pointer: &str, value: Value) -> String {
    let mut program = sample();
    *program.pointer_mut(pointer).expect(pointer) = value;
    plan(program).expect_err(pointer).to_string()
}

#[test]
fn a_document_is_read_again_as_it_was_written() {
    let plan = plan(sample()).expect("the sample holds");
    assert_eq!(Plan::from_json(&plan.to_json()), Ok(plan.clone()));
    assert_eq!(Plan::from_json(&plan.to_json_pretty()), Ok(plan.clone()));
    assert_eq!(plan.hash().len(), 64);
}

#[test]
fn the_hash_is_of_the_program_alone() {
    let mut document = document();
    document["debug"]["files"][0]["path"] = json!("elsewhere.citadel");
    let moved = Plan::from_json(document.to_string().as_bytes()).expect("the program is the same");
    assert_eq!(moved.hash(), plan(sample()).expect("the sample holds").hash());
}

#[test]
fn newer_versions_are_refused_with_the_version_that_they_need() {
    let mut newer = document();
    newer["version"] = json!(7);
    newer["program"] = json!("something else");
    assert_eq!(refusal(&newer), "the plan has version 7, and this program reads version 1");

    let mut newer = document();
    newer["program"]["semantics"] = json!(3);
    newer["program"]["workflows"][0]["novelty"] = json!(true);
    assert_eq!(
        refusal(&newer),
        "the plan needs version 3 of the semantics, and this program has those up to 1"
    );
}

#[test]
fn unknown_fields_are_refused_at_every_depth() {
    let places = [
        "",
        "/program",
        "/program/workflows/0",
        "/program/workflows/0/nodes/0",
        "/program/workflows/0/nodes/0/task/activity",
        "/program/workflows/0/graphs/0/edges/0",
        "/program/workflows/0/retries/0",
        "/debug",
        "/debug/files/0",
        "/debug/workflows/0/nodes/0",
    ];
    for place in places {
        let mut document = document();
        document.pointer_mut(place).expect(place)["novelty"] = json!(1);
        let refusal = refusal(&document);
        assert!(refusal.starts_with("this is not a plan: unknown field `novelty`"), "{place}: {refusal}");
    }
}

#[test]
fn a_program_that_was_changed_is_refused() {
    let mut document = document();
    document["program"]["workflows"][0]["max_concurrent"] = json!(51);
    assert!(refusal(&document).starts_with("the plan's hash is `"), "{}", refusal(&document));
}

#[test]
fn a_program_that_contradicts_itself_is_refused_with_the_place() {
    let workflow = "/workflows/0";
    let cases = [
        ("/workflows", json!([]), "the plan has no workflow"),
        (
            "/nodes/0/output",
            json!(9),
            "node `charge` of workflow `orders` refers to shape 9, and there are 2",
        ),
        (
            "/nodes/0/task/activity/retry",
            json!(1),
            "node `charge` of workflow `orders` refers to retry policy 1, and there are 1",
        ),
        (
            "/nodes/1/role",
            json!("step"),
            "node `charge` of workflow `orders` is named for a part that it doesn't play",
        ),
        (
            "/on_failure",
            json!(null),
            "node `alarm` of workflow `orders` is named for a part that it doesn't play",
        ),
        (
            "/nodes/3/task/loop/body",
            json!(0),
            "node `each` of workflow `orders` has a body that is not of one loop around it",
        ),
        (
            "/nodes/3/join",
            json!({ "first": 3 }),
            "node `each` of workflow `orders` joins 3 connections, and 2 lead to it",
        ),
        ("/graphs/0/count", json!(3), "workflow `orders` has graphs that don't share out its nodes"),
        ("/graphs/0/edges/0/to", json!(4), "workflow `orders` has a connection that leaves its graph"),
        (
            "/graphs/0/edges/0/to",
            json!(0),
            "node `charge` of workflow `orders` stands in a cycle of connections",
        ),
        (
            "/graphs/0/edges/0/to",
            json!(1),
            "node `refund` of workflow `orders` has connections, and runs only when the run stops",
        ),
        (
            "/graphs/0/edges/0/on",
            json!("start"),
            "node `charge` of workflow `orders` has a connection whose source and outcome don't fit each other",
        ),
        (
            "/graphs/0/edges/0/on",
            json!({ "port": 1 }),
            "node `charge` of workflow `orders` refers to port 1, and there are 1",
        ),
        (
            "/graphs/0/edges/1/on",
            json!({ "errors": ["Tmieout"] }),
            "node `charge` of workflow `orders` has a connection for the error `Tmieout`, which it can't fail with",
        ),
        (
            "/retries/0/backoff_coefficient",
            json!(0.5),
            "workflow `orders` has `backoff_coefficient` out of bounds",
        ),
        (
            "/codes/0/0/variable",
            json!({ "setting": 0 }),
            "expression 0 of workflow `orders` reads `{setting:0}`, which isn't there",
        ),
        (
            "/codes/0/0/variable",
            json!({ "item": 0 }),
            "expression 0 of workflow `orders` reads `{item:0}`, which isn't there",
        ),
        (
            "/codes/0/0/variable",
            json!({ "node": 4 }),
            "expression 0 of workflow `orders` reads `{node:4}`, which isn't there",
        ),
        ("/nodes/3/task/loop/collect", json!(0), "expression 0 of workflow `orders` stands in two places"),
        ("/nodes/3/task/loop/collect", json!(null), "expression 1 of workflow `orders` stands nowhere"),
        ("/callees", json!([1]), "workflow `orders` refers to workflow 1, and there are 1"),
    ];
    for (place, value, expected) in cases {
        let pointer = if place == "/workflows" { place.to_owned() } else { format!("{workflow}{place}") };
        assert_eq!(fault(&pointer, value), expected, "{pointer}");
    }
}

#[test]
fn places_outside_the_source_are_refused() {
    let mut document = document();
    document["debug"]["workflows"][0]["name"] = json!([0, 0, 1000]);
    assert_eq!(refusal(&document), "workflow `orders` has a `debug` part that describes another program");
    document["debug"]["workflows"] = json!([]);
    assert_eq!(refusal(&document), "the plan has a `debug` part that describes another program");
}

#[test]
fn the_published_schema_is_the_generated_one() {
    let generated = serde_json::to_string_pretty(&citadel::plan::schema()).expect("a schema is JSON") + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/plan.schema.json");
    let published = std::fs::read_to_string(path).unwrap_or_default();
    if std::env::var_os("CITADEL_BLESS").is_some() {
        std::fs::write(path, &generated).expect("the schema can be written");
    } else {
        assert!(published == generated, "{path} is not the generated one: run the test with CITADEL_BLESS=1");
    }
}

#[test]
fn plans_fit_their_schema_and_other_documents_do_not() {
    let schema = serde_json::to_value(citadel::plan::schema()).expect("a schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("the schema is one");
    let mut document = document();
    if let Err(error) = schema.validate(&document) {
        panic!("{error} at {}", error.instance_path());
    }
    document["program"]["workflows"][0]["novelty"] = json!(1);
    assert!(!schema.is_valid(&document));
}

proptest! {
    #[test]
    fn garbage_is_refused(text in ".*", bytes in any::<Vec<u8>>()) {
        assert!(Plan::from_json(text.as_bytes()).is_err());
        assert!(Plan::from_json(&bytes).is_err());
    }

    #[test]
    fn a_document_with_a_changed_byte_is_refused_or_says_the_same(at in any::<proptest::sample::Index>(), byte: u8) {
        let plan = plan(sample()).expect("the sample holds");
        let mut text = plan.to_json();
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok(changed) = Plan::from_json(&text) {
            assert_eq!(changed.program(), plan.program());
        }
    }
}
