//! What files lower to: plans that verify, whose hash only what matters changes.

use std::path::Path;
use std::sync::LazyLock;

use citadel::compile::{PlanError, plan_text};
use citadel::plan::Plan;
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use crate::{program, tree};

fn only_plan(text: &str) -> Plan {
    let plans = plan_text(text).expect("the text is right");
    plans.into_iter().next().expect("the text declares a workflow")
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = serde_json::to_value(citadel::plan::schema()).expect("a schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is one")
});

/// A plan is the same after it was written and read, and fits the published schema.
fn reads_back(plan: &Plan) -> Result<(), String> {
    let text = plan.to_json();
    let read = Plan::from_json(&text).map_err(|error| error.to_string())?;
    let document: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    SCHEMA.validate(&document).map_err(|error| format!("{error} at {}", error.instance_path()))?;
    if read == *plan { Ok(()) } else { Err("it is another plan when it is read".to_owned()) }
}

/// Whether a text is accepted is for other tests to say; what is accepted has plans.
#[test]
fn right_files_lower_to_plans_that_read_back() {
    let mut wrong = Vec::new();
    for folder in ["tests/fixtures/accept", "examples"] {
        for file in tree::files(folder, ".citadel") {
            let failed = match plan_text(&tree::read(&file)) {
                Ok(plans) => plans.iter().find_map(|plan| reads_back(plan).err()),
                Err(PlanError::Refused) => None,
                Err(error) => Some(error.to_string()),
            };
            wrong.extend(failed.map(|error| format!("{}: {error}", file.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The plan of the order example, without what only draws failures. `CITADEL_BLESS=1` writes it anew.
#[test]
fn the_order_example_has_the_plan_that_is_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/plan");
    let plan = only_plan(&tree::read(&folder.join("order_fulfilment.citadel")));
    let program = serde_json::to_value(plan.program()).expect("a program is JSON");
    let text = serde_json::to_string_pretty(&program).expect("a value is JSON") + "\n";
    let kept = folder.join("order_fulfilment.json");
    if std::env::var_os("CITADEL_BLESS").is_some() {
        std::fs::write(&kept, &text).expect("the plan can be written");
    }
    assert!(tree::read(&kept) == text, "{} is another plan: look at it with CITADEL_BLESS=1", kept.display());
}

const ORDERED: &str = r#"
const first = "https://a.example.com"
const second = first + "/b"
setting crm: string = "https://crm.example.com"
secret key = env("KEY")
breaker fragile { failure_threshold: 5, window: 1m, cooldown: 30s, half_open_probes: 1 }
workflow main {
  timeout: 30m
  input { id: string, express: bool = false }
  node read: http_request { url: "${second}/${input.id}", auth: bearer(key), response: { n: int, s: string }, breaker: fragile }
  node tell: http_request { method: POST, url: "${crm}/x", json: { "n": read.body.n }, effect: idempotent }
  node call: workflow { call: other }
  read -> tell
  read -> call
  read.error(Timeout, RateLimited) -> late
  node late: data_transformer { value: 1 }
  output { a: read.?body.?n, b: late.?value }
}
workflow other { node wait: delay { for: 3s } }
"#;

const REORDERED: &str = r#"
/* The same, told in another order. */
workflow other {   // waits
  node wait: delay { for: 3s }
}
breaker fragile { half_open_probes: 1, cooldown: 30s, window: 1m, failure_threshold: 5 }
secret key = env("KEY")
const second = first + "/b"

/// What it is for.
workflow main {
  read.error(RateLimited, Timeout) -> late
  read -> call
  output { b: late.?value, a: read.?body.?n }
  /// Reads.
  node read: http_request {
    response: { s: string, n: int }
    breaker: fragile
    auth: bearer(key)
    url: "${second}/${input.id}"
  }
  node tell: http_request { json: { "n": read.body.n }, effect: idempotent, method: POST, url: "${crm}/x" }
  node call: workflow { call: other }
  node late: data_transformer { value: 1 }
  input { express: bool = false, id: string }
  read -> tell
  timeout: 30m
}
setting crm: string = "https://crm.example.com"
const first = "https://a.example.com"
"#;

#[test]
fn layout_comments_and_order_make_no_difference_to_the_hash() {
    let plan = only_plan(ORDERED);
    let compilation = citadel::compile::check_text(REORDERED);
    let reordered = compilation.plan(Some("main")).expect("it is right");
    assert_eq!(plan.program(), reordered.program());
    assert_eq!(plan.hash(), reordered.hash());
    assert_ne!(plan.debug(), reordered.debug());
    assert_eq!(plan.to_json(), only_plan(ORDERED).to_json());
}

#[test]
fn what_a_run_depends_on_makes_a_difference_to_the_hash() {
    let hash = only_plan(ORDERED).hash().to_owned();
    let changes = [
        ("30m", "31m"),
        ("a.example.com", "z.example.com"),
        ("crm.example.com", "erp.example.com"),
        ("env(\"KEY\")", "env(\"OTHER\")"),
        ("half_open_probes: 1", "half_open_probes: 2"),
        ("for: 3s", "for: 4s"),
        ("express: bool = false", "express: bool = true"),
        ("error(Timeout, RateLimited)", "error(Timeout)"),
        ("value: 1", "value: 2"),
    ];
    for (old, new) in changes {
        assert_ne!(only_plan(&ORDERED.replace(old, new)).hash(), hash, "{old} became {new}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_programs_lower_to_plans_that_read_back(text in program::programs()) {
            let plans = match plan_text(&text) {
            Err(PlanError::Refused) => Vec::new(),
            plans => plans.map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?,
        };
        for plan in plans {
            reads_back(&plan).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
        }
    }
}

/// Each field on a line of its own.
const FULL: &str = r##"
secret key = env("KEY")
plugin tools from "./tools"

workflow all {
  input { note: string }
  node request: http_request {
    method: PUT
    url: "https://example.com"
    headers: { "A": "b" }
    query: { "q": input.note }
    body: input.note
    auth: bearer(key)
    response: string
    accept: [404]
    follow_redirects: 2
    max_response: 1KiB
    idempotency_key: input.note
  }
  node query: database_query {
    connection: key
    query: "select 1 as one where 'a' = :a"
    params: { "a": input.note }
    rows: { one: int }
    mode: one
    max_rows: 3
    transactional: true
  }
  node script: script_execution {
    command: ["cat"]
    args: ["-"]
    inputs: { "a": input.note }
    env: { "KEY": key }
    format: json
    returns: { a: string }
    network: true
  }
  node agent: ai_agent {
    provider: anthropic
    model: "claude"
    base_url: "https://example.com"
    api_key: key
    system: "be short"
    prompt: input.note
    tools: [tools.look]
    returns: { a: string }
    max_turns: 2
    max_tokens: 100
    temperature: 0.5
  }
  node mail: notification {
    channel: email
    smtp: key
    from: "a@example.com"
    to: "b@example.com"
    cc: ["c@example.com"]
    subject: "hello"
    text: input.note
    html: input.note
  }
  request -> query -> script -> agent -> mail
}
"##;

#[test]
fn all_that_is_written_reaches_the_plan() {
    let document: Value = serde_json::from_slice(&only_plan(FULL).to_json()).expect("a plan is JSON");
    let nodes = document["program"]["workflows"][0]["nodes"].as_array().expect("nodes");
    let mut missing = Vec::new();
    for node in nodes {
        let name = node["name"].as_str().expect("a name");
        let block = FULL.split(&format!("node {name}:")).nth(1).expect("the node is written");
        let lines = block.lines().skip(1).take_while(|line| line.starts_with("    "));
        let fields = lines.filter_map(|line| line.trim().split_once(':')).map(|(field, _)| field);
        let config = &node["task"]["activity"]["config"];
        missing.extend(fields.filter(|field| config[field].is_null()).map(|field| format!("{name}.{field}")));
    }
    // A type isn't a field of the configuration: it is the shape of the output.
    missing.retain(|field| !["response", "rows", "returns"].iter().any(|ty| field.ends_with(ty)));
    assert!(missing.is_empty(), "{missing:?} of\n{document:#}");
}
