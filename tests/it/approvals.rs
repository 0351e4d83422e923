//! People who are asked, from the command line, on both engines.

use crate::beside::Beside;
use crate::command::Folder;
use crate::ledger::Ledger;

/// A question that is told of at `/asked`.
fn file(ledger: &Ledger) -> String {
    let url = ledger.url();
    format!(
        "workflow w {{
           node ok: approval {{
             title: \"is it fine?\"
             approvers: [\"ann\", \"bob\"]
             notify {{ channel: webhook, url: \"{url}/asked\", json: {{ \"answer\": link }} }}
           }}
           node go: http_request {{ method: PUT, url: \"{url}/go/${{ok.by}}\" }}
           ok.approved -> go
           output {{ decision: ok.decision, comment: ok.comment }}
         }}"
    )
}

const RUN: [&str; 5] = ["run", "w.citadel", "--id", "r", "--allow-private-network"];
const OUTPUT: &str = "{\n  \"comment\": \"well done\",\n  \"decision\": \"approved\"\n}\n";

/// Waits until a run has asked, as other processes see it.
fn asked(folder: &Folder, ledger: &Ledger) {
    ledger.await_requests("/asked", 1);
    loop {
        if folder.citadel(&["show", "r"]).stdout.contains("ok asks: is it fine? (ann, bob may answer)") {
            return;
        }
    }
}

#[test]
fn an_answer_from_another_process_counts_if_the_person_was_asked() {
    let ledger = Ledger::open();
    let folder = Folder::new("approve").with("w.citadel", file(&ledger));
    let run = Beside::start(&folder, &RUN);
    asked(&folder, &ledger);
    let told = ledger.of("/asked").remove(0).body;
    assert_eq!(told, "{\"answer\":\"citadel approve r ok\"}");
    let shown = folder.citadel(&["show", "r"]).ends_with(0).stdout;
    assert!(shown.contains("  answer with: citadel approve r ok\n"), "{shown}");
    let refusals = [
        (vec!["approve", "r", "ok", "--by", "eve"], "`eve` may not answer `ok`: ann, bob may"),
        (vec!["approve", "r", "ok", "--by", " "], "`by` must say who answers `ok`"),
        (vec!["approve", "r", "nobody", "--by", "ann"], "`w` has no approval `nobody`"),
        (
            vec!["signal", "r", "approve.ok", "{\"decision\": \"maybe\", \"by\": \"ann\"}"],
            "`decision` must be \"approved\" or \"rejected\"",
        ),
    ];
    for (arguments, reason) in refusals {
        let refused = folder.citadel(&arguments).ends_with(1).stderr;
        assert!(refused.contains(reason), "{arguments:?}: {refused}");
    }
    folder.citadel(&["approve", "r", "--by", "Ann", "--comment", "well done"]).ends_with(0);
    assert_eq!(run.end().ends_with(0).stdout, OUTPUT);
    assert_eq!(ledger.of("/go/Ann").len(), 1);
    let late = folder.citadel(&["approve", "r", "ok", "--by", "bob"]).ends_with(1);
    assert_eq!(late.stderr, "error: the run `r` is over\n");
}

/// The question, and who is asked, outlive the process; nobody is told twice.
#[test]
fn a_question_outlives_its_process() {
    let ledger = Ledger::open();
    let folder = Folder::new("approve-killed").with("w.citadel", file(&ledger));
    let run = Beside::start(&folder, &RUN);
    asked(&folder, &ledger);
    // Its message is done when nothing runs but the question.
    while !folder.citadel(&["show", "r"]).stdout.contains("notify:ok[0]  completed") {}
    run.kill();
    let stored = folder.citadel(&["approve", "r", "--by", "bob", "--comment", "well done"]).ends_with(0);
    assert_eq!(stored.stderr, "the answer is stored until `citadel resume r`\n");
    let resumed = folder.citadel(&["resume", "r", "--allow-private-network"]).ends_with(0);
    assert_eq!(resumed.stdout, OUTPUT);
    assert_eq!((ledger.of("/asked").len(), ledger.of("/go/bob").len()), (1, 1));
}

/// Who answers, or sends a signal, isn't who runs the workflow, and has none of its secrets.
#[test]
fn an_answer_and_a_signal_need_no_secret() {
    let ledger = Ledger::open();
    let secret = format!(
        "secret key = env(\"KEY\")
         workflow w {{
           node ok: approval {{ title: \"is it fine?\" }}
           node packed: wait_signal {{ signal: packed }}
           node go: http_request {{ method: PUT, url: \"{}/go/${{ok.by}}\", auth: bearer(key) }}
           ok.approved -> packed -> go
         }}",
        ledger.url()
    );
    let folder = Folder::new("approve-secret").with("w.citadel", secret);
    let run = Beside::start_with(&folder, &[("KEY", "k")], &RUN);
    while !folder.citadel(&["show", "r"]).stdout.contains("ok asks: is it fine?") {}
    folder.citadel(&["approve", "r", "--by", "ann"]).ends_with(0);
    folder.citadel(&["signal", "r", "packed"]).ends_with(0);
    run.end().ends_with(0);
    assert_eq!(ledger.of("/go/ann").len(), 1);
}

#[test]
fn several_questions_are_told_apart() {
    let text = "workflow w {
      node each: loop { times: 2, parallelism: 2, body { node ok: approval { title: \"number ${index}\" } }, collect: ok.decision }
      output { said: each.results }
    }";
    let folder = Folder::new("approve-several").with("w.citadel", text);
    let run = Beside::start(&folder, &RUN);
    while !folder.citadel(&["show", "r"]).stdout.contains("each[1].ok asks: number 1 (anybody may answer)") {}
    let unclear = folder.citadel(&["approve", "r", "--by", "ann"]).ends_with(1).stderr;
    assert_eq!(
        unclear,
        "error: the run `r` waits for several answers: say which\n  citadel approve r each[0].ok    number 0 (anybody may answer)\n  citadel approve r each[1].ok    number 1 (anybody may answer)\n"
    );
    folder.citadel(&["approve", "r", "each[1].ok", "--reject", "--by", "ann"]).ends_with(0);
    folder.citadel_with(&[("USER", "bob")], &["approve", "r", "each[0].ok"]).ends_with(0);
    assert_eq!(
        run.end().ends_with(0).stdout,
        "{\n  \"said\": [\n    \"approved\",\n    \"rejected\"\n  ]\n}\n"
    );
}

#[test]
fn a_link_is_made_of_what_is_configured() {
    let ledger = Ledger::open();
    let config = "[approvals]\nlink = \"https://ops.example.com/answer?run={run}&node={node}\"\n";
    let folder = Folder::new("approve-link").with("w.citadel", file(&ledger)).with("citadel.toml", config);
    let _run = Beside::start(&folder, &["run", "w.citadel", "--id", "a b", "--allow-private-network"]);
    ledger.await_requests("/asked", 1);
    assert_eq!(
        ledger.of("/asked").remove(0).body,
        "{\"answer\":\"https://ops.example.com/answer?run=a%20b&node=ok\"}"
    );
    let wrong = Folder::new("approve-wrong-link")
        .with("w.citadel", file(&ledger))
        .with("citadel.toml", "[approvals]\nlink = \"ops.example.com\"\n");
    let refused = wrong.citadel(&["check"]).ends_with(1).stdout;
    assert!(refused.contains("it is no address with `{run}` and `{node}` in it"), "{refused}");
}

#[cfg(feature = "temporal")]
mod on_temporal {
    use super::{OUTPUT, file};
    use crate::ledger::Ledger;
    use crate::temporal_server::Server;
    use crate::temporal_town::{FILE, Town};

    #[test]
    fn a_question_on_temporal_is_answered_by_the_command_line_and_by_any_client() {
        let (ledger, server) = (Ledger::open(), Server::own("approvals"));
        let town = Town::new(&server.address(), "approvals").with("w.citadel", file(&ledger));
        let _worker = town.worker(FILE);
        let waiting = town.beside(&["start", "w", "--id", "r", "--wait"]);
        let status = town.until(&["status", "r"], "ok asks: is it fine? (ann, bob may answer)").stdout;
        assert!(status.contains("  answer with: citadel approve r ok\n"), "{status}");
        let refused = town.citadel(&["approve", "r", "ok", "--by", "eve"]).ends_with(1).stderr;
        assert!(refused.contains("`eve` may not answer `ok`: ann, bob may"), "{refused}");
        town.citadel(&["approve", "r", "--by", "ann", "--comment", "well done"]).ends_with(0);
        assert_eq!(waiting.end().ends_with(0).stdout, OUTPUT);

        let waiting = town.beside(&["start", "w", "--id", "other", "--wait"]);
        town.until(&["status", "other"], "ok asks");
        let answer = |by: &str| {
            let input =
                format!("{{\"decision\": \"approved\", \"by\": \"{by}\", \"comment\": \"well done\"}}");
            town.temporal(&[
                "workflow",
                "signal",
                "--workflow-id",
                "other",
                "--name",
                "approve.ok",
                "--input",
                &input,
            ]);
        };
        answer("eve");
        let status = town.until(&["status", "other"], "was turned away").stdout;
        assert!(
            status.contains("the signal `approve.ok` was turned away: `eve` may not answer `ok`"),
            "{status}"
        );
        answer("bob");
        assert_eq!(waiting.end().ends_with(0).stdout, OUTPUT);
        assert_eq!(ledger.of("/go/bob").len(), 1);
    }
}
