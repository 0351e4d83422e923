//! Circuit breakers as operators see them: what waits, what is asked, what other processes know, what is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Runtime;

use crate::beside::Beside;
use crate::both_engines::{Engine, on_each};
use crate::command::Folder;
use crate::http_server::{Server, answer, json};
use crate::telemetry::scrape;
use crate::temporal_server::free_port;

/// A workflow that asks for a price behind a breaker.
fn file(url: &str, cooldown: &str) -> String {
    format!(
        "retry quick {{ initial_interval: 10ms, maximum_attempts: 9 }}
         breaker down {{ failure_threshold: 3, window: 1h, cooldown: {cooldown} }}
         limit pace {{ concurrency: 2 }}
         workflow w {{
           input {{ region: string = \"eu\" }}
           node ask: http_request {{
             url: \"{url}/${{input.region}}\"
             response: {{ cents: int }}
             retry: quick
             breaker: down(input.region)
             limit: pace
           }}
           output {{ cents: ask.body.cents }}
         }}"
    )
}

/// A server that is in trouble for so many requests more.
fn server(runtime: &Runtime, troubles: &Arc<AtomicUsize>) -> Server {
    let troubles = Arc::clone(troubles);
    let is_ill = move || {
        let less = troubles.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        less.is_ok()
    };
    runtime.block_on(Server::start(move |request| {
        let is_asked = request.target == "/eu";
        if is_asked && is_ill() {
            answer("503 Service Unavailable", &[], b"")
        } else {
            json("{\"cents\": 5}")
        }
    }))
}

fn waits(folder: &Folder, run: &str) {
    while !folder.citadel(&["show", run]).stdout.contains("waits for the breaker down(eu) until ") {}
}

#[test]
fn what_is_down_is_asked_by_no_process_that_shares_the_store_and_all_of_it_shows() {
    let runtime = Runtime::new().expect("a runtime");
    let server = server(&runtime, &Arc::new(usize::MAX.into()));
    let folder = Folder::new("gates-shared")
        .with("w.citadel", file(&server.url(""), "1h"))
        .with("citadel.toml", "[breakers]\nstore = \"sqlite:gates.db\"\n");
    let port = free_port();
    let metrics = format!("127.0.0.1:{port}");
    let run = ["run", "w.citadel", "--allow-private-network", "--id"];
    let first = Beside::start(&folder, &[&run[..], &["first", "--metrics", &metrics]].concat());
    waits(&folder, "first");
    assert_eq!(server.seen().len(), 3, "the third failure opens it");
    for line in [
        "citadel_breaker_circuits{breaker=\"down\",state=\"open\"} 1\n",
        "citadel_breaker_openings_total{breaker=\"down\"} 1\n",
        "citadel_breaker_waiting{breaker=\"down\"} 1\n",
        "citadel_limit_running{limit=\"pace\"} 0\n",
    ] {
        while !scrape(port).contains(line) {}
    }
    let second = Beside::start(&folder, &[&run[..], &["second"]].concat());
    waits(&folder, "second");
    assert_eq!(server.seen().len(), 3, "another process knows of it");
    let other = [&run[..], &["third", "--input", "{\"region\": \"us\"}"]].concat();
    assert_eq!(folder.citadel(&other).ends_with(0).stdout, "{\n  \"cents\": 5\n}\n", "another key");
    first.kill();
    second.kill();
}

#[test]
fn a_wait_is_no_attempt_and_a_probe_closes_it_again_on_each_engine() {
    let runtime = Runtime::new().expect("a runtime");
    let troubles = Arc::new(AtomicUsize::default());
    let server = server(&runtime, &troubles);
    let check = |engine: &Engine| {
        troubles.store(3, Ordering::SeqCst);
        let before = server.seen().len();
        let ended = engine.run("w", &["--id", "r"]).ends_with(0);
        assert_eq!(ended.stdout, "{\n  \"cents\": 5\n}\n");
        assert_eq!(server.seen().len() - before, 4, "three failures and the probe on {}", engine.name);
    };
    on_each("gates-probe", &file(&server.url(""), "1s"), &[], |folder| folder, check);
}
