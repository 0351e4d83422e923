//! What becomes of runs on a Temporal server when files and programs change.

use std::thread;

use crate::ledger::Ledger;
use crate::temporal_server::Server;
use crate::temporal_town::{Chain, DONE, FILE, Town, chain};

#[test]
fn files_and_programs_change_while_runs_are_open() {
    let ledger = Ledger::open();
    let server = Server::own("versions");
    let scenes: [fn(&str, &Ledger); 5] = [
        a_run_outlives_its_file,
        a_child_has_the_plan_of_its_parent,
        a_run_keeps_its_plan,
        a_run_waits_for_a_worker_with_its_plan,
        a_run_of_a_newer_version_waits,
    ];
    let address = server.address();
    thread::scope(|scope| {
        for scene in scenes {
            let (address, ledger) = (&address, &ledger);
            scope.spawn(move || scene(address, ledger));
        }
    });
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

fn a_child_has_the_plan_of_its_parent(address: &str, ledger: &Ledger) {
    let chain_of = Chain::of(ledger, "parent");
    let parent = "workflow parent { node inner: workflow { call: chain } node more: workflow { call: after } inner -> more }";
    let url = ledger.url();
    let after = format!(
        "workflow after {{ node d: http_request {{ method: POST, url: \"{url}/parent/d\", effect: idempotent }} }}"
    );
    let text = format!("{parent}\n{}\n{after}", chain(ledger, "parent", "idempotent"));
    let town = Town::new(address, "parent")
        .with("w.citadel", text)
        .with("other.citadel", "workflow other { output { n: 1 } }");
    let worker = town.worker(&["w.citadel", "other.citadel"]);
    let waiting = town.beside(&["start", "parent", "--id", "parent", "--wait"]);
    chain_of.await_held(1);
    worker.signal("TERM");
    chain_of.release();
    worker.end().ends_with(0);
    std::fs::remove_file(town.folder.path().join("w.citadel")).expect("it is there");
    let _next = town.worker(&["other.citadel"]);
    waiting.end().ends_with(0);
    assert_eq!((chain_of.counts(), ledger.of("/parent/d").len()), ((1, 1, 1), 1));
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
