//! The clients of runs on a Temporal server: the commands, Temporal's own client, and a client in another language.

use std::thread;

use serde_json::Value as Json;

use crate::command::{Ended, Folder};
use crate::ledger::Ledger;
use crate::temporal_server::Server;
use crate::temporal_town::Town;

/// Workflows of all endings.
fn workflows(ledger: &Ledger) -> String {
    let url = ledger.url();
    format!(
        "workflow greet {{
           input {{ name: string = \"world\", times: int = 1 }}
           node text: data_transformer {{ value: \"Hello, ${{input.name}}!\" }}
           node sent: http_request {{ method: POST, url: \"{url}/greeted\", body: text.value, effect: idempotent }}
           text -> sent
           output {{ text: text.value, times: input.times, status: sent.status }}
         }}
         workflow broken {{
           node bad: http_request {{ url: \"{url}/status/404/x\" }}
           node more: data_transformer {{ value: bad.status }}
           bad -> more
         }}
         workflow partly {{
           on_error: continue
           node bad: http_request {{ url: \"{url}/status/404/y\" }}
           node good: http_request {{ url: \"{url}/good\" }}
           output {{ status: good.?status }}
         }}
         workflow holiday {{
           node book: http_request {{ method: POST, url: \"{url}/book\", effect: idempotent, compensate: unbook }}
           node unbook: http_request {{ method: POST, url: \"{url}/unbook\", effect: idempotent }}
           node answer: wait_signal {{ signal: answered, timeout: 30d }}
           book -> answer
         }}
         workflow reminder {{
           node answer: wait_signal {{ signal: answered, payload: {{ text: string }}, timeout: 30d }}
           output {{ text: answer.payload.text }}
         }}
         workflow only {{
           input {{ n: int }}
           id: \"only-${{input.n}}\"
           output {{ n: input.n }}
         }}
         workflow shared {{
           input {{ n: int }}
           id: \"shared-${{input.n}}\"
           on_duplicate: return_existing
           node answer: wait_signal {{ signal: answered, timeout: 30d }}
           output {{ n: input.n }}
         }}"
    )
}

#[test]
fn clients_start_ask_and_tell_runs() {
    let ledger = Ledger::open();
    let server = Server::own("clients");
    let town = Town::new(&server.address(), "clients").with("w.citadel", workflows(&ledger));
    let worker = town.worker(&["w.citadel"]);
    let scenes: [fn(&Town, &Ledger); 9] = [
        an_ending_is_told_as_run_tells_it,
        input_is_checked_before_anything_starts,
        a_cancelled_run_undoes_what_it_did,
        a_terminated_run_undoes_nothing,
        a_signal_ends_a_wait_or_is_refused,
        an_id_is_taken_once,
        a_workflow_is_started_by_its_name_alone,
        a_foreign_client_starts_asks_and_tells,
        a_client_in_another_language_does_too,
    ];
    thread::scope(|scope| {
        for scene in scenes {
            let (town, ledger) = (&town, &ledger);
            scope.spawn(move || scene(town, ledger));
        }
    });
    runs_are_listed(&town);
    worker.signal("TERM");
    worker.end().ends_with(0);
}

/// What does not depend on where a run was made: its id, and when it began.
fn timeless(ended: Ended) -> Ended {
    Ended { stderr: ended.stderr.replace("embedded-", ""), ..ended }
}

fn an_ending_is_told_as_run_tells_it(town: &Town, _: &Ledger) {
    for (workflow, code) in [("greet", 0), ("broken", 1), ("partly", 4)] {
        let embedded = town.folder.citadel(&[
            "run",
            "w.citadel",
            "--workflow",
            workflow,
            "--id",
            &format!("embedded-{workflow}"),
            "--journal",
            &format!("journal-{workflow}"),
            "--allow-private-network",
        ]);
        let embedded = timeless(embedded.ends_with(code));
        let started = town.citadel(&["start", workflow, "--id", workflow, "--wait"]).ends_with(code);
        assert_eq!(started.stdout, embedded.stdout, "{workflow}");
        assert_eq!(started.stderr, embedded.stderr, "{workflow}");
        let result = town.citadel(&["result", workflow]).ends_with(code);
        assert_eq!((result.stdout, result.stderr), (embedded.stdout, embedded.stderr), "{workflow}");
        let journal = format!("journal-{workflow}");
        let there = town
            .folder
            .citadel(&["show", &format!("embedded-{workflow}"), "--trace", "--journal", &journal])
            .ends_with(0);
        let here = town.citadel(&["show", workflow, "--trace"]).ends_with(0);
        assert_eq!(here.stdout, there.stdout, "{workflow}");
        assert_eq!(here.stderr, "");
    }
    let shown = town.citadel(&["show", "broken"]).ends_with(0);
    for part in ["broken  broken  failed", "bad  failed", "error[HttpClientError]", "[w.citadel:9:17]"] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    let status = town.citadel(&["status", "partly"]).ends_with(0);
    assert_eq!(status.stdout, "partly  partly  completed_with_failures\n");
    let none = town.citadel(&["status", "none"]).ends_with(2);
    assert_eq!(none.stderr, "error: there is no run `none` on this server\n");
}

fn input_is_checked_before_anything_starts(town: &Town, _: &Ledger) {
    let misfit = town
        .citadel(&["start", "greet", "--id", "misfit", "--input", r#"{"name": 1, "more": 2}"#])
        .ends_with(2);
    for part in ["error: the input doesn't fit", "name", "more"] {
        assert!(misfit.stderr.contains(part), "{part}: {}", misfit.stderr);
    }
    let no_json = town.citadel(&["start", "greet", "--id", "misfit", "--input", "{"]).ends_with(2);
    assert!(no_json.stderr.contains("the input is not JSON"), "{}", no_json.stderr);
    town.citadel(&["status", "misfit"]).ends_with(2);
}

fn a_cancelled_run_undoes_what_it_did(town: &Town, ledger: &Ledger) {
    let waiting = town.beside(&["start", "holiday", "--id", "cancelled", "--wait"]);
    let status = town.until(&["status", "cancelled"], "answer waits for the signal `answered`");
    assert_eq!(status.stdout, "cancelled  holiday  running\nanswer waits for the signal `answered`\n");
    let before = ledger.of("/unbook").len();
    assert_eq!(before, 0);
    let cancelled = town.citadel(&["cancel", "cancelled"]).ends_with(0);
    assert_eq!((cancelled.stdout.as_str(), cancelled.stderr.as_str()), ("", ""));
    let ended = waiting.end().ends_with(5);
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", "the run `cancelled` was cancelled\n"));
    assert_eq!(ledger.of("/unbook").len(), 1);
    let again = town.citadel(&["cancel", "cancelled"]).ends_with(1);
    assert_eq!(again.stderr, "error: the run `cancelled` is over\n");
    assert_eq!(town.citadel(&["status", "cancelled"]).stdout, "cancelled  holiday  cancelled\n");
}

fn a_terminated_run_undoes_nothing(town: &Town, _: &Ledger) {
    assert_eq!(town.citadel(&["start", "reminder", "--id", "ended"]).ends_with(0).stdout, "ended\n");
    town.until(&["status", "ended"], "answer waits");
    town.citadel(&["terminate", "ended", "--reason", "enough"]).ends_with(0);
    let ended = town.citadel(&["result", "ended"]).ends_with(5);
    assert_eq!(ended.stderr, "the run `ended` was terminated: enough\n");
    assert_eq!(town.citadel(&["status", "ended"]).stdout, "ended  reminder  terminated\n");
    let shown = town.citadel(&["show", "ended"]).ends_with(0).stdout;
    assert!(shown.contains("ended  reminder  terminated"), "{shown}");
    assert!(town.citadel(&["terminate", "ended"]).ends_with(1).stderr.contains("is over"));
}

fn a_signal_ends_a_wait_or_is_refused(town: &Town, _: &Ledger) {
    town.citadel(&["start", "reminder", "--id", "told"]).ends_with(0);
    let waiting = town.beside(&["result", "told"]);
    let tell = |name: &str, payload: &str| town.citadel(&["signal", "told", name, payload]);
    let misfit = tell("answered", r#"{"text": 1}"#).ends_with(1);
    assert!(misfit.stderr.starts_with("error: ") && misfit.stderr.contains("text"), "{}", misfit.stderr);
    let unknown = tell("asked", "null").ends_with(1);
    assert!(unknown.stderr.contains("waits for no signal"), "{}", unknown.stderr);
    let accepted = tell("answered", r#"{"text": "yes"}"#).ends_with(0);
    assert_eq!((accepted.stdout.as_str(), accepted.stderr.as_str()), ("", ""));
    assert_eq!(waiting.end().ends_with(0).stdout, "{\n  \"text\": \"yes\"\n}\n");
    assert_eq!(town.count("told", "WORKFLOW_EXECUTION_SIGNALED"), 1, "what was refused is nowhere");
    assert!(tell("answered", r#"{"text": "late"}"#).ends_with(1).stderr.contains("is over"));
    assert!(town.citadel(&["signal", "none", "answered"]).ends_with(1).stderr.contains("no run `none`"));
}

fn an_id_is_taken_once(town: &Town, _: &Ledger) {
    let one = ["start", "only", "--input", r#"{"n": 1}"#, "--wait"];
    assert_eq!(town.citadel(&one).ends_with(0).stdout, "{\n  \"n\": 1\n}\n");
    let again = town.citadel(&one).ends_with(2);
    assert_eq!(again.stderr, "error: a run `only-1` exists already\n");
    let shared = ["start", "shared", "--input", r#"{"n": 1}"#];
    assert_eq!(town.citadel(&shared).ends_with(0).stdout, "shared-1\n");
    assert_eq!(town.citadel(&shared).ends_with(0).stdout, "shared-1\n", "the one that is there");
    let waiting = town.beside(&[&shared[..], &["--wait"]].concat());
    town.citadel(&["signal", "shared-1", "answered"]).ends_with(0);
    assert_eq!(waiting.end().ends_with(0).stdout, "{\n  \"n\": 1\n}\n");
}

fn a_workflow_is_started_by_its_name_alone(town: &Town, _: &Ledger) {
    let elsewhere = Folder::new("temporal-no-files");
    let citadel = |arguments: &[&str]| elsewhere.citadel(&[arguments, &town.flags()].concat());
    let input = ["--input", r#"{"name": "Ada"}"#, "--id", "by-name", "--wait"];
    let started = citadel(&[&["start", "greet"], &input[..]].concat()).ends_with(0);
    assert!(started.stdout.contains("Hello, Ada!"), "{}", started.stdout);
    let misfit = citadel(&["start", "greet", "--input", r#"{"name": 1}"#, "--wait"]).ends_with(2);
    assert!(misfit.stderr.contains("error[InvalidInput]"), "{}", misfit.stderr);
    let unknown = citadel(&["start", "nothing", "--wait"]).ends_with(1);
    assert!(unknown.stderr.contains("error[UnknownWorkflow]"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("`nothing`"), "{}", unknown.stderr);
    citadel(&["start", "reminder", "--id", "open"]).ends_with(0);
    let twice = citadel(&["start", "reminder", "--id", "open"]).ends_with(2);
    assert_eq!(twice.stderr, "error: a run `open` exists already\n");
    citadel(&["terminate", "open"]).ends_with(0);
}

fn a_foreign_client_starts_asks_and_tells(town: &Town, _: &Ledger) {
    town.start_elsewhere("greet", "foreign", r#"{"name": "Bob"}"#);
    let result = town.temporal(&["workflow", "result", "--workflow-id", "foreign"]);
    assert!(result.contains("Hello, Bob!"), "{result}");
    town.start_elsewhere("greet", "foreign-bad", r#"{"name": 1}"#);
    let refused = town.temporal_client(&["workflow", "result", "--workflow-id", "foreign-bad"]);
    assert_ne!(refused.code, 0);
    let history = town.history("foreign-bad");
    let last = &history[history.len() - 1];
    let failure = &last["workflowExecutionFailedEventAttributes"]["failure"];
    let info = &failure["applicationFailureInfo"];
    assert_eq!((&info["type"], &info["nonRetryable"]), (&"InvalidInput".into(), &true.into()), "{last}");
    assert_eq!(town.count("foreign-bad", "ACTIVITY_TASK_SCHEDULED"), 0);
    town.start_elsewhere("reminder", "foreign-told", "{}");
    let query = town.temporal(&[
        "workflow",
        "query",
        "--workflow-id",
        "foreign-told",
        "--type",
        "status",
        "--output",
        "json",
    ]);
    let answer: Json = serde_json::from_str(&query).expect("JSON");
    assert!(query.contains("\"running\"") && query.contains("\"answered\""), "{answer}");
    let update = |input: &str| {
        town.temporal_client(&[
            "workflow",
            "update",
            "execute",
            "--workflow-id",
            "foreign-told",
            "--name",
            "citadel_signal",
            "--input",
            input,
        ])
    };
    let refused = update(r#"{"name": "answered", "payload": {"text": 1}}"#);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("text"), "{}", refused.stderr);
    update(r#"{"name": "answered", "payload": {"text": "updated"}}"#).ends_with(0);
    let result = town.temporal(&["workflow", "result", "--workflow-id", "foreign-told"]);
    assert!(result.contains("updated"), "{result}");
    town.start_elsewhere("reminder", "foreign-signalled", "{}");
    town.temporal(&[
        "workflow",
        "signal",
        "--workflow-id",
        "foreign-signalled",
        "--name",
        "answered",
        "--input",
        r#"{"text": 1}"#,
    ]);
    let status = town.until(&["status", "foreign-signalled"], "was turned away");
    assert!(status.stdout.contains("answer waits"), "{}", status.stdout);
    town.temporal(&[
        "workflow",
        "signal",
        "--workflow-id",
        "foreign-signalled",
        "--name",
        "answered",
        "--input",
        r#"{"text": "signalled"}"#,
    ]);
    let result = town.temporal(&["workflow", "result", "--workflow-id", "foreign-signalled"]);
    assert!(result.contains("signalled"), "{result}");
}

fn a_client_in_another_language_does_too(town: &Town, _: &Ledger) {
    let Ended { stdout: out, stderr: err, .. } = town.python("client.py").ends_with(0);
    let told: Vec<&str> = out.lines().collect();
    assert_eq!(
        told,
        [
            r#"started {"status": 200, "text": "Hello, Python!", "times": 2}"#,
            "failed InvalidInput, non-retryable",
            r#"status running, answer waits for answered"#,
            "update refused: InvalidSignal",
            r#"told {"text": "by update"}"#,
            r#"told {"text": "by signal"}"#,
            "cancelled",
        ],
        "{err}"
    );
}

fn runs_are_listed(town: &Town) {
    let listed = town.until(&["list", "--filter", "WorkflowId = 'broken'"], "failed").stdout;
    assert!(listed.starts_with("broken  broken  failed"), "{listed}");
    let lines = town.until(&["list", "--json", "--filter", "WorkflowType = 'only'"], "only-1").stdout;
    let run: Json = serde_json::from_str(&lines).expect("one line of JSON");
    assert_eq!((&run["workflow"], &run["status"]), (&"only".into(), &"completed".into()));
    let refused = town.citadel(&["list", "--filter", "nonsense"]).ends_with(3);
    assert!(refused.stderr.starts_with("error: the server refuses: "), "{}", refused.stderr);
    assert_eq!(town.citadel(&["list", "--limit", "1", "--json"]).ends_with(0).stdout.lines().count(), 1);
}

#[test]
fn a_server_that_is_not_there_is_told_in_a_sentence() {
    let folder = Folder::new("temporal-unreachable");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("an address").to_string();
    // Nothing listens there any more.
    drop(nobody);
    let refused = |arguments: &[&str], code: i32, sentence: &str| {
        let ended = folder.citadel(arguments).ends_with(code);
        assert_eq!((ended.stdout.as_str(), ended.stderr.trim_end()), ("", sentence));
    };
    let gone = format!("error: the Temporal server at {address} can't be reached: connection refused");
    refused(&["start", "w", "--address", &address], 3, &gone);
    refused(&["list", "--address", &address], 3, &gone);
    refused(&["show", "w", "--address", &address], 3, &gone);
    // One that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("an address").to_string();
    let mute = format!("error: the Temporal server at {address} can't be reached: it doesn't answer");
    refused(&["list", "--address", &address], 3, &mute);
}

#[test]
fn a_namespace_that_is_not_there_is_told() {
    let server = Server::own("namespace");
    let town = Town::new(&server.address(), "namespace").with("w.citadel", "workflow w { output { n: 1 } }");
    let sentence = "error: the server has no namespace `nowhere`\n";
    for arguments in [&["start", "w"][..], &["list"], &["worker", "w.citadel"]] {
        let ended = town.citadel(&[arguments, &["--namespace", "nowhere"]].concat()).ends_with(3);
        assert_eq!(ended.stderr, sentence, "{arguments:?}");
    }
}

#[test]
fn a_name_that_two_files_declare_is_nobodys() {
    let folder = Folder::new("temporal-ambiguous")
        .with("one.citadel", "workflow w { output { n: 1 } }")
        .with("two.citadel", "workflow w { output { n: 2 } }")
        .with("other/same.citadel", "workflow v { output { n: 1 } }");
    let sentence = "error: several files declare a workflow `w`, and they differ\n";
    for arguments in [&["worker"][..], &["worker", "two.citadel", "one.citadel"], &["start", "w"]] {
        assert_eq!(folder.citadel(arguments).ends_with(2).stderr, sentence, "{arguments:?}");
    }
}
