//! A script in a file of its own: its text is a part of the plan.

use serde_json::{Value as Json, json};

use crate::command::Folder;
use crate::script_desk::Desk;

const MAIN: &str = "workflow w {
  node n: script_execution { language: node, file: \"scripts/a.mjs\", inputs: { \"n\": 20 }, format: json, returns: { n: int }, effect: idempotent }
  output { n: n.result.n }
}
";

const SCRIPT: &str = "import { readFileSync } from 'node:fs';\n\
    const { n } = JSON.parse(readFileSync(0, 'utf8'));\n\
    console.log(JSON.stringify({ n: n + 1 }));\n";

#[test]
fn a_file_runs_as_it_was_when_the_run_began() {
    let folder = Folder::new("script-file").with("flows/w.citadel", MAIN).with("flows/scripts/a.mjs", SCRIPT);
    let path = std::env::var("PATH").unwrap_or_default();
    let ended = folder.citadel_with(&[("PATH", &path)], &["run", "flows/w.citadel"]).ends_with(0);
    assert_eq!(serde_json::from_str::<Json>(&ended.stdout).expect("JSON"), json!({ "n": 21 }));
    let plan = || folder.citadel(&["plan", "flows/w.citadel"]).ends_with(0).stdout;
    let hash = |plan: &str| serde_json::from_str::<Json>(plan).expect("JSON")["hash"].clone();
    let before = plan();
    assert!(before.contains("readFileSync"), "{before}");
    assert_eq!(hash(&before), hash(&plan()));
    let folder = folder.with("flows/scripts/a.mjs", SCRIPT.replace("n + 1", "n + 2"));
    let after = folder.citadel(&["plan", "flows/w.citadel"]).ends_with(0).stdout;
    assert_ne!(hash(&before), hash(&after));
}

#[test]
fn a_file_that_is_not_there_is_a_finding_at_its_place() {
    let folder = Folder::new("script-file-missing").with("citadel.toml", "").with("w.citadel", MAIN);
    let ended = folder.citadel(&["check", "w.citadel", "--format", "short"]).ends_with(1);
    let said = ended.stdout + &ended.stderr;
    assert!(
        said.contains("w.citadel:2:52: error[include_not_found]: `scripts/a.mjs` can't be included"),
        "{said}"
    );
    let outside = MAIN.replace("scripts/a.mjs", "../../../../../etc/passwd");
    let folder = folder.with("w.citadel", outside);
    let ended = folder.citadel(&["check", "w.citadel", "--format", "short"]).ends_with(1);
    let said = ended.stdout + &ended.stderr;
    assert!(said.contains("w.citadel:2:52: error[include_outside_root]"), "{said}");
}

#[test]
fn a_program_of_the_project_is_found_from_its_folder() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new("own-program");
    let program = desk.folder.path().join("tools/greet");
    std::fs::create_dir(desk.folder.path().join("tools")).expect("a folder");
    std::fs::write(&program, "#!/usr/bin/env bash\necho \"hello $1\"\n").expect("a file");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let output = desk.ask("command: [\"./tools/greet\", \"Ada\"]").expect("it runs");
    assert_eq!(output["result"], "hello Ada");
}
