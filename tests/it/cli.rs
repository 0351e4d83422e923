//! The command as a user meets it: formats, exit codes, and files that are none.

use crate::command::Folder;

const GOOD: &str = "workflow w { node n: data_transformer { value: 1 } }\n";
const UNKNOWN: &str = "workflow w {\n  node n: data_transformer { value: missing }\n}\n";
const WARNED: &str = "const unused = 1\nworkflow w { node n: data_transformer { value: 1 } }\n";

#[test]
fn a_right_file_ends_with_zero_and_prints_nothing_on_stdout() {
    let folder = Folder::new("cli_right").with("a.citadel", GOOD);
    let ended = folder.citadel(&["check", "a.citadel"]).ends_with(0);
    assert_eq!(ended.stdout, "");
}

#[test]
fn an_error_ends_with_one() {
    let folder = Folder::new("cli_error").with("a.citadel", UNKNOWN);
    let ended = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(1);
    assert!(ended.stdout.starts_with("a.citadel:2:37: error[unknown_name]: "), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert!(ended.stderr.contains("1 error"), "{}", ended.stderr);
}

#[test]
fn warnings_end_with_zero_unless_they_are_denied() {
    let folder = Folder::new("cli_warning").with("a.citadel", WARNED);
    let ended = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(0);
    assert!(ended.stdout.starts_with("a.citadel:1:7: warning[unused_"), "{}", ended.stdout);
    folder.citadel(&["check", "a.citadel", "--deny", "warnings"]).ends_with(1);
}

#[test]
fn a_wrong_command_line_ends_with_two() {
    let folder = Folder::new("cli_usage").with("a.citadel", GOOD);
    folder.citadel(&["check", "a.citadel", "--format", "xml"]).ends_with(2);
    folder.citadel(&["chekc", "a.citadel"]).ends_with(2);
    folder.citadel(&["check", "--wrong"]).ends_with(2);
}

#[test]
fn a_missing_file_ends_with_three_and_names_it() {
    let ended = Folder::new("cli_missing").citadel(&["check", "nothing.citadel"]).ends_with(3);
    assert!(ended.stderr.contains("nothing.citadel") || ended.stdout.contains("nothing.citadel"));
}

#[test]
fn a_folder_stands_for_its_files_in_a_fixed_order() {
    let folder = Folder::new("cli_folder")
        .with("flows/b.citadel", UNKNOWN)
        .with("flows/a.citadel", UNKNOWN)
        .with("flows/deep/c.citadel", UNKNOWN)
        .with("flows/notes.txt", "not a workflow");
    let ended = folder.citadel(&["check", "flows", "--format", "short"]).ends_with(1);
    let files: Vec<&str> = ended.stdout.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(files, ["flows/a.citadel", "flows/b.citadel", "flows/deep/c.citadel"]);
}

#[test]
fn a_file_that_is_named_twice_is_checked_once() {
    let folder = Folder::new("cli_twice").with("flows/a.citadel", UNKNOWN);
    let arguments = ["check", "flows/a.citadel", "./flows/a.citadel", "flows", "--format", "short"];
    assert_eq!(folder.citadel(&arguments).ends_with(1).stdout.lines().count(), 1);
}

#[test]
fn a_folder_without_files_says_so() {
    let folder = Folder::new("cli_empty_folder").with("flows/notes.txt", "");
    let ended = folder.citadel(&["check", "flows"]);
    assert!(ended.code != 0 || ended.stderr.contains("no"), "{}", ended.stderr);
}

#[test]
fn findings_come_in_the_order_of_their_lines() {
    let text = "workflow w {\n  node a: data_transformer { value: x }\n  node b: htp { }\n  start -> [a, b, c]\n}\nconst u = 1\n";
    let folder = Folder::new("cli_order").with("a.citadel", text);
    let ended = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(1);
    let lines: Vec<&str> = ended.stdout.lines().filter_map(|line| line.split(':').nth(1)).collect();
    assert_eq!(lines, ["2", "3", "4", "6"], "{}", ended.stdout);
}

#[test]
fn json_is_one_document_with_places_and_fixes() {
    let folder = Folder::new("cli_json").with("a.citadel", "workflow w { node n: delay { for: 10 } }\n");
    let ended = folder.citadel(&["check", "a.citadel", "--format", "json"]).ends_with(1);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("one JSON document");
    let text = document.to_string();
    assert!(text.contains("\"a.citadel\"") && text.contains("10s"), "{text}");
}

#[test]
fn the_drawing_shows_the_source_and_the_code() {
    let folder = Folder::new("cli_human").with("a.citadel", UNKNOWN);
    let ended = folder.citadel(&["check", "a.citadel"]).ends_with(1);
    let drawn = ended.stdout + &ended.stderr;
    assert!(drawn.contains("value: missing") && drawn.contains("unknown_name"), "{drawn}");
    assert!(!drawn.contains('\u{1b}'), "colour belongs on a terminal only:\n{drawn}");
}

#[test]
fn control_characters_of_a_file_are_not_printed() {
    let folder = Folder::new("cli_escapes")
        .with("a.citadel", "workflow w { node n: data_transformer { value: \"\u{1b}[31m\" + x } }\n");
    let ended = folder.citadel(&["check", "a.citadel"]).ends_with(1);
    assert!(!(ended.stdout + &ended.stderr).contains('\u{1b}'));
}

#[test]
fn files_that_are_no_text_are_refused() {
    let folder = Folder::new("cli_bytes")
        .with("utf8.citadel", b"workflow w { node n: data_transformer { value: \"\xff\" } }")
        .with("binary.citadel", [0u8, 159, 146, 150, 0, 1, 2, 3])
        .with("nul.citadel", "workflow w { node n: data_transformer { value: \0 } }");
    for file in ["utf8.citadel", "binary.citadel", "nul.citadel"] {
        let ended = folder.citadel(&["check", file, "--format", "short"]);
        assert!(ended.code == 1 || ended.code == 3, "{file}: {}\n{}", ended.code, ended.stderr);
        assert!((ended.stdout + &ended.stderr).contains(file));
    }
}

#[test]
fn an_empty_file_is_right() {
    let folder = Folder::new("cli_empty")
        .with("a.citadel", "")
        .with("b.citadel", "\u{feff}")
        .with("c.citadel", "\n// nothing\n");
    folder.citadel(&["check", "a.citadel", "b.citadel", "c.citadel"]).ends_with(0);
}

#[test]
fn line_ends_and_a_byte_order_mark_do_not_move_places() {
    let folder =
        Folder::new("cli_crlf").with("a.citadel", format!("\u{feff}{}", UNKNOWN.replace('\n', "\r\n")));
    let ended = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(1);
    assert!(ended.stdout.starts_with("a.citadel:2:37: "), "{}", ended.stdout);
}

#[test]
fn columns_count_characters() {
    let folder = Folder::new("cli_columns")
        .with("a.citadel", "workflow w { node n: data_transformer { value: \"äö🚀\" + x } }\n");
    let ended = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(1);
    assert!(ended.stdout.starts_with("a.citadel:1:56: "), "{}", ended.stdout);
}

#[test]
fn a_project_changes_levels() {
    let folder = Folder::new("cli_levels").with("a.citadel", WARNED);
    let short = folder.citadel(&["check", "a.citadel", "--format", "short"]).ends_with(0).stdout;
    let code = short.split(['[', ']']).nth(1).expect("a code").to_owned();
    let folder = folder.with("citadel.toml", format!("[levels]\n{code} = \"error\"\n"));
    folder.citadel(&["check", "a.citadel"]).ends_with(1);
    let folder = folder.with("citadel.toml", format!("[levels]\n{code} = \"off\"\n"));
    folder.citadel(&["check", "a.citadel", "--deny", "warnings"]).ends_with(0);
}

#[test]
fn every_page_is_explained() {
    let folder = Folder::new("cli_explain");
    for page in crate::tree::files("explain", ".md") {
        let code = crate::tree::name(&page).trim_end_matches(".md");
        let ended = folder.citadel(&["explain", code]).ends_with(0);
        assert!(ended.stdout.contains(code), "{code}");
    }
    let ended = folder.citadel(&["explain", "unknown_nam"]);
    assert_ne!(ended.code, 0);
    assert!(ended.stderr.contains("unknown_name"), "a near code is suggested: {}", ended.stderr);
}

#[test]
fn a_plan_is_printed_and_a_wrong_file_has_none() {
    let folder = Folder::new("cli_plan").with("good.citadel", GOOD).with("bad.citadel", UNKNOWN);
    let ended = folder.citadel(&["plan", "good.citadel"]).ends_with(0);
    serde_json::from_str::<serde_json::Value>(&ended.stdout).expect("one JSON document");
    let ended = folder.citadel(&["plan", "bad.citadel"]).ends_with(1);
    assert_eq!(ended.stdout.trim(), "");
    assert_ne!(folder.citadel(&["plan", "good.citadel", "--workflow", "nothing"]).code, 0);
}

#[test]
fn expressions_are_evaluated() {
    let folder = Folder::new("cli_eval").with("b.json", r#"{"n": 20}"#);
    let ended = folder.citadel(&["eval", "1 + 2 * 3"]).ends_with(0);
    assert!(ended.stdout.contains('7') && ended.stdout.contains("int"), "{}", ended.stdout);
    let ended = folder.citadel(&["eval", "n + 1", "--bindings", "b.json"]).ends_with(0);
    assert!(ended.stdout.contains("21"), "{}", ended.stdout);
    assert_ne!(folder.citadel(&["eval", "1 +"]).code, 0);
    assert_ne!(folder.citadel(&["eval", "1 / 0"]).code, 0);
}

#[test]
fn expressions_are_evaluated_one_a_line() {
    let folder = Folder::new("cli_eval_lines");
    let input = "{\"expr\": \"1 + 1\"}\n{\"expr\": \"1 +\"}\n{\"expr\": \"1 / 0\"}\n";
    let ended = folder.citadel_reading(input, &["eval", "--stdin"]).ends_with(0);
    let answers: Vec<serde_json::Value> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0].get("value").is_some(), "{}", answers[0]);
    assert_eq!(answers[1]["phase"], "check");
    assert_eq!(answers[2]["phase"], "eval");
}

#[test]
fn paths_are_shown_as_they_were_written() {
    let folder = Folder::new("cli_paths").with("flows/a.citadel", UNKNOWN).with("other/b.citadel", "");
    let absolute = folder.path().join("flows/a.citadel").display().to_string();
    for written in ["./flows/a.citadel", "other/../flows/a.citadel", absolute.as_str(), "flows", "."] {
        let shown = match written {
            "./flows/a.citadel" | "flows" | "." => "flows/a.citadel",
            other => other,
        };
        let ended = folder.citadel(&["check", written, "--format", "short"]).ends_with(1);
        assert!(ended.stdout.starts_with(&format!("{shown}:2:37: ")), "{}", ended.stdout);
    }
}

#[test]
fn files_of_several_projects_are_checked_at_once() {
    let folder = Folder::new("cli_projects")
        .with("one/citadel.toml", "[levels]\nunused_declaration = \"error\"\n")
        .with("one/a.citadel", WARNED)
        .with("two/citadel.toml", "[levels]\nunused_declaration = \"off\"\n")
        .with("two/a.citadel", WARNED);
    let ended = folder.citadel(&["check", "one", "two/a.citadel", "--format", "short"]).ends_with(1);
    assert!(ended.stdout.starts_with("one/a.citadel:1:7: error[unused_declaration]"), "{}", ended.stdout);
    assert_eq!(ended.stdout.lines().count(), 1);
    assert!(ended.stderr.contains("1 error in 2 files"), "{}", ended.stderr);
}

#[test]
fn what_is_wrong_with_the_project_is_found_in_its_file() {
    let folder = Folder::new("cli_project").with("citadel.toml", "[level]\n").with("flows/a.citadel", GOOD);
    let ended = folder.citadel(&["check", "--format", "short"]).ends_with(1);
    assert_eq!(ended.stdout, "citadel.toml:1:2: error[unknown_section]: a project has no section `level`\n");
}

#[test]
fn one_file_that_can_not_be_had_does_not_hide_the_others() {
    let folder = Folder::new("cli_partly").with("a.citadel", UNKNOWN).with("b.citadel", [0xff]);
    let ended = folder.citadel(&["check", ".", "--format", "short"]).ends_with(3);
    assert!(ended.stdout.starts_with("a.citadel:2:37: "), "{}", ended.stdout);
    assert!(ended.stderr.contains("b.citadel: it is no UTF-8 text"), "{}", ended.stderr);
}

#[test]
fn a_file_has_a_plan_for_each_workflow() {
    let two = format!("{GOOD}{}", GOOD.replace("workflow w", "workflow v"));
    let folder = Folder::new("cli_plans").with("a.citadel", two).with("b.citadel", "const a = 1\n");
    let ended = folder.citadel(&["plan", "a.citadel"]).ends_with(2);
    assert!(ended.stderr.contains("`w`, `v`"), "{}", ended.stderr);
    let ended = folder.citadel(&["plan", "a.citadel", "--workflow", "v"]).ends_with(0);
    assert!(ended.stdout.contains("\"name\": \"v\""));
    folder.citadel(&["plan", "b.citadel"]).ends_with(2);
    folder.citadel(&["plan", "."]).ends_with(2);
    folder.citadel(&["plan", "c.citadel"]).ends_with(3);
}

#[test]
fn all_codes_are_listed() {
    let ended = Folder::new("cli_codes").citadel(&["explain"]).ends_with(0);
    assert_eq!(ended.stdout.lines().count(), crate::tree::files("explain", ".md").len());
}

#[test]
fn values_are_printed_as_they_would_be_typed() {
    let folder = Folder::new("cli_values").with("b.json", r#"{"xs": ["a", "b"], "odd": {"k": null}}"#);
    for (expression, printed) in [
        ("-1", "-1: int\n"),
        ("2u", "2u: uint\n"),
        ("[1.0]", "[1.0]: list(double)\n"),
        ("90m", "duration(\"5400s\"): duration\n"),
        ("xs.map(x, x + \"${size(xs)}\")", "[\"a2\", \"b2\"]: list(string)\n"),
    ] {
        let ended = folder.citadel(&["eval", expression, "--bindings", "b.json"]).ends_with(0);
        assert_eq!(ended.stdout, printed);
    }
    folder.citadel(&["eval", "1", "--bindings", "nothing.json"]).ends_with(3);
}

#[test]
fn a_line_that_is_no_question_is_answered_too() {
    let folder = Folder::new("cli_eval_broken");
    let ended = folder.citadel_reading("nonsense\n\n{\"expr\": \"1\"}", &["eval", "--stdin"]).ends_with(0);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ended.stdout);
    assert!(lines[0].contains("\"phase\":\"check\""));
    assert_eq!(lines[1], "{\"value\":{\"int\":\"1\"},\"type\":\"int\"}");
}

/// The slips that the README makes in its own example.
const SLIPS: [(&str, &str); 3] = [
    ("fetch.body.cents,", "fetch.body.cent,"),
    ("compensate: refund", "compensate: refnd"),
    ("stocked.false -> sold_out", "stocked.false -> [sold_out, ship]"),
];

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = crate::tree::read(&crate::tree::path("README.md"));
    let block = readme.split("```citadel\n").nth(1).and_then(|rest| rest.split("```").next());
    let mut broken = block.expect("the README shows a file").to_owned();
    for (right, wrong) in SLIPS {
        assert!(broken.contains(right), "{right}");
        broken = broken.replace(right, wrong);
    }
    let folder = Folder::new("cli_readme").with("broken.citadel", broken);
    let ended = folder.citadel_in("C.UTF-8", &["check", "broken.citadel"]).ends_with(1);
    assert!(
        readme.contains(ended.stdout.trim_end()),
        "the README shows something else than\n{}",
        ended.stdout
    );
    assert!(readme.contains(ended.stderr.trim_end()));
}
