//! Citadel inside of another program.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use citadel::catalog::{Class, Field, Form, Kind, Output, Part};
use citadel::define::{Node, Workflow, expr, literal, word};
use citadel::engine::machine::{Outcome, Status};
use citadel::host::{Citadel, Error};
use citadel::nodes::NodeError;
use citadel::types::Type;
use citadel::value::{Map, Value};
use serde_json::json;

use crate::command::Folder;

/// Runs an example of the project with these variables, and gives what it prints.
pub(crate) fn example(name: &str, variables: &[(&str, &str)]) -> String {
    let folder = Folder::new(&format!("example-{name}"));
    let program = std::env::current_exe().expect("a path");
    let debug = program.ancestors().nth(2).expect("target/debug");
    let output = Command::new(debug.join("examples").join(name))
        .arg(folder.path().join("journal"))
        .envs(variables.iter().copied())
        .output()
        .expect("the example was built with the tests");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_examples_do_what_they_say() {
    assert_eq!(example("embed", &[]), "{\"cents\":360}\ncompleted\n");
    let defined = example("define", &[]);
    assert!(defined.contains("node greet: data_transformer {"), "{defined}");
    assert_eq!(defined.matches("Completed\n").count(), 2, "{defined}");
    assert!(defined.ends_with("error[unknown_name]: nothing is called `b` here\n"), "{defined}");
}

fn counter(failures: u32) -> (Kind, Arc<AtomicU32>, impl Fn(u32) -> Result<Value, NodeError> + Clone) {
    let kind = Kind::new("tick", Class::Activity { progress: false }, "Counts.")
        .field(Field::new("by", Form::Value(Type::Int), "How far.").required())
        .output(Output::Record(vec![("count".into(), Part::Is(Type::Int))]))
        .errors([citadel::catalog::ErrorInfo::retryable("Stuck")]);
    let calls = Arc::new(AtomicU32::new(0));
    let answer = move |call: u32| {
        if call <= failures {
            return Err(NodeError::new("Stuck", "it is stuck"));
        }
        Ok(Value::Map(Map::record([("count", Value::Int(i64::from(call)))])))
    };
    (kind, calls, answer)
}

async fn host(name: &str, failures: u32) -> (Citadel, Arc<AtomicU32>) {
    let folder = Folder::new(name);
    let (kind, calls, answer) = counter(failures);
    let counted = Arc::clone(&calls);
    let does = move |_| {
        let (counted, answer) = (Arc::clone(&counted), answer.clone());
        async move { answer(counted.fetch_add(1, Ordering::SeqCst) + 1) }
    };
    let citadel = Citadel::at(folder.path().join("journal")).kind(kind, does).open().await;
    (citadel.expect("a journal"), calls)
}

#[tokio::test]
async fn a_kind_of_the_program_is_checked_and_retried_as_the_others() {
    let (citadel, calls) = host("embedding-kind", 2).await;
    let text = |field: &str| {
        format!(
            "retry quick {{ initial_interval: 1ms, maximum_attempts: 5 }}
             workflow w {{ node t: tick {{ {field}: 1, retry: quick }}\n output {{ n: t.count }} }}"
        )
    };
    let Err(Error::Refused(refused)) = citadel.register_text(&text("bye")) else { panic!("a finding") };
    assert!(refused.to_string().contains("bye"), "{refused}");
    citadel.register_text(&text("by")).expect("it is right");
    let run = citadel.execute("w", json!({})).await.expect("accepted");
    let Outcome::Completed { output, .. } = citadel.result(&run).await.expect("over") else {
        panic!("it failed")
    };
    assert_eq!(output.to_json().expect("json"), json!({"n": 3}));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert_eq!(citadel.status(&run).await.expect("known"), Status::Completed);
}

#[tokio::test]
async fn runs_are_signalled_and_cancelled() {
    let (citadel, _) = host("embedding-signal", 0).await;
    let workflow = Workflow::new("w")
        .node(Node::new("answer", "wait_signal").set("signal", word("answered")).set("payload", expr("int")))
        .output("n", "answer.payload");
    citadel.register(&workflow).expect("it is right");
    let run = citadel.execute("w", json!({})).await.expect("accepted");
    citadel.signal(&run, "answered", json!(42)).await.expect("stored");
    let Outcome::Completed { output, .. } = citadel.result(&run).await.expect("over") else {
        panic!("it failed")
    };
    assert_eq!(output.to_json().expect("json"), json!({"n": 42}));
    let run = citadel.execute("w", json!({})).await.expect("accepted");
    citadel.cancel(&run).await.expect("stored");
    assert_eq!(citadel.result(&run).await.expect("over").status(), Status::Cancelled);
    assert!(citadel.signal(&run, "answered", json!(1)).await.is_err(), "it is over");
    assert!(citadel.execute("v", json!({})).await.expect_err("unknown").to_string().contains("`v`"));
}

#[tokio::test]
async fn an_engine_that_is_opened_again_goes_on() {
    let folder = Folder::new("embedding-again");
    let text = "workflow w { node wait: wait_signal { signal: go }\n node d: data_transformer { value: 1 }\n wait -> d }";
    let first = Citadel::at(folder.path().join("journal")).open().await.expect("a journal");
    first.register_text(text).expect("it is right");
    let run = first.execute("w", json!({})).await.expect("accepted");
    first.shut_down().await;
    drop(first);
    let second = Citadel::at(folder.path().join("journal")).open().await.expect("a journal");
    second.signal(&run, "go", json!(null)).await.expect("stored");
    assert_eq!(second.result(&run).await.expect("over").status(), Status::Completed);
}

#[tokio::test]
async fn texts_of_code_are_never_taken_for_expressions() {
    let (citadel, _) = host("embedding-literal", 0).await;
    let nasty = "a \"quoted\" \\ ${1 + 1} \n line $";
    let workflow = Workflow::new("w")
        .node(Node::new("t", "data_transformer").set("value", literal(nasty)))
        .output("t", "t.value");
    citadel.register(&workflow).expect("it is right");
    let run = citadel.execute("w", json!({})).await.expect("accepted");
    let Outcome::Completed { output, .. } = citadel.result(&run).await.expect("over") else {
        panic!("it failed")
    };
    assert_eq!(output.to_json().expect("json"), json!({ "t": nasty }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_found_however_soon_the_run_ends() {
    let (citadel, _) = host("embedding-soon", 0).await;
    citadel
        .register_text("workflow w { node d: data_transformer { value: 1 }\n output { n: d.value } }")
        .expect("it is right");
    for _ in 0..300 {
        let run = citadel.execute("w", json!({})).await.expect("accepted");
        assert_eq!(citadel.result(&run).await.expect("over").status(), Status::Completed);
    }
}
