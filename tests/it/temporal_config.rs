//! What is configured about a real Temporal server holds: where runs go, how connections are secured, how long a run may take.

use crate::beside::Beside;
use crate::command::Folder;
use crate::temporal_server::{Server, free_port};

const FILE: &str = r#"workflow moved {
  input { name: string }
  output { text: greet.value }
  node greet: data_transformer { value: "hello ${input.name}" }
}
workflow stayed {
  output { text: "here" }
}
"#;

fn toml(server: &Server) -> String {
    format!(
        "[temporal]\naddress = \"{}\"\ntask_queue = \"configured\"\n[workflows.moved]\nengine = \"temporal\"\n",
        server.address()
    )
}

/// A folder whose `citadel.toml` says all, and a worker that is told nothing else.
fn configured(name: &str, server: &Server) -> (Folder, Beside) {
    let folder = Folder::new(name).with("w.citadel", FILE).with("citadel.toml", toml(server));
    let worker = Beside::start(&folder, &["worker", "w.citadel"]);
    (folder, worker)
}

#[test]
fn what_is_configured_holds() {
    let server = Server::own("config");
    a_workflow_runs_where_the_file_says(&server);
    a_time_limit_ends_a_run_that_no_file_declares(&server);
    a_server_that_can_not_be_talked_to_is_told_with_a_reason(&server);
}

fn a_workflow_runs_where_the_file_says(server: &Server) {
    let (folder, worker) = configured("temporal-config", server);
    let run = |arguments: &[&str]| {
        let all = [&["run", "w.citadel", "--workflow"], arguments].concat();
        folder.citadel(&all)
    };
    let journal = folder.path().join(".citadel/journal.db");
    let moved = run(&["moved", "--input", "{\"name\": \"you\"}", "--id", "m"]).ends_with(0);
    assert!(!journal.exists(), "it ran on the embedded engine");
    let list = folder.citadel(&["list"]).ends_with(0).stdout;
    assert!(list.starts_with("m  moved  completed"), "{list}");
    folder.citadel(&["show", "m"]).ends_with(0);

    let embedded = run(&["moved", "--input", "{\"name\": \"you\"}", "--engine", "embedded"]).ends_with(0);
    assert_eq!(moved.stdout, embedded.stdout);
    assert!(journal.exists());
    run(&["stayed", "--id", "s"]).ends_with(0);
    assert!(!folder.citadel(&["list"]).ends_with(0).stdout.contains("stayed"));
    run(&["stayed", "--id", "t", "--engine", "temporal"]).ends_with(0);
    assert!(folder.citadel(&["list"]).ends_with(0).stdout.contains("stayed"));

    for slip in [&["moved", "--id", "m", "--input", "{\"name\": \"you\"}"][..], &["moved", "--input", "{}"]] {
        run(slip).ends_with(2);
    }
    worker.signal("TERM");
    worker.end().ends_with(0);
}

fn a_time_limit_ends_a_run_that_no_file_declares(server: &Server) {
    let folder = Folder::new("temporal-limit").with("citadel.toml", toml(server));
    let variables = [("CITADEL_TEMPORAL_WORKFLOW_TIMEOUT", "1s")];
    // Nobody serves it, so that it ends by nothing else.
    folder.citadel_with(&variables, &["start", "foreign", "--id", "f"]).ends_with(0);
    let ended = folder.citadel(&["result", "f"]);
    assert_ne!(ended.code, 0);
    let list = folder.citadel(&["list", "--filter", "ExecutionStatus = \"TimedOut\""]).ends_with(0).stdout;
    assert!(list.starts_with("f  foreign"), "{list}");
}

fn a_server_that_can_not_be_talked_to_is_told_with_a_reason(server: &Server) {
    let folder = Folder::new("temporal-reasons").with("no.pem", "nothing");
    let plain = server.address();
    let nobody = format!("127.0.0.1:{}", free_port());
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let silent = other.local_addr().expect("an address").to_string();
    let slips: [(&[&str], i32, &str); 5] = [
        (&["--address", &plain, "--tls"], 3, "it doesn't secure its connections, and TLS is on here"),
        (&["--address", &plain, "--namespace", "none"], 3, "the server has no namespace `none`"),
        (&["--address", &nobody], 3, "can't be reached: connection refused"),
        (&["--address", &silent], 3, "can't be reached: it doesn't answer"),
        (
            &["--address", &plain, "--tls-ca-file", "no.pem"],
            2,
            "no.pem: there is no certificate or key in PEM in it",
        ),
    ];
    for (flags, code, expected) in slips {
        let ended = folder.citadel(&[&["start", "w"], flags].concat()).ends_with(code);
        assert!(ended.stderr.contains(expected), "{flags:?}: {}", ended.stderr);
    }
}
