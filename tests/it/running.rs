//! The commands that run workflows, and what they promise whatever happens to their process.

use std::fs;
use std::path::Path;

use crate::beside::Beside;
use crate::command::Folder;
use crate::ledger::Ledger;

const PRIVATE: &str = "--allow-private-network";

/// A chain of requests: `a` at once, `b` held, `c` at once.
fn chain(ledger: &Ledger, effect: &str) -> String {
    let url = ledger.url();
    format!(
        "workflow chain {{
           node a: http_request {{ method: POST, url: \"{url}/a\", effect: {effect} }}
           node b: http_request {{ method: POST, url: \"{url}/hold/b\", effect: {effect} }}
           node c: http_request {{ method: POST, url: \"{url}/c\", effect: {effect} }}
           a -> b -> c
           output {{ status: c.status }}
         }}"
    )
}

fn keys(ledger: &Ledger, path: &str) -> Vec<Option<String>> {
    ledger.of(path).into_iter().map(|request| request.key).collect()
}

#[test]
fn a_run_prints_its_output_as_json_and_nothing_else() {
    let ledger = Ledger::open();
    ledger.release("/hold/b");
    let folder = Folder::new("running-output").with("w.citadel", chain(&ledger, "idempotent"));
    let ended = folder.citadel(&["run", "w.citadel", PRIVATE]).ends_with(0);
    assert_eq!(ended.stdout, "{\n  \"status\": 200\n}\n");
    assert_eq!(ended.stderr, "");
}

#[test]
fn what_has_finished_never_runs_again_after_a_kill() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-kill").with("w.citadel", chain(&ledger, "idempotent"));
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    ledger.await_requests("/hold/b", 1);
    run.kill();
    ledger.release("/hold/b");
    folder.citadel(&["resume", "r", PRIVATE]).ends_with(0);
    assert_eq!(ledger.of("/a").len(), 1);
    assert_eq!(ledger.of("/c").len(), 1);
    let keys = keys(&ledger, "/hold/b");
    assert_eq!(keys.len(), 2, "it was cut short and ran again");
    assert_eq!(keys[0], keys[1], "with the same key");
    assert!(keys[0].is_some());
    // A run that is over prints its output again and does nothing.
    assert_eq!(folder.citadel(&["resume", "r"]).ends_with(0).stdout, "{\n  \"status\": 200\n}\n");
    assert_eq!(ledger.requests().len(), 4);
}

#[test]
fn what_must_not_be_repeated_is_not() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-once").with("w.citadel", chain(&ledger, "once"));
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    ledger.await_requests("/hold/b", 1);
    run.kill();
    ledger.release("/hold/b");
    let ended = folder.citadel(&["resume", "r", PRIVATE]).ends_with(1);
    assert!(ended.stderr.contains("error[Indeterminate]"), "{}", ended.stderr);
    assert!(ended.stderr.contains("nobody knows whether `b` took effect"), "{}", ended.stderr);
    assert_eq!(ledger.of("/hold/b").len(), 1);
    assert_eq!(ledger.of("/c").len(), 0);
}

#[test]
fn a_storm_of_kills_loses_nothing_and_repeats_nothing_that_was_done() {
    const STEPS: usize = 12;
    let ledger = Ledger::open();
    let url = ledger.url();
    let node = |n: usize| {
        format!("node n{n}: http_request {{ method: POST, url: \"{url}/n{n}\", effect: idempotent }}\n")
    };
    let nodes: String = (0..STEPS).map(node).collect();
    let names: Vec<String> = (0..STEPS).map(|n| format!("n{n}")).collect();
    let text = format!("workflow w {{\n{nodes}\n{}\n}}", names.join(" -> "));
    let folder = Folder::new("running-storm").with("w.citadel", text);
    Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]).kill();
    let begun = folder.citadel(&["runs", "--json"]).stdout;
    if begun.is_empty() {
        kill_after(Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]), &ledger, "/n0");
    }
    // Each process is killed as soon as one more request is seen.
    for step in 1..STEPS {
        let resumed = Beside::start(&folder, &["resume", "r", PRIVATE]);
        kill_after(resumed, &ledger, &format!("/n{step}"));
    }
    folder.citadel(&["resume", "r", PRIVATE]).ends_with(0);
    let requests = ledger.requests();
    for step in 0..STEPS {
        let own = keys(&ledger, &format!("/n{step}"));
        assert!(!own.is_empty() && own.iter().all(|key| *key == own[0]), "n{step}: {own:?}");
        let last = requests.iter().rposition(|request| request.path == format!("/n{step}"));
        let next = requests.iter().position(|request| request.path == format!("/n{}", step + 1));
        assert!(next.is_none() || last < next, "n{step} ran again after n{} had begun", step + 1);
    }
}

fn kill_after(process: Beside, ledger: &Ledger, path: &str) {
    ledger.await_requests(path, 1);
    process.kill();
}

#[test]
fn a_process_that_is_asked_to_end_says_how_to_go_on() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-term").with("w.citadel", chain(&ledger, "idempotent"));
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    ledger.await_requests("/hold/b", 1);
    run.signal("TERM");
    ledger.release("/hold/b");
    let ended = run.end().ends_with(6);
    assert!(ended.stderr.contains("citadel resume r"), "{}", ended.stderr);
    folder.citadel(&["resume", "r", PRIVATE]).ends_with(0);
    let paths: Vec<String> = ledger.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/a", "/hold/b", "/c"], "nothing ran twice");
}

#[test]
fn a_process_that_was_stopped_and_wakes_up_late_is_refused() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-stop").with("w.citadel", chain(&ledger, "idempotent"));
    let late = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    ledger.await_requests("/hold/b", 1);
    late.signal("STOP");
    let refused = folder.citadel(&["resume", "r", PRIVATE]).ends_with(3);
    assert!(refused.stderr.contains("is driven by process"), "{}", refused.stderr);
    let taking = Beside::start(&folder, &["resume", "r", "--take-over", PRIVATE]);
    ledger.await_requests("/hold/b", 2);
    ledger.release("/hold/b");
    taking.end().ends_with(0);
    late.signal("CONT");
    let late = late.end().ends_with(3);
    assert!(late.stderr.contains("was taken over by another process"), "{}", late.stderr);
    assert_eq!(ledger.of("/c").len(), 1);
    assert_eq!(folder.citadel(&["journal", "check"]).ends_with(0).stdout, "");
}

#[test]
fn several_processes_share_a_journal() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-several").with("w.citadel", chain(&ledger, "idempotent"));
    let ids = ["r1", "r2", "r3"];
    let runs: Vec<Beside> =
        ids.iter().map(|id| Beside::start(&folder, &["run", "w.citadel", "--id", id, PRIVATE])).collect();
    ledger.await_requests("/hold/b", ids.len());
    ledger.release("/hold/b");
    runs.into_iter().for_each(|run| drop(run.end().ends_with(0)));
    let listed = folder.citadel(&["runs", "--json"]).ends_with(0).stdout;
    assert_eq!(listed.lines().filter(|line| line.contains("\"status\":\"completed\"")).count(), ids.len());
}

const WAITING: &str = "
workflow reminder {
  node answer: wait_signal { signal: answered, payload: { text: string }, timeout: 30d }
  node done: data_transformer { value: answer.payload.text }
  answer -> done
  output { text: done.value }
}";

#[test]
fn a_signal_from_another_process_ends_a_wait() {
    let folder = Folder::new("running-signal").with("w.citadel", WAITING);
    let idle = Beside::start(&folder, &["run", "w.citadel", "--id", "r"]);
    let misfit = r#"{"text": 1}"#;
    let tell = |payload: &str| folder.citadel(&["signal", "r", "answered", payload]);
    await_run(&folder, "r");
    assert!(tell(misfit).ends_with(1).stderr.contains("text"));
    assert!(folder.citadel(&["signal", "r", "asked"]).ends_with(1).stderr.contains("waits for no signal"));
    tell(r#"{"text": "yes"}"#).ends_with(0);
    assert_eq!(idle.end().ends_with(0).stdout, "{\n  \"text\": \"yes\"\n}\n");
    assert!(tell(r#"{"text": "late"}"#).ends_with(1).stderr.contains("is over"));
}

#[test]
fn a_signal_for_a_run_that_nobody_drives_is_stored() {
    let folder = Folder::new("running-stored").with("w.citadel", WAITING);
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r"]);
    await_run(&folder, "r");
    run.kill();
    let told = folder.citadel(&["signal", "r", "answered", r#"{"text": "yes"}"#]).ends_with(0);
    assert!(told.stderr.contains("stored until"), "{}", told.stderr);
    assert_eq!(folder.citadel(&["resume", "r"]).ends_with(0).stdout, "{\n  \"text\": \"yes\"\n}\n");
}

/// Waits until a run is in the journal and waits there.
fn await_run(folder: &Folder, id: &str) {
    for _ in 0..600 {
        let shown = folder.citadel(&["show", id]);
        if shown.code == 0 && shown.stdout.contains("answer  running") {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the run `{id}` never began");
}

#[test]
fn a_cancelled_run_undoes_what_it_did() {
    let ledger = Ledger::open();
    let url = ledger.url();
    let text = format!(
        "workflow w {{
           node pay: http_request {{ method: POST, url: \"{url}/pay\", effect: idempotent, compensate: refund }}
           node refund: http_request {{ method: POST, url: \"{url}/refund\", effect: idempotent }}
           node answer: wait_signal {{ signal: answered, timeout: 30d }}
           pay -> answer
         }}"
    );
    let folder = Folder::new("running-cancel").with("w.citadel", text);
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    await_run(&folder, "r");
    folder.citadel(&["cancel", "r"]).ends_with(0);
    run.end().ends_with(5);
    assert_eq!(ledger.of("/refund").len(), 1);
    assert!(folder.citadel(&["cancel", "r"]).ends_with(1).stderr.contains("is over"));
    // Without an owner, `cancel` drives the run to its end itself.
    let again = Beside::start(&folder, &["run", "w.citadel", "--id", "s", PRIVATE]);
    await_run(&folder, "s");
    again.kill();
    folder.citadel(&["cancel", "s", PRIVATE]).ends_with(0);
    assert_eq!(ledger.of("/refund").len(), 2);
}

#[test]
fn no_secret_is_in_any_file_or_message() {
    const CANARY: &str = "c4n4ry-in-the/mine+42";
    let ledger = Ledger::open();
    let url = ledger.url();
    let text = format!(
        "secret key = env(\"CANARY\")
         workflow w {{
           node a: http_request {{ method: POST, url: \"{url}/echo/a\", auth: bearer(key), json: {{ \"k\": \"<${{key}}>\" }}, effect: idempotent }}
           node b: http_request {{ method: POST, url: \"{url}/status/400/b\", auth: basic(\"me\", key), body: \"${{key}}\", effect: idempotent }}
           a -> b
         }}"
    );
    let folder = Folder::new("running-secret").with("w.citadel", text);
    let missing = folder.citadel(&["run", "w.citadel", PRIVATE]).ends_with(3);
    assert!(missing.stderr.contains("`key` (the environment variable CANARY)"), "{}", missing.stderr);
    assert!(ledger.requests().is_empty(), "it is missed before the run starts");
    let ended =
        folder.citadel_with(&[("CANARY", CANARY)], &["run", "w.citadel", "--id", "r", PRIVATE]).ends_with(1);
    let sent = ledger.of("/echo/a");
    assert_eq!(
        sent[0].authorization.as_deref(),
        Some(format!("Bearer {CANARY}").as_str()),
        "it was really sent"
    );
    assert!(sent[0].body.contains(CANARY));
    let shown = folder.citadel(&["show", "r"]).ends_with(1 - 1);
    let mut texts = vec![ended.stdout, ended.stderr, shown.stdout];
    read_all(folder.path(), &mut texts);
    assert!(texts.len() > 4, "the journal's files are there");
    let encoded = ["c4n4ry", "Y0bjRye", "YzRuNHJ5", "M0bjRyeS"];
    for text in &texts {
        assert!(!encoded.iter().any(|form| text.contains(form)), "{text}");
    }
    assert!(texts.iter().any(|text| text.contains("[secret key]")), "the answer held it");
}

fn read_all(folder: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, texts);
        } else {
            texts.push(String::from_utf8_lossy(&fs::read(&path).expect("a file")).into_owned());
        }
    }
}

#[test]
fn a_run_keeps_the_plan_that_it_started_with() {
    let ledger = Ledger::open();
    let folder = Folder::new("running-plan").with("w.citadel", chain(&ledger, "idempotent"));
    let run = Beside::start(&folder, &["run", "w.citadel", "--id", "r", PRIVATE]);
    ledger.await_requests("/hold/b", 1);
    run.kill();
    let folder = folder.with("w.citadel", "this is no workflow any more");
    ledger.release("/hold/b");
    assert_eq!(folder.citadel(&["resume", "r", PRIVATE]).ends_with(0).stdout, "{\n  \"status\": 200\n}\n");
}

#[test]
fn failures_are_drawn_in_the_source() {
    let ledger = Ledger::open();
    let url = ledger.url();
    let text = format!(
        "workflow w {{\n  node bad: http_request {{ url: \"{url}/status/404/x\" }}\n  node more: data_transformer {{ value: bad.status }}\n  bad -> more\n}}"
    );
    let folder = Folder::new("running-drawn").with("w.citadel", text);
    let ended = folder.citadel(&["run", "w.citadel", "--id", "r", PRIVATE]).ends_with(1);
    for part in ["error[HttpClientError]", "answered 404", "[w.citadel:2:8]", "node bad: http_request"] {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
    let shown = folder.citadel(&["show", "r"]).ends_with(0);
    assert!(shown.stdout.contains("error[HttpClientError]"), "{}", shown.stdout);
    assert!(shown.stdout.contains("bad  failed"), "{}", shown.stdout);
}

#[test]
fn bad_input_is_told_at_once_with_all_its_mistakes() {
    let text = "workflow w { input { n: int, who: string } node d: data_transformer { value: input.n } }";
    let folder =
        Folder::new("running-input").with("w.citadel", text).with("in.json", "{\"n\": 1, \"who\": \"x\"}");
    let refused = |arguments: &[&str], code: i32, part: &str| {
        let ended = folder.citadel(arguments).ends_with(code);
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    };
    refused(&["run", "w.citadel", "--input", "{\"n\": \"x\", \"more\": 1}"], 2, "who");
    refused(&["run", "w.citadel", "--input", "{\"n\": \"x\", \"more\": 1}"], 2, "more");
    refused(&["run", "w.citadel", "--input", "{"], 2, "is not JSON");
    refused(&["run", "w.citadel", "--input", "@none.json"], 3, "no such file");
    refused(&["run", "w.citadel", "--workflow", "v"], 2, "no workflow `v`");
    refused(&["run", "none.citadel"], 3, "no such file");
    refused(&["run", "."], 2, "is a folder");
    refused(&["resume", "none"], 3, "no journal");
    refused(&["runs"], 3, "no journal");
    folder.citadel(&["run", "w.citadel", "--input", "@in.json", "--id", "r"]).ends_with(0);
    refused(&["resume", "none"], 2, "no run `none`");
    refused(&["show", "none"], 2, "no run `none`");
    refused(&["run", "w.citadel", "--input", "@in.json", "--id", "r"], 2, "exists already");
}

#[test]
fn serving_goes_on_with_open_runs_and_forgets_old_ones() {
    let ledger = Ledger::open();
    ledger.release("/hold/b");
    let folder = Folder::new("running-serve")
        .with("citadel.toml", "[journal]\nretention = \"0s\"\n")
        .with("w.citadel", chain(&ledger, "idempotent"))
        .with("old.citadel", "workflow old { node d: data_transformer { value: 1 } }");
    folder.citadel(&["run", "old.citadel", "--id", "old"]).ends_with(0);
    let crash = [("CITADEL_CRASH", "after_intent:2")];
    folder.citadel_with(&crash, &["run", "w.citadel", "--id", "r", PRIVATE]);
    let serving = Beside::start(&folder, &["serve", PRIVATE]);
    ledger.await_requests("/c", 1);
    serving.signal("TERM");
    serving.end().ends_with(0);
    assert!(!folder.citadel(&["runs"]).ends_with(0).stdout.contains("old"), "it was forgotten");
    assert_eq!(folder.citadel(&["resume", "r", PRIVATE]).ends_with(0).stdout, "{\n  \"status\": 200\n}\n");
    assert_eq!(ledger.of("/a").len(), 1);
}

/// What a run of [`saga`] does, in the order in which it may.
fn saga(ledger: &Ledger) -> String {
    let url = ledger.url();
    format!(
        "retry quick {{ initial_interval: 1ms, maximum_attempts: 2 }}
         workflow saga {{
           retry: quick
           node pay: http_request {{ method: POST, url: \"{url}/pay\", effect: idempotent, compensate: refund }}
           node refund: http_request {{ method: POST, url: \"{url}/refund\", effect: idempotent }}
           node each: loop {{
             times: 3
             parallelism: 2
             body {{ node mail: http_request {{ method: POST, url: \"{url}/mail/${{item}}\", effect: idempotent }} }}
           }}
           node pause: delay {{ for: 20ms }}
           node inner: workflow {{ call: child }}
           node ship: http_request {{ method: POST, url: \"{url}/status/503/ship\", effect: idempotent }}
           node alarm: http_request {{ method: POST, url: \"{url}/alarm\", effect: idempotent }}
           on_failure: alarm
           pay -> each -> pause -> inner -> ship
         }}
         workflow child {{ node tell: http_request {{ method: POST, url: \"{url}/tell\", effect: idempotent }} }}"
    )
}

#[test]
fn a_crash_at_any_point_changes_nothing_about_what_happens() {
    let points = [
        "before_create",
        "after_create",
        "before_commit",
        "after_commit",
        "before_intent",
        "after_intent",
        "after_effect",
    ];
    for point in points {
        for time in [1, 2, 3, 5, 8] {
            crash_at(point, time);
        }
    }
}

fn crash_at(point: &str, time: u32) {
    let ledger = Ledger::open();
    let folder = Folder::new(&format!("running-crash-{point}-{time}")).with("w.citadel", saga(&ledger));
    let crash = format!("{point}:{time}");
    let run = ["run", "w.citadel", "--workflow", "saga", "--id", "r", PRIVATE];
    let first = folder.citadel_with(&[("CITADEL_CRASH", &crash)], &run);
    let is_accepted = folder.citadel(&["runs", "--json"]).stdout.contains("\"id\":\"r\"");
    if first.code != 1 {
        let again: &[&str] = if is_accepted { &["resume", "r", PRIVATE] } else { &run };
        folder.citadel(again).ends_with(1);
    }
    let paths = ["/pay", "/mail/0", "/mail/1", "/mail/2", "/tell", "/status/503/ship", "/refund", "/alarm"];
    let firsts: Vec<usize> = paths
        .iter()
        .map(|path| {
            let own = keys(&ledger, path);
            assert!(!own.is_empty(), "{crash}: {path} never happened");
            assert!(own.iter().all(|key| *key == own[0]), "{crash}: {path} has several keys: {own:?}");
            let most = if path.contains("ship") { 3 } else { 2 };
            assert!(own.len() <= most, "{crash}: {path} happened {} times", own.len());
            ledger.requests().iter().position(|request| request.path == *path).expect("it happened")
        })
        .collect();
    let (mails, rest) = (&firsts[1..4], [&firsts[..1], &firsts[4..]].concat());
    assert!(
        rest.is_sorted() && mails.iter().all(|mail| *mail > firsts[0] && *mail < firsts[4]),
        "{crash}: {firsts:?}"
    );
    let trace = folder.citadel(&["show", "r", "--trace"]).ends_with(0).stdout;
    let calm = TRACE.get_or_init(|| trace.clone());
    assert_eq!(&trace, calm, "{crash}: another trace");
}

/// The trace of the first run; all others must be the same.
static TRACE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
