//! What a script prints and how it ends, and what becomes of it.

use serde_json::{Value as Json, json};

use crate::script_desk::{Desk, bash, in_language};

#[test]
fn a_script_gives_what_it_prints() {
    let desk = Desk::new("prints");
    let output = desk.ask(&bash("echo hello\necho more >&2"));
    assert_eq!(
        output,
        Ok(json!({ "result": "hello", "stdout": "hello\n", "stderr": "more\n", "exit_code": 0 }))
    );
    let empty = desk.ask(&bash(":"));
    assert_eq!(empty, Ok(json!({ "result": "", "stdout": "", "stderr": "", "exit_code": 0 })));
    assert_eq!(desk.left(), Vec::<std::path::PathBuf>::new(), "its folder is gone");
}

#[test]
fn each_language_runs_as_it_does_elsewhere() {
    let desk = Desk::new("languages");
    let shell = "set -euo pipefail\nlist=(a b)\ncat <<< \"${list[1]}\" | tr b c | cat <(echo x) -";
    assert_eq!(desk.bash(shell), "x\nc");
    let python = "import json, os, sys, tempfile, subprocess\nopen('f', 'w').write('x')\n\
         with tempfile.TemporaryFile() as f: f.write(b'y')\n\
         print(json.dumps([sys.version_info[0], os.listdir(), subprocess.run(['echo', 'z'], capture_output=True, text=True).stdout]))";
    let answer = desk.ask(&format!("{}\nformat: json", in_language("python", python)));
    assert_eq!(answer.map(|output| output["result"].clone()), Ok(json!([3, ["f"], "z\n"])));
    let node = "const fs = require('fs');\nfs.writeFileSync('f', 'x');\n\
         const z = require('child_process').execFileSync('echo', ['z']).toString();\n\
         setTimeout(() => console.log(JSON.stringify([typeof process.version, fs.readdirSync('.'), z])), 1);";
    let answer = desk.ask(&format!("{}\nformat: json", in_language("node", node)));
    assert_eq!(answer.map(|output| output["result"].clone()), Ok(json!(["string", ["f"], "z\n"])));
}

#[test]
fn standard_output_is_decoded_as_the_node_says() {
    let desk = Desk::new("decoded");
    let right = [
        ("echo ' a '; echo", "format: text", json!(" a \n")),
        (r#"printf 'a\r\n'"#, "", json!("a")),
        ("echo a; echo; echo 'b c'", "format: lines", json!(["a", "", "b c"])),
        (":", "format: lines", json!([])),
        ("printf 'a\\nb'", "format: lines", json!(["a", "b"])),
        ("printf '1\\n2\\n'", "format: lines\nreturns: list<int>", json!([1, 2])),
        (
            "echo '{\"n\": 1}'; echo '{\"n\": 2}'",
            "format: lines\nreturns: list<{ n: int }>",
            json!([{ "n": 1 }, { "n": 2 }]),
        ),
        ("echo '[1, null, \"x\"]'", "format: json", json!([1, null, "x"])),
        (
            "echo '{\"n\": 7, \"more\": 1}'",
            "format: json\nreturns: { n: int, at: timestamp? }",
            json!({ "n": 7 }),
        ),
        ("echo 7", "returns: int", json!(7)),
        ("echo '\"1h\"'", "format: json\nreturns: duration", json!("1h")),
        ("printf 'ä€😀\\0'", "", json!("ä€😀\0")),
    ];
    for (script, fields, result) in right {
        let answer = desk.ask(&format!("{}\n{fields}", bash(script)));
        assert_eq!(answer.map(|output| output["result"].clone()), Ok(result), "{script} {fields}");
    }
}

#[test]
fn output_that_does_not_fit_is_an_error_with_its_place() {
    let desk = Desk::new("misfits");
    let wrong = [
        ("printf '{\"a\": 1,\\n oops}'", "format: json", "standard output is not JSON, at line 2, column 2"),
        (":", "format: json", "standard output is not JSON, at line 1, column 0"),
        ("echo '1 2'", "format: json", "standard output is not JSON, at line 1, column 3"),
        (
            "echo '{\"n\": \"7\"}'",
            "format: json\nreturns: { n: int }",
            "`result`: `n`: expected int, found string",
        ),
        ("echo '[{\"n\": 1}, {}]'", "format: json\nreturns: list<{ n: int }>", "`result`: `[1].n`: "),
        (
            "echo 1; echo x",
            "format: lines\nreturns: list<int>",
            "line 2 of standard output is not JSON, at column 1",
        ),
        ("echo gold", "returns: \"silver\" | \"bronze\"", "TypeMismatch"),
        ("printf 'abc\\xff'", "", "standard output is not UTF-8: the byte at 3 can't be decoded"),
    ];
    for (script, fields, part) in wrong {
        let error = desk.failure(script, fields);
        assert_eq!(error["type"], "TypeMismatch", "{script} {fields}: {error}");
        assert!(error.to_string().contains(&part.replace('"', "\\\"")), "{script} {fields}: {error}");
        assert!(!error["message"].as_str().unwrap_or_default().contains("oops"), "{error}");
    }
}

#[test]
fn standard_error_need_not_be_text() {
    let desk = Desk::new("bytes");
    let output = desk.ask(&bash("printf 'a\\xffb' >&2"));
    assert_eq!(output.map(|output| output["stderr"].clone()), Ok("a\u{fffd}b".into()));
}

#[test]
fn an_exit_code_is_an_error_with_the_end_of_standard_error() {
    let desk = Desk::new("codes");
    for code in [1, 2, 42, 126, 127, 255] {
        let error = desk.failure(&format!("echo given up\necho because of {code} >&2\nexit {code}"), "");
        assert_eq!(
            error,
            json!({
                "type": "ScriptFailed", "message": format!("the script ended with exit code {code}"),
                "details": { "exit_code": code, "stderr": format!("because of {code}\n") },
            })
        );
    }
    let error = desk.failure("for i in {1..5000}; do echo \"line $i é\" >&2; done; exit 3", "");
    let told = error["details"]["stderr"].as_str().expect("a text");
    assert!(told.len() <= 4096 && told.len() > 4000, "{}", told.len());
    assert!(told.ends_with("line 5000 é\n"), "{told}");
    let python = desk.ask(&in_language("python", "def f(: pass")).expect_err("no Python");
    assert!(
        python["details"]["stderr"].as_str().is_some_and(|told| told.contains("SyntaxError")),
        "{python}"
    );
}

#[test]
fn a_script_that_a_signal_ends_was_killed() {
    let desk = Desk::new("signals");
    for signal in ["KILL", "TERM", "SEGV", "ABRT"] {
        let error = desk.failure(&format!("echo told >&2\nkill -{signal} $$"), "");
        assert_eq!(error["type"], "ScriptKilled", "{error}");
        assert_eq!(
            error["details"],
            json!({ "signal": format!("SIG{signal}"), "stderr": "told\n" }),
            "{error}"
        );
    }
}

#[test]
fn a_flood_is_cut_off() {
    let desk = Desk::new("floods");
    for (script, fields, most) in [
        ("yes", "", 1_048_576),
        ("yes >&2", "limits { output: 10KiB }", 10_240),
        (
            "head -c 600 /dev/zero | tr '\\0' x; head -c 600 /dev/zero | tr '\\0' x >&2",
            "limits { output: 1000 }",
            1_000,
        ),
    ] {
        let error = desk.failure(script, fields);
        assert_eq!(
            (&error["type"], &error["message"]),
            (
                &Json::from("OutputTooLarge"),
                &Json::from(format!("the script wrote more than {most} bytes to standard output and error"))
            ),
        );
    }
    let exact =
        desk.ask(&format!("{}\nlimits {{ output: 1000 }}", bash("head -c 1000 /dev/zero | tr '\\0' x")));
    assert_eq!(exact.map(|output| output["result"].as_str().map(str::len)), Ok(Some(1_000)));
}

#[test]
fn a_missing_interpreter_or_program_is_named() {
    let desk = Desk::new("missing");
    let error = desk.ask("command: [\"citadel-has-no-such-program\", \"x\"]").expect_err("nothing");
    assert_eq!(
        error,
        json!({
            "type": "InterpreterMissing", "details": null,
            "message": "there is no program `citadel-has-no-such-program` on this worker",
        })
    );
    let error = desk.ask("command: [\"./nothing\"]").expect_err("nothing");
    assert_eq!(error["type"], "InterpreterMissing", "{error}");
    let error = desk.ask("command: [\"/etc/passwd\"]").expect_err("it is no program");
    assert_eq!(error["type"], "InterpreterMissing", "{error}");
    let error = desk.ask("command: []").expect_err("nothing");
    assert_eq!(error["message"], "`command` names no program", "{error}");
    // A language is looked for where its worker looks.
    let broken = desk.folder.path().join("bin");
    std::fs::create_dir(&broken).expect("a folder");
    for name in ["node", "nodejs"] {
        std::os::unix::fs::symlink("/bin/false", broken.join(name)).expect("a link");
    }
    let desk = Desk::new("missing-language").knowing("PATH", broken.display().to_string());
    let error = desk.ask(&in_language("node", "1")).expect_err("no node");
    assert_eq!(error["type"], "InterpreterMissing", "{error}");
    assert!(error["message"].as_str().is_some_and(|told| told.contains("install Node.js")), "{error}");
}
