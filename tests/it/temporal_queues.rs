//! Nodes whose activities are made on another task queue.

use crate::ledger::Ledger;
use crate::temporal_server::Server;
use crate::temporal_town::Town;

/// The worker of the other queue has other files: what an attempt needs travels with it.
#[test]
fn a_node_is_made_by_the_workers_of_its_queue() {
    let (ledger, server) = (Ledger::open(), Server::own("queues"));
    let url = ledger.url();
    let text = format!(
        "workflow w {{
           output {{ far: far.status, near: near.status }}
           node near: http_request {{ url: \"{url}/near\" }}
           node far: http_request {{ url: \"{url}/far\", task_queue: \"queues-far\" }}
           near -> far
         }}"
    );
    let town = Town::new(&server.address(), "queues")
        .with("w.citadel", text)
        .with("other.citadel", "workflow other { output { n: 1 } }");
    let _near = town.worker(&["w.citadel"]);
    let waiting = town.beside(&["start", "w", "--id", "queues", "--wait"]);
    town.until(&["status", "queues"], "runs far");
    assert_eq!((ledger.of("/near").len(), ledger.of("/far").len()), (1, 0), "nobody serves the other queue");
    let _far = town.worker(&["other.citadel", "--task-queue", "queues-far"]);
    assert_eq!(waiting.end().ends_with(0).stdout, "{\n  \"far\": 200,\n  \"near\": 200\n}\n");
    assert_eq!((ledger.of("/near").len(), ledger.of("/far").len()), (1, 1));
}
