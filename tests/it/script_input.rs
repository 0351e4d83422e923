//! What reaches a script: its inputs, its arguments and its environment, and nothing by way of a shell.

use serde_json::{Value as Json, json};

use crate::script_desk::{Desk, bash, in_language};

/// Texts that some program might take for something else than a text.
const HOSTILE: [&str; 16] = [
    "; touch pwned",
    "$(touch pwned)",
    "`touch pwned`",
    "| touch pwned",
    "&& touch pwned",
    "--version",
    "-rf",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a\nb\ntouch pwned",
    "\\",
    "$HOME ~ * ?",
    "%s%n",
    "ä€😀 \u{202e}",
    "",
    " ",
];

#[test]
fn inputs_arrive_as_json_on_standard_input_and_in_a_variable() {
    let desk = Desk::new("inputs");
    let script = "stdin=$(cat)\n[ \"$stdin\" = \"$CITADEL_INPUTS\" ] || echo differs\nprintf %s \"$stdin\"";
    let fields = format!("{}\nformat: json\ninputs: {{ \"t\": input.t, \"n\": [1, true] }}", bash(script));
    for text in HOSTILE {
        let output = desk.ask_with(&fields, "t: string", &json!({ "t": text }));
        assert_eq!(output.expect(text)["result"], json!({ "t": text, "n": [1, true] }));
    }
    let none = desk.bash("cat | wc -c; echo ${CITADEL_INPUTS-unset}");
    assert_eq!(none, "0\nunset", "without inputs");
}

#[test]
fn arguments_are_never_read_by_a_shell() {
    let desk = Desk::new("arguments");
    let echo = "import json, os, sys\nprint(json.dumps([sys.argv[1:], sorted(os.listdir())]))";
    let script = format!("{}\nformat: json\nargs: input.args", in_language("python", echo));
    let words = json!({ "args": HOSTILE });
    let output = desk.ask_with(&script, "args: list<string>", &words).expect("the arguments");
    assert_eq!(output["result"], json!([HOSTILE, []]));
    let command = "command: [\"printf\", \"%s\\\\0\"] args: input.args".replace(" args", "\nargs");
    let output = desk.ask_with(&command, "args: list<string>", &words).expect("the arguments");
    let printed: String = HOSTILE.iter().map(|text| format!("{text}\0")).collect();
    assert_eq!(output["stdout"], json!(printed));
    let command = "command: [\"printf\", \"%s|\"].map(x, x) + input.args";
    let output = desk.ask_with(command, "args: list<string>", &json!({ "args": ["a", "$(id)"] }));
    assert_eq!(output.expect("a computed list")["stdout"], "a|$(id)|");
    assert_eq!(
        desk.ask("command: [\"; touch pwned\"]").expect_err("no program")["type"],
        "InterpreterMissing"
    );
    assert!(!desk.folder.path().join("pwned").exists());
}

#[test]
fn what_no_process_can_be_given_is_refused_before_it_starts() {
    let desk = Desk::new("nul");
    for (fields, place) in [
        ("command: [\"echo\", input.t]", "command[1]"),
        ("command: [\"echo\"]\nargs: [\"x\", input.t]", "args[1]"),
        ("command: [\"env\"]\nenv: { \"A\": input.t }", "env.A"),
    ] {
        let error = desk.ask_with(fields, "t: string", &json!({ "t": "a\0b" })).expect_err(fields);
        assert_eq!(
            (&error["type"], &error["message"]),
            (
                &Json::from("TypeMismatch"),
                &Json::from(format!("`{place}` holds a NUL character, which no process can be given"))
            )
        );
    }
    for name in ["", "a=b", "a\0b", "a b", "1a", "a-b", "é"] {
        let fields = "command: [\"env\"]\nenv: { input.t: \"x\" }";
        let error = desk.ask_with(fields, "t: string", &json!({ "t": name })).expect_err(name);
        assert_eq!(error["type"], "TypeMismatch", "{error}");
    }
}

#[test]
fn an_input_of_any_size_is_read_or_not_as_the_script_likes() {
    let desk = Desk::new("huge");
    let huge = json!({ "t": "x".repeat(900_000) });
    let read = "wc -c; echo ${CITADEL_INPUTS-only on standard input}";
    let fields = |script: &str| format!("{}\ninputs: {{ \"t\": input.t }}", bash(script));
    let output = desk.ask_with(&fields(read), "t: string", &huge).expect("the length");
    assert_eq!(output["result"], "900008\nonly on standard input");
    for script in ["echo done", "exec 0<&-; echo done", "head -c 10 > /dev/null; echo done"] {
        let output = desk.ask_with(&fields(script), "t: string", &huge).expect(script);
        assert_eq!(output["result"], "done", "{script}");
    }
    // One that writes while it reads is read while it is written to.
    let output = desk.ask_with(
        &format!("{}\nlimits {{ output: 3MiB }}", fields("tee /dev/stderr | wc -c; tr -d x < /dev/null")),
        "t: string",
        &json!({ "t": "x".repeat(500_000) }),
    );
    assert_eq!(output.expect("both")["result"], "500008");
}

#[test]
fn the_environment_is_the_node_s_own() {
    let desk = Desk::new("environment")
        .knowing("TOKEN", "hunter2hunter2")
        .knowing("AWS_SECRET_ACCESS_KEY", "canary-of-the-worker")
        .knowing("LD_PRELOAD_OF_NOBODY", "canary-of-the-worker")
        .knowing("BASH_ENV", "/etc/passwd")
        .knowing("PYTHONPATH", "/nowhere");
    let output = desk.ask(&format!(
        "{}\nformat: lines\nenv: {{ \"MODE\": \"fast\", \"A_B\": \"c d=e\" }}",
        bash("env | sort")
    ));
    let lines = output.expect("the environment")["result"].take();
    let names: Vec<&str> = lines
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line.as_str()?.split_once('=').map(|(name, _)| name))
        .collect();
    assert_eq!(
        names,
        [
            "A_B",
            "CITADEL_ATTEMPT",
            "CITADEL_KEY",
            "CITADEL_NODE",
            "CITADEL_RUN",
            "HOME",
            "LANG",
            "MODE",
            "PATH",
            "PWD",
            "SHLVL",
            "TMPDIR",
            "_",
        ]
    );
    assert!(!lines.to_string().contains("canary"), "{lines}");
    assert_eq!(desk.bash("[ \"$HOME\" = \"$PWD\" ] && [ \"$TMPDIR\" = \"$PWD\" ] && echo \"$CITADEL_NODE $CITADEL_ATTEMPT\""), "n 1");
}

#[test]
fn secrets_reach_a_script_where_they_are_asked_for_and_are_scrubbed_from_all_that_it_says() {
    let secret = "hunter2-hunter2/+";
    let desk = Desk::new("secrets").knowing("TOKEN", secret);
    let known = "[ ${#KEY} = 17 ] && echo known";
    let script = format!("{known}\necho \"k=$KEY\"\necho \"e=$KEY\" >&2\nprintf %s \"$KEY\" | base64");
    let env = "env: { \"KEY\": token }";
    let ended = desk.run(&format!("{}\n{env}", bash(&script)), "", &json!({})).ends_with(0);
    assert!(ended.stdout.contains("known\\nk="), "{}", ended.stdout);
    let failed = desk.failure(&format!("{script} >&2\nexit 1"), env);
    let misfit = desk.failure("echo \"$KEY\"", &format!("{env}\nformat: json"));
    for said in [ended.stdout, ended.stderr, failed.to_string(), misfit.to_string()] {
        assert!(!said.contains("hunter2") && !said.contains("aHVudGVyMi1odW50ZXIyLys"), "{said}");
    }
    assert_eq!(failed["type"], "ScriptFailed");
    let journal = desk.folder.path().join(".citadel");
    for file in std::fs::read_dir(journal).expect("the journal").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{:?}", file.path());
    }
}
