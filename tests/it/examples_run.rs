//! Examples on both engines as somebody runs them who tries them out, with real files and servers in place of mocks.

use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::both_engines::{Engine, on_each};
use crate::command::Folder;
use crate::http_server::{Server, answer, json as json_answer};
use crate::sql_server::Database;
use crate::tree;

/// The examples that need nothing but this machine, as one file. Their names don't meet.
const EXAMPLES: [&str; 6] =
    ["01_hello", "10_approval", "11_waiting", "12_error_handler", "15_databases", "16_breakers_and_limits"];

fn example(name: &str) -> String {
    tree::read(&tree::path(&format!("examples/{name}.citadel")))
}

fn input(name: &str) -> String {
    tree::read(&tree::path(&format!("examples/{name}.json")))
}

fn all() -> String {
    EXAMPLES.map(example).join("\n")
}

/// The output of a workflow of an example, with the input that lies beside it.
fn output(engine: &Engine, name: &str, workflow: &str) -> Json {
    let ended = engine.run(workflow, &["--input", &input(name)]).ends_with(0);
    serde_json::from_str(&ended.stdout).expect("JSON")
}

#[test]
fn examples_do_on_each_engine_what_they_say() {
    let runtime = Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(|seen| match seen.target.as_str() {
        "/eu/paper" => answer("404 Not Found", &[], b""),
        target if target.starts_with("/eu/") => json_answer("{\"cents\": 150}"),
        _ => answer("200 OK", &[], b"ok"),
    }));
    let (partner, hook) = (server.url(""), server.url("/hook"));
    let variables = [("CITADEL_SET_PARTNER", partner.as_str()), ("SLACK_HOOK", hook.as_str())];
    let ready = |folder: Folder| {
        folder.citadel(&["db", "init", "sqlite:shop.db"]).ends_with(0);
        folder
    };
    on_each("examples-run", &all(), &variables, ready, |engine| {
        assert_eq!(output(engine, "01_hello", "hello"), json!({ "text": "Hello, Ada!" }));
        assert_eq!(output(engine, "11_waiting", "receive"), json!({ "parcel": "p-1" }));
        let ordered = json!({ "lines": ["1. 5 x paper"], "missing": ["there are only 10 of pens"] });
        assert_eq!(output(engine, "12_error_handler", "order"), ordered);
        let sold = json!({ "lines": 2, "sold": ["1 x ink", "2 x pen"] });
        assert_eq!(output(engine, "15_databases", "sell"), sold);
        the_same_sale_is_refused(engine);
        prices_come_but_one(engine);
        somebody_says_no(engine);
        assert_eq!(server.seen().last().map(|seen| seen.target.clone()).as_deref(), Some("/hook"));
    });
}

fn the_same_sale_is_refused(engine: &Engine) {
    let refused = engine.run("sell", &["--input", &input("15_databases")]).ends_with(1);
    assert!(refused.stderr.contains("o-1 can't be sold"), "{}", refused.stderr);
}

fn prices_come_but_one(engine: &Engine) {
    let ended = engine.run("prices", &["--input", &input("16_breakers_and_limits")]).ends_with(4);
    let prices: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(prices, json!({ "prices": [150, 150], "missing": 1 }));
}

fn somebody_says_no(engine: &Engine) {
    let expense = json!({ "by": "ada", "cents": 50_000, "purpose": "a chair" }).to_string();
    let run = engine.start("expense", &["--input", &expense, "--id", "chair"]);
    let answer = ["approve", "chair", "ask", "--reject", "--by", "lead@example.com"];
    while engine.citadel(&answer).code != 0 {}
    let ended = run.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "{\n  \"paid\": false\n}\n");
}

#[test]
fn the_example_of_databases_runs_on_servers_too() {
    for server in [Database::postgres("example"), Database::mariadb("example")] {
        let folder = Folder::new("examples-servers").with("15_databases.citadel", example("15_databases"));
        let url = server.url();
        let variables = [("CITADEL_SET_DATABASE", url.as_str())];
        let citadel = |arguments: &[&str]| {
            folder.citadel_with(&variables, &[arguments, &["--allow-private-network"]].concat())
        };
        citadel(&["db", "init", "CITADEL_SET_DATABASE"]).ends_with(0);
        let ended = citadel(&["run", "15_databases.citadel", "--input", &input("15_databases")]).ends_with(0);
        let output: Json = serde_json::from_str(&ended.stdout).expect("JSON");
        assert_eq!(output, json!({ "lines": 2, "sold": ["1 x ink", "2 x pen"] }));
    }
}
