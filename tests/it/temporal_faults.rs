//! What runs on a Temporal server promise whatever happens to workers and the server.

use std::collections::BTreeSet;
use std::thread;

use crate::beside::Beside;
use crate::ledger::Ledger;
use crate::temporal_server::Server;
use crate::temporal_town::{Chain, DONE, FILE, Town, chain};
use crate::wire::Wire;

#[test]
fn workers_come_and_go() {
    let ledger = Ledger::open();
    let server = Server::own("workers");
    let scenes: [fn(&str, &Ledger); 11] = [
        what_finished_never_runs_again_after_a_kill,
        what_must_not_be_repeated_is_not,
        a_worker_that_is_asked_to_end_finishes_what_runs,
        a_worker_that_may_not_wait_any_longer_hands_its_attempts_on,
        a_worker_that_may_not_wait_says_what_nobody_knows,
        a_worker_that_wakes_up_late_is_ignored,
        a_worker_without_memory_does_the_same,
        what_is_sent_without_a_worker_is_kept,
        what_somebody_else_completed_is_not_completed_again,
        a_run_that_is_reset_asks_with_the_same_keys,
        a_storm_of_kills_loses_nothing,
    ];
    let address = server.address();
    thread::scope(|scope| {
        for scene in scenes {
            let (address, ledger) = (&address, &ledger);
            scope.spawn(move || scene(address, ledger));
        }
    });
}

fn what_finished_never_runs_again_after_a_kill(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "kill");
    let town = Town::new(address, "kill").with("w.citadel", chain(ledger, "kill", "idempotent"));
    let workers: Vec<Beside> = (0..3).map(|_| town.worker(FILE)).collect();
    let waiting = town.beside(&["start", "chain", "--id", "kill", "--wait"]);
    chain_of.await_held(1);
    // One of them makes the attempt, and nobody knows which: all end, and others come.
    let others: Vec<Beside> = (0..2).map(|_| town.worker(FILE)).collect();
    workers.into_iter().for_each(Beside::kill);
    chain_of.await_held(2);
    chain_of.release();
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    assert_eq!(chain_of.counts(), (1, 2, 1));
    assert!(chain_of.has_one_key());
    drop(others);
}

fn what_must_not_be_repeated_is_not(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "once");
    let town = Town::new(address, "once").with("w.citadel", chain(ledger, "once", "once"));
    let worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "once", "--wait"]);
    chain_of.await_held(1);
    worker.kill();
    let _other = town.worker(FILE);
    let ended = waiting.end().ends_with(1);
    assert!(ended.stderr.contains("error[Indeterminate]"), "{}", ended.stderr);
    assert!(ended.stderr.contains("nobody knows whether `b` took effect"), "{}", ended.stderr);
    assert_eq!(chain_of.counts(), (1, 1, 0));
}

fn a_worker_that_is_asked_to_end_finishes_what_runs(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "term");
    let town = Town::new(address, "term").with("w.citadel", chain(ledger, "term", "idempotent"));
    let worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "term", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    chain_of.release();
    let ended = worker.end().ends_with(0);
    assert_eq!(ended.stdout, "");
    let _other = town.worker(FILE);
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    assert_eq!(chain_of.counts(), (1, 1, 1), "nothing ran twice");
}

fn a_worker_that_may_not_wait_any_longer_hands_its_attempts_on(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "grace");
    let text =
        chain(ledger, "grace", "idempotent").replace("workflow chain {", "workflow chain { retry: none");
    let town = Town::new(address, "grace").with("w.citadel", text);
    let worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "grace", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    worker.end().ends_with(0);
    let _other = town.worker(FILE);
    chain_of.await_held(2);
    chain_of.release();
    assert_eq!(waiting.end().ends_with(0).stdout, DONE, "an attempt that was given up is no failure");
    assert_eq!(chain_of.counts(), (1, 2, 1));
    assert!(chain_of.has_one_key());
}

fn a_worker_that_may_not_wait_says_what_nobody_knows(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "grace-once");
    let town = Town::new(address, "grace-once").with("w.citadel", chain(ledger, "grace-once", "once"));
    let worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "grace-once", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    worker.end().ends_with(0);
    let _other = town.worker(FILE);
    let ended = waiting.end().ends_with(1);
    assert!(ended.stderr.contains("error[Indeterminate]"), "{}", ended.stderr);
    assert_eq!(chain_of.counts(), (1, 1, 0));
}

fn a_worker_that_wakes_up_late_is_ignored(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "late");
    let town = Town::new(address, "late").with("w.citadel", chain(ledger, "late", "idempotent"));
    let wire = Wire::to(address);
    let late = town.worker(&["w.citadel", "--address", &wire.address()]);
    let waiting = town.beside(&["start", "chain", "--id", "late", "--wait"]);
    chain_of.await_held(1);
    late.signal("STOP");
    // Else the server might hand work to polls of the stopped worker, again and again.
    wire.cut();
    let _other = town.worker(FILE);
    chain_of.await_held(2);
    // What the first asked is answered now, and it wakes up to tell a server that has given its attempt up.
    chain_of.release();
    late.signal("CONT");
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    assert_eq!(chain_of.counts(), (1, 2, 1));
    assert!(chain_of.has_one_key());
    assert_eq!(town.count("late", "ACTIVITY_TASK_COMPLETED"), 3);
    late.signal("TERM");
    late.end().ends_with(0);
}

fn a_worker_without_memory_does_the_same(address: &str, ledger: &Ledger) {
    let text = |scene: &str| chain(ledger, scene, "idempotent");
    let mut traces = Vec::new();
    for (scene, cache) in [("cached", "1000"), ("forgetful", "0")] {
        let chain_of = Chain::of(ledger, scene);
        chain_of.release();
        let town = Town::new(address, scene).with("w.citadel", text(scene));
        let _worker = town.worker(&["w.citadel", "--cache", cache]);
        assert_eq!(town.citadel(&["start", "chain", "--id", scene, "--wait"]).ends_with(0).stdout, DONE);
        assert_eq!(chain_of.counts(), (1, 1, 1));
        traces.push(town.citadel(&["show", scene, "--trace"]).ends_with(0).stdout);
    }
    let [cached, forgetful] = [0, 1].map(|place: usize| without_hashes(&traces[place]));
    assert_eq!(cached, forgetful);
}

/// A trace without what differs by the scenes' paths.
fn without_hashes(trace: &str) -> Vec<serde_json::Value> {
    let lines = trace.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
    lines
        .map(|mut line: serde_json::Value| {
            if let Some(line) = line.as_object_mut() {
                line.remove("output");
            }
            line
        })
        .collect()
}

fn what_is_sent_without_a_worker_is_kept(address: &str, _: &Ledger) {
    let text = "workflow reminder {
           node answer: wait_signal { signal: answered, payload: { text: string }, timeout: 30d }
           output { text: answer.payload.text }
         }";
    let town = Town::new(address, "kept").with("w.citadel", text);
    // Neither the run nor its plan has begun.
    town.citadel(&["start", "reminder", "--id", "kept-early"]).ends_with(0);
    town.citadel(&["start", "reminder", "--id", "kept-cancelled"]).ends_with(0);
    let yes = r#"{"text": "yes"}"#;
    town.citadel(&["signal", "kept-early", "answered", r#"{"text": 1}"#]).ends_with(0);
    town.citadel(&["signal", "kept-early", "answered", yes]).ends_with(0);
    town.citadel(&["cancel", "kept-cancelled"]).ends_with(0);
    let _worker = town.worker(FILE);
    let ended = town.citadel(&["result", "kept-early"]).ends_with(0);
    assert_eq!(ended.stdout, "{\n  \"text\": \"yes\"\n}\n");
    let shown = town.citadel(&["show", "kept-early"]).ends_with(0).stdout;
    assert!(shown.contains("signal `answered` was turned away"), "{shown}");
    town.citadel(&["result", "kept-cancelled"]).ends_with(5);
}

fn what_somebody_else_completed_is_not_completed_again(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "operator");
    let town = Town::new(address, "operator").with("w.citadel", chain(ledger, "operator", "idempotent"));
    let _worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "operator", "--wait"]);
    chain_of.await_held(1);
    let result = r#"{"status": 200, "headers": {}, "body": null}"#;
    let complete =
        ["activity", "complete", "--workflow-id", "operator", "--activity-id", "b", "--result", result];
    town.temporal(&complete);
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    // The worker has its answer now, and nobody wants it.
    chain_of.release();
    assert_ne!(town.temporal_client(&complete).code, 0, "it is complete");
    assert_eq!(chain_of.counts(), (1, 1, 1));
    assert_eq!(town.count("operator", "ACTIVITY_TASK_COMPLETED"), 3);
}

fn a_run_that_is_reset_asks_with_the_same_keys(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "reset");
    chain_of.release();
    let town = Town::new(address, "reset").with("w.citadel", chain(ledger, "reset", "idempotent"));
    let _worker = town.worker(FILE);
    town.citadel(&["start", "chain", "--id", "reset", "--wait"]).ends_with(0);
    town.temporal(&[
        "workflow",
        "reset",
        "--workflow-id",
        "reset",
        "--type",
        "FirstWorkflowTask",
        "--reason",
        "a test",
    ]);
    chain_of.ledger.await_requests(&chain_of.c, 2);
    assert_eq!(town.citadel(&["result", "reset"]).ends_with(0).stdout, DONE);
    assert_eq!(chain_of.counts(), (2, 2, 2));
    for path in [&chain_of.a, &chain_of.b, &chain_of.c] {
        let requests = ledger.of(path);
        assert_eq!(requests[0].key, requests[1].key, "{path}");
    }
}

fn a_storm_of_kills_loses_nothing(address: &str, ledger: &Ledger) {
    const STEPS: usize = 3;
    let url = ledger.url();
    let node = |n: usize| {
        format!("node n{n}: http_request {{ method: POST, url: \"{url}/storm/n{n}\", effect: idempotent }}\n")
    };
    let nodes: String = (0..STEPS).map(node).collect();
    let names: Vec<String> = (0..STEPS).map(|n| format!("n{n}")).collect();
    let text = format!("workflow w {{\n{nodes}\n{}\n}}", names.join(" -> "));
    let town = Town::new(address, "storm").with("w.citadel", text);
    town.citadel(&["start", "w", "--id", "storm"]).ends_with(0);
    // Each worker is killed as soon as one more request is seen.
    for step in 0..STEPS {
        let worker = town.worker(FILE);
        ledger.await_requests(&format!("/storm/n{step}"), 1);
        worker.kill();
    }
    let _last = town.worker(FILE);
    town.citadel(&["result", "storm"]).ends_with(0);
    for step in 0..STEPS {
        let requests = ledger.of(&format!("/storm/n{step}"));
        assert!(requests.iter().all(|request| request.key == requests[0].key), "n{step}");
        assert!(requests.len() <= 2, "n{step} was made {} times", requests.len());
    }
}

#[test]
fn a_server_that_is_killed_loses_nothing() {
    const RUNS: usize = 6;
    let ledger = Ledger::open();
    let mut server = Server::with_database("killed");
    let chain_of = Chain::of(&ledger, "server");
    let town =
        Town::new(&server.address(), "server").with("w.citadel", chain(&ledger, "server", "idempotent"));
    let worker = town.worker(FILE);
    let ids: Vec<String> = (0..RUNS).map(|run| format!("server-{run}")).collect();
    for id in &ids {
        town.citadel(&["start", "chain", "--id", id]).ends_with(0);
    }
    let waiting = town.beside(&["result", &ids[0]]);
    chain_of.await_held(RUNS);
    server.crash();
    chain_of.release();
    // Once more, while what was held is reported and what follows is begun.
    ledger.await_requests(&chain_of.c, 1);
    server.crash();
    for id in &ids {
        assert_eq!(town.citadel(&["result", id]).ends_with(0).stdout, DONE, "{id}");
    }
    assert_eq!(waiting.end().ends_with(0).stdout, DONE, "who waits waits on");
    // An answer that the server never took is asked for again, with the same key.
    for path in [&chain_of.a, &chain_of.b, &chain_of.c] {
        let requests = ledger.of(path);
        let keys: BTreeSet<_> = requests.iter().map(|request| &request.key).collect();
        assert_eq!(keys.len(), RUNS, "{path}");
        assert!(requests.len() <= 2 * RUNS, "{path} was asked for {} times", requests.len());
    }
    assert_eq!(ledger.of(&chain_of.a).len(), RUNS, "what had finished never ran again");
    server.kill();
    let mut early = town.worker(FILE);
    early.hear("trying again");
    let mut never = town.worker(FILE);
    never.hear("trying again");
    never.signal("TERM");
    never.end().ends_with(0);
    worker.kill();
    server.revive();
    early.hear("serving chain");
    assert_eq!(town.citadel(&["start", "chain", "--id", "early", "--wait"]).ends_with(0).stdout, DONE);
    early.signal("TERM");
    early.end().ends_with(0);
}
