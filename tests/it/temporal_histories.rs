//! Histories that a real server recorded: every later program must do what they say. `CITADEL_BLESS=1` records those
//! that are missing; one that is there is never written again, because runs may have gone so.

use std::fs;
use std::path::PathBuf;

use citadel::driver::temporal::{Client, Connection, check_history};
use regex::bytes::{Captures, Regex};
use tokio::runtime::Runtime;

use crate::ledger::Ledger;
use crate::temporal_server::Server;
use crate::temporal_town::Town;
use crate::tree;

/// What is recorded: a workflow, the code that `start --wait` exits with, and what is sent to it meanwhile.
const RECORDED: &[(&str, i32, &[&[&str]])] = &[
    ("everything", 0, &[]),
    ("undone", 1, &[]),
    ("partly", 4, &[]),
    ("told", 0, &[&["signal", "told", "answered", r#"{"text": "yes"}"#]]),
    ("stopped", 5, &[&["cancel", "stopped"]]),
    ("refused", 2, &[]),
];

fn workflows(ledger: &Ledger) -> String {
    let url = ledger.url();
    format!(
        "workflow everything {{
           input {{ names: list<string> = [\"a\", \"b\", \"c\"] }}
           node each: loop {{
             over: input.names
             parallelism: 2
             body {{ node mail: http_request {{ method: POST, url: \"{url}/mail/${{item}}\", effect: once }} }}
           }}
           node pause: delay {{ for: 20ms }}
           node inner: workflow {{ call: child, input: {{ \"n\": 3 }} }}
           node is_many: condition {{ when: inner.n > 2 }}
           node many: http_request {{ url: \"{url}/many\", local: true, effect: idempotent }}
           node few: http_request {{ url: \"{url}/few\" }}
           each -> pause -> inner -> is_many
           is_many.true -> many
           is_many.false -> few
           output {{ status: many.?status, n: inner.n }}
         }}
         workflow child {{
           input {{ n: int }}
           node tell: http_request {{ method: POST, url: \"{url}/tell\", effect: idempotent }}
           output {{ n: input.n }}
         }}
         retry quick {{ initial_interval: 1ms, maximum_attempts: 2 }}
         workflow undone {{
           retry: quick
           node pay: http_request {{ method: POST, url: \"{url}/pay\", effect: idempotent, compensate: refund }}
           node refund: http_request {{ method: POST, url: \"{url}/refund\", effect: idempotent }}
           node ship: http_request {{ method: POST, url: \"{url}/status/503/ship\", effect: idempotent }}
           node alarm: http_request {{ method: POST, url: \"{url}/alarm\", effect: idempotent }}
           on_failure: alarm
           pay -> ship
         }}
         workflow partly {{
           on_error: continue
           node bad: http_request {{ url: \"{url}/status/404/y\" }}
           node good: http_request {{ url: \"{url}/good\" }}
           output {{ status: good.?status }}
         }}
         workflow told {{
           node answer: wait_signal {{ signal: answered, payload: {{ text: string }}, timeout: 30d }}
           output {{ text: answer.payload.text }}
         }}
         workflow stopped {{
           node book: http_request {{ method: POST, url: \"{url}/book\", effect: idempotent, compensate: unbook }}
           node unbook: http_request {{ method: POST, url: \"{url}/unbook\", effect: idempotent }}
           node answer: wait_signal {{ signal: answered, timeout: 30d }}
           book -> answer
         }}"
    )
}

fn folder() -> PathBuf {
    tree::path("tests/fixtures/histories")
}

#[test]
fn recorded_histories_are_still_what_a_worker_does() {
    record_the_missing();
    let runtime = Runtime::new().expect("a runtime");
    for (name, ..) in RECORDED {
        let bytes = fs::read(folder().join(format!("{name}.history"))).expect("CITADEL_BLESS=1 records it");
        if let Err(error) = runtime.block_on(check_history(&bytes)) {
            panic!("{name}: {error}");
        }
    }
    let recorded = fs::read_dir(folder()).expect("a folder").count();
    assert_eq!(recorded, RECORDED.len(), "there are histories that nothing replays");
}

#[test]
fn an_altered_history_is_found() {
    let runtime = Runtime::new().expect("a runtime");
    let bytes = fs::read(folder().join("undone.history")).expect("CITADEL_BLESS=1 records it");
    // The last place; texts of one length can stand for each other.
    let altered = |from: &str, to: &str| {
        let place =
            Regex::new(from).expect("a pattern").find_iter(&bytes).last().expect("it is there").range();
        let altered = [&bytes[..place.start], to.as_bytes(), &bytes[place.end..]].concat();
        assert_eq!(altered.len(), bytes.len());
        runtime.block_on(check_history(&altered)).expect_err("it is found").to_string()
    };
    let kind = altered("http_request", "sql_requests");
    assert!(kind.contains("http_request") && kind.contains("sql_requests"), "{kind}");
    let key = altered(r#""alarm","key":"."#, r#""alarm","key":"~"#);
    assert!(key.contains("the activity `alarm` was"), "{key}");
    let end = altered("HttpServerError", "HttpClientError");
    assert!(end.contains("the end was"), "{end}");
    let none = runtime.block_on(check_history(b"")).expect_err("it is none").to_string();
    assert!(none.contains("doesn't begin with a start"), "{none}");
}

/// Without the names of the processes and the machine that it was recorded with.
fn without_names(history: &[u8]) -> Vec<u8> {
    let name = Regex::new(r"(?-u)(citadel-|temporal-cli:)\w+@[\w.-]+").expect("a pattern");
    name.replace_all(history, |found: &Captures<'_>| vec![b'x'; found[0].len()]).into_owned()
}

fn record_the_missing() {
    let missing: Vec<_> =
        RECORDED.iter().filter(|(name, ..)| !folder().join(format!("{name}.history")).exists()).collect();
    if std::env::var("CITADEL_BLESS").is_err() || missing.is_empty() {
        return;
    }
    let ledger = Ledger::open();
    let server = Server::own("histories");
    let town = Town::new(&server.address(), "histories").with("w.citadel", workflows(&ledger));
    let _worker = town.worker(&["w.citadel"]);
    let runtime = Runtime::new().expect("a runtime");
    let connection = runtime.block_on(Connection::open(&server.endpoint())).expect("it answers");
    let client = Client::new(connection, "histories");
    for (name, code, messages) in missing {
        let waiting = match *name {
            "refused" => {
                town.start_elsewhere("everything", name, r#"{"names": 1}"#);
                town.beside(&["result", name])
            }
            _ => town.beside(&["start", name, "--id", name, "--wait"]),
        };
        for message in *messages {
            town.until(&["status", name], "answer waits");
            town.citadel(message).ends_with(0);
        }
        waiting.end().ends_with(*code);
        let histories = runtime.block_on(client.record(name)).expect("it is there");
        let [history] = histories.as_slice() else { panic!("one history") };
        fs::create_dir_all(folder()).expect("a folder");
        fs::write(folder().join(format!("{name}.history")), without_names(history)).expect("written");
    }
}
