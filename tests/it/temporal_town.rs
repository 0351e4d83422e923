//! Workers and clients of a real Temporal server, as the processes that they are.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::beside::Beside;
use crate::command::{Ended, Folder};
use crate::ledger::{Ledger, Request};
use crate::{temporal_server, tree};

/// How long something may take that must happen: a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of files and a task queue of its own on a server.
pub(crate) struct Town {
    pub(crate) folder: Folder,
    address: String,
    queue: String,
}

impl Town {
    /// One of that name.
    pub(crate) fn new(address: &str, name: &str) -> Self {
        let folder = Folder::new(&format!("temporal-{name}"));
        Self { folder, address: address.to_owned(), queue: name.to_owned() }
    }

    /// Writes a file.
    pub(crate) fn with(self, file: &str, text: impl AsRef<[u8]>) -> Self {
        Self { folder: self.folder.with(file, text), ..self }
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [("CITADEL_TEMPORAL_ADDRESS", &self.address), ("CITADEL_TEMPORAL_TASK_QUEUE", &self.queue)]
    }

    /// The flags that name the server and the queue.
    pub(crate) fn flags(&self) -> [&str; 4] {
        ["--address", &self.address, "--task-queue", &self.queue]
    }

    /// A worker of these files, which may reach the test's own services.
    pub(crate) fn worker(&self, arguments: &[&str]) -> Beside {
        self.beside(&[&["worker", "--allow-private-network"], arguments].concat())
    }

    /// Runs `citadel` for this server and queue, beside the test.
    pub(crate) fn beside(&self, arguments: &[&str]) -> Beside {
        Beside::start_with(&self.folder, &self.variables(), arguments)
    }

    /// The same, with more variables in its environment.
    pub(crate) fn beside_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Beside {
        Beside::start_with(&self.folder, &[&self.variables()[..], variables].concat(), arguments)
    }

    /// Runs `citadel` for this server and queue.
    pub(crate) fn citadel(&self, arguments: &[&str]) -> Ended {
        self.folder.citadel_with(&self.variables(), arguments)
    }

    /// Runs it again and again until it says something.
    pub(crate) fn until(&self, arguments: &[&str], part: &str) -> Ended {
        let start = Instant::now();
        loop {
            let ended = self.citadel(arguments);
            if ended.stdout.contains(part) {
                return ended;
            }
            assert!(
                start.elapsed() < PATIENCE,
                "{arguments:?} doesn't say {part}:\n{}\n{}",
                ended.stdout,
                ended.stderr
            );
        }
    }

    /// Runs Temporal's own client, which must succeed, and gives what it printed.
    pub(crate) fn temporal(&self, arguments: &[&str]) -> String {
        let ended = self.temporal_client(arguments).ends_with(0);
        ended.stdout
    }

    /// Runs Temporal's own client.
    pub(crate) fn temporal_client(&self, arguments: &[&str]) -> Ended {
        ended(Command::new(temporal_server::program()).args(arguments).args(["--address", &self.address]))
    }

    /// Runs a script of `tests/python` for this server and queue.
    pub(crate) fn python(&self, script: &str) -> Ended {
        let python = temporal_server::program().with_file_name("python3");
        let script = tree::path("tests/python").join(script);
        ended(Command::new(python).arg(script).args([&self.address, &self.queue]))
    }

    /// Has Temporal's own client start a workflow.
    pub(crate) fn start_elsewhere(&self, workflow: &str, id: &str, input: &str) {
        let queue = &self.queue;
        self.temporal(&[
            "workflow",
            "start",
            "--type",
            workflow,
            "--workflow-id",
            id,
            "--task-queue",
            queue,
            "--input",
            input,
        ]);
    }

    /// The history of a run, as Temporal's own client shows it.
    pub(crate) fn history(&self, id: &str) -> Vec<Json> {
        let text = self.temporal(&["workflow", "show", "--workflow-id", id, "--output", "json"]);
        let mut history: Json = serde_json::from_str(&text).expect("JSON");
        match history["events"].take() {
            Json::Array(events) => events,
            other => panic!("a history has events: {other}"),
        }
    }

    /// How many events of a type the history of a run has.
    pub(crate) fn count(&self, id: &str, event: &str) -> usize {
        let event = format!("EVENT_TYPE_{event}");
        self.history(id).iter().filter(|it| it["eventType"] == event.as_str()).count()
    }
}

fn ended(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A chain of requests: `a` at once, `b` held, `c` at once. The paths are the scene's own.
pub(crate) fn chain(ledger: &Ledger, scene: &str, effect: &str) -> String {
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

/// What it gives.
pub(crate) const DONE: &str = "{\n  \"status\": 200\n}\n";
/// The file that most workers serve.
pub(crate) const FILE: &[&str] = &["w.citadel"];

/// The parts of a scene's chain.
pub(crate) struct Chain<'l> {
    pub(crate) ledger: &'l Ledger,
    pub(crate) a: String,
    pub(crate) b: String,
    pub(crate) c: String,
}

impl<'l> Chain<'l> {
    pub(crate) fn of(ledger: &'l Ledger, scene: &str) -> Self {
        let path = |end: &str| format!("/{scene}/{end}");
        Self { ledger, a: path("a"), b: format!("/hold/{scene}/b"), c: path("c") }
    }

    /// Waits until the held request was made so often.
    pub(crate) fn await_held(&self, count: usize) {
        self.ledger.await_requests(&self.b, count);
    }

    pub(crate) fn release(&self) {
        self.ledger.release(&self.b);
    }

    /// How often each request was made.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let count = |path: &str| self.ledger.of(path).len();
        (count(&self.a), count(&self.b), count(&self.c))
    }

    /// All requests of the held one have one key.
    pub(crate) fn has_one_key(&self) -> bool {
        let held: Vec<Request> = self.ledger.of(&self.b);
        held[0].key.is_some() && held.iter().all(|request| request.key == held[0].key)
    }
}
