//! What runs on a Temporal server promise whatever happens to workers, files and the server.

use std::collections::BTreeSet;
use std::thread;

use crate::beside::Beside;
use crate::ledger::{Ledger, Request};
use crate::temporal_server::Server;
use crate::temporal_town::Town;
use crate::wire::Wire;

/// A chain of requests: `a` at once, `b` held, `c` at once. The paths are the scene's own.
fn chain(ledger: &Ledger, scene: &str, effect: &str) -> String {
    let url = ledger.url();
    format!(
        "workflow chain {{
           node a: http_request {{ method: POST, url: \"{url}/{scene}/a\", effect: {effect} }}
           node b: http_request {{ method: POST, url: \"{url}/hold/{scene}/b\", effect: {effect} }}
           node c: http_request {{ method: POST, url: \"{url}/{scene}/c\", effect: {effect} }}
           a -> b -> c
           output {{ status: c.status }}
         }}"
    )
}

const DONE: &str = "{\n  \"status\": 200\n}\n";
const FILE: &[&str] = &["w.citadel"];

/// The parts of a scene's chain.
struct Chain<'l> {
    ledger: &'l Ledger,
    a: String,
    b: String,
    c: String,
}

impl<'l> Chain<'l> {
    fn of(ledger: &'l Ledger, scene: &str) -> Self {
        let path = |end: &str| format!("/{scene}/{end}");
        Self { ledger, a: path("a"), b: format!("/hold/{scene}/b"), c: path("c") }
    }

    /// Waits until the held request was made so often.
    fn await_held(&self, count: usize) {
        self.ledger.await_requests(&self.b, count);
    }

    fn release(&self) {
        self.ledger.release(&self.b);
    }

    /// How often each request was made.
    fn counts(&self) -> (usize, usize, usize) {
        let count = |path: &str| self.ledger.of(path).len();
        (count(&self.a), count(&self.b), count(&self.c))
    }

    /// All requests of the held one have one key.
    fn has_one_key(&self) -> bool {
        let held: Vec<Request> = self.ledger.of(&self.b);
        held[0].key.is_some() && held.iter().all(|request| request.key == held[0].key)
    }
}

#[test]
fn workers_come_and_go() {
    let ledger = Ledger::open();
    let server = Server::own("workers");
    let scenes: [fn(&str, &Ledger); 13] = [
        what_finished_never_runs_again_after_a_kill,
        what_must_not_be_repeated_is_not,
        a_worker_that_is_asked_to_end_finishes_what_runs,
        a_worker_that_may_not_wait_any_longer_hands_its_attempts_on,
        a_worker_that_wakes_up_late_is_ignored,
        a_worker_without_memory_does_the_same,
        a_run_outlives_its_file,
        a_run_keeps_its_plan,
        a_run_waits_for_a_worker_with_its_plan,
        a_run_of_a_newer_version_waits,
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

fn a_run_outlives_its_file(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "removed");
    let town = Town::new(address, "removed")
        .with("w.citadel", chain(ledger, "removed", "idempotent"))
        .with("other.citadel", "workflow other { output { n: 1 } }");
    let worker = town.worker(&["w.citadel", "other.citadel"]);
    let waiting = town.beside(&["start", "chain", "--id", "removed", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    chain_of.release();
    worker.end().ends_with(0);
    std::fs::remove_file(town.folder.path().join("w.citadel")).expect("it is there");
    let _next = town.worker(&["other.citadel"]);
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    let unknown = town.citadel(&["start", "chain", "--id", "removed-2", "--wait"]).ends_with(1);
    assert!(unknown.stderr.contains("error[UnknownWorkflow]"), "{}", unknown.stderr);
    assert_eq!(chain_of.counts(), (1, 1, 1));
}

fn a_run_keeps_its_plan(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "changed");
    let text = chain(ledger, "changed", "idempotent");
    let town = Town::new(address, "changed").with("w.citadel", &text);
    let worker = town.worker(FILE);
    let waiting = town.beside(&["start", "chain", "--id", "changed", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    chain_of.release();
    worker.end().ends_with(0);
    let town =
        town.with("w.citadel", text.replace("/changed/c", "/changed/new").replace("status: c", "new: c"));
    let _next = town.worker(FILE);
    assert_eq!(waiting.end().ends_with(0).stdout, DONE);
    let new = town.citadel(&["start", "chain", "--id", "changed-2", "--wait"]).ends_with(0);
    assert_eq!(new.stdout, "{\n  \"new\": 200\n}\n");
    assert_eq!(chain_of.counts(), (2, 2, 1));
    assert_eq!(ledger.of("/changed/new").len(), 1);
}

fn a_run_waits_for_a_worker_with_its_plan(address: &str, _: &Ledger) {
    let new = "workflow w { output { n: 2 } }";
    let town = Town::new(address, "versions").with("w.citadel", new);
    // Its file is none that `start` finds.
    let town = town.with("before/w.text", "workflow w { output { n: 1 } }");
    let _old = town.worker(&["before/w.text"]);
    let waiting = town.beside(&["start", "w", "--id", "versions", "--wait"]);
    let status = town.until(&["status", "versions"], "goes no further").stdout;
    assert!(status.starts_with("versions  w  parked\n"), "{status}");
    assert!(
        status.contains("the worker doesn't have the plan of `w` that the run was started with"),
        "{status}"
    );
    let _new = town.worker(FILE);
    assert_eq!(waiting.end().ends_with(0).stdout, "{\n  \"n\": 2\n}\n");
}

fn a_run_of_a_newer_version_waits(address: &str, ledger: &Ledger) {
    let town = Town::new(address, "newer").with("w.citadel", chain(ledger, "newer", "idempotent"));
    let _worker = town.worker(FILE);
    town.python("newer.py").ends_with(0);
    let newer = "the run was started by citadel 99.0.0, which is newer";
    let unknown = "the run was started by another version of citadel: unknown field `novelty`";
    let reasons = [("version", newer), ("flag", newer), ("header", unknown), ("envelope", unknown)];
    for (what, reason) in reasons {
        let id = format!("newer-{what}");
        let status = town.until(&["status", &id], "goes no further").stdout;
        assert!(status.starts_with(&format!("{id}  chain  parked\n")) && status.contains(reason), "{status}");
        town.citadel(&["terminate", &id]).ends_with(0);
    }
    assert_eq!(ledger.of("/newer/a").len(), 0);
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
