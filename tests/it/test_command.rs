//! `citadel test` as a user meets it.

use crate::command::{Ended, Folder};
use crate::tree;

fn fixture(name: &str) -> String {
    tree::read(&tree::path("tests/fixtures/test").join(name))
}

fn run(test: &str, file: &str, arguments: &[&str]) -> Ended {
    let folder =
        Folder::new(test).with(file, fixture(file)).with("common.citadel", fixture("common.citadel"));
    let arguments: Vec<&str> = ["test", file].iter().chain(arguments).copied().collect();
    folder.citadel_in("C.UTF-8", &arguments)
}

const PASSES: &str = "workflow w { node n: data_transformer { value: 1 } }
test \"it ends\" { workflow: w, expect { run.status == \"completed\" } }
";

#[test]
fn tests_that_hold_pass() {
    let ended = run("test_passing", "passing.citadel", &[]).ends_with(0);
    let oks = ended.stdout.lines().filter(|line| line.starts_with("  ok ")).count();
    assert_eq!(ended.stderr.trim(), format!("{oks} tests passed"), "{}", ended.stdout);
    assert!(ended.stdout.contains("ok      sixty days pass in no time (60d)"), "{}", ended.stdout);
}

#[test]
fn the_example_of_the_language_passes() {
    run("test_order", "order.citadel", &[]).ends_with(0);
}

#[test]
fn the_examples_pass() {
    for file in tree::files("examples", ".citadel") {
        let text = tree::read(&file);
        if text.contains("\ntest \"") {
            let ended = Folder::new("test_examples").with("example.citadel", text).citadel(&["test"]);
            assert_eq!(ended.code, 0, "{}\n{}{}", file.display(), ended.stdout, ended.stderr);
        }
    }
}

#[test]
fn tests_that_fail_say_why() {
    let ended = run("test_failing", "failing.citadel", &[]).ends_with(1);
    let snapshot = tree::path("tests/fixtures/test/failing.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&snapshot, &ended.stdout).expect("the snapshot is ours");
    }
    assert_eq!(ended.stdout, tree::read(&snapshot), "set UPDATE_SNAPSHOTS to accept it");
    assert_eq!(ended.stderr.trim(), "0 tests passed, 6 failed");
    assert!(ended.stdout.lines().all(|line| !line.contains('\u{1b}')));
}

#[test]
fn all_codes_are_shown() {
    let failing = run("test_codes", "failing.citadel", &["--format", "json"]).ends_with(1).stdout;
    let endless = run("test_endless", "endless.citadel", &["--format", "json"]).ends_with(1).stdout;
    for code in [
        "endless_wait",
        "expectation_error",
        "expectation_failed",
        "missing_mock",
        "nothing_to_read",
        "refused_signal",
        "setting_without_default",
        "test_value",
    ] {
        assert!(failing.contains(&format!("\"code\": \"{code}\"")), "no {code}");
    }
    assert!(endless.contains("\"code\": \"endless_run\""), "{endless}");
}

#[test]
fn json_is_one_document() {
    let ended = run("test_json", "failing.citadel", &["--format", "json"]).ends_with(1);
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    assert_eq!((&document["passed"], &document["failed"]), (&0.into(), &6.into()));
    assert_eq!(document["tests"][3]["duration"], "10m3s");
    assert_eq!(document["tests"][3]["status"], "failed");
}

#[test]
fn one_line_each_for_editors() {
    let ended =
        run("test_short", "failing.citadel", &["--format", "short", "--filter", "nobody"]).ends_with(1);
    let expected = "failing.citadel:45:6: FAILED: nobody answers\n\
        failing.citadel:45:6: error[endless_wait]: `answer` waits for a signal that never comes\n";
    assert_eq!(ended.stdout, expected);
}

#[test]
fn a_filter_chooses_by_name() {
    let ended = run("test_filter", "passing.citadel", &["--filter", "sixty"]).ends_with(0);
    assert_eq!(ended.stderr.trim(), "1 test passed");
    let none = run("test_filter", "passing.citadel", &["--filter", "Sixty"]).ends_with(0);
    assert_eq!(none.stderr.trim(), "no test has `Sixty` in its name");
    assert_eq!(none.stdout, "");
}

#[test]
fn a_file_without_tests_is_no_failure() {
    let ended = run("test_none", "common.citadel", &[]).ends_with(0);
    assert_eq!(ended.stderr.trim(), "there are no tests in 1 file");
}

#[test]
fn only_the_tests_of_files_that_were_named_run() {
    let import =
        "import { answer } from \"./b.citadel\"\nworkflow v { node n: data_transformer { value: answer } }\n";
    let library = format!("const answer = 42\n{PASSES}");
    let folder = Folder::new("test_named").with("a.citadel", import).with("b.citadel", library);
    let ended = folder.citadel(&["test", "a.citadel"]).ends_with(0);
    assert_eq!(ended.stderr.trim(), "there are no tests in 2 files");
    assert_eq!(folder.citadel(&["test"]).ends_with(0).stderr.trim(), "1 test passed");
}

#[test]
fn a_file_with_errors_ends_with_two_and_one_that_is_missing_with_three() {
    let folder = Folder::new("test_errors").with("a.citadel", PASSES.replace("value: 1", "value: missing"));
    let ended = folder.citadel(&["test", "a.citadel"]).ends_with(2);
    assert!(ended.stderr.contains("unknown_name"), "{}", ended.stderr);
    folder.citadel(&["test", "b.citadel"]).ends_with(3);
    folder.citadel(&["test", "--format", "xml"]).ends_with(2);
    let folder = Folder::new("test_errors").with("a.citadel", PASSES);
    folder.citadel(&["test", "--junit", "no/such/folder.xml"]).ends_with(3);
    folder.citadel(&["test"]).ends_with(0);
}

#[test]
fn junit_is_xml_that_a_build_server_reads() {
    let text = fixture("failing.citadel").replace("\"it fails\"", "\"<it> & \\u0007 'fails'\"");
    let folder = Folder::new("test_junit").with("failing.citadel", text).with("good.citadel", PASSES);
    folder.citadel(&["test", "--junit", "out.xml"]).ends_with(1);
    let xml = tree::read(&folder.path().join("out.xml"));
    let document = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{error}\n{xml}"));
    let root = document.root_element();
    assert_eq!((root.attribute("tests"), root.attribute("failures")), (Some("7"), Some("6")));
    let suites: Vec<_> = root.children().filter(|node| node.has_tag_name("testsuite")).collect();
    let names: Vec<_> = suites.iter().filter_map(|suite| suite.attribute("name")).collect();
    assert_eq!(names, ["failing.citadel", "good.citadel"]);
    let odd = document.descendants().find(|node| node.attribute("name") == Some("<it> &  'fails'"));
    let failure = odd.and_then(|case| case.first_element_child()).expect("a failure");
    assert_eq!(failure.attribute("type"), Some("expectation_failed"));
    assert!(failure.text().is_some_and(|text| text.contains("the run: failed after 10m3s")));
}

#[test]
fn a_thousand_tests_take_no_time_worth_mentioning() {
    let order = fixture("order.citadel");
    let (head, test) = order.split_at(order.find("test \"").expect("it has one"));
    let tests: String = (0..1_000).map(|n| test.replacen("test \"", &format!("test \"{n}: "), 1)).collect();
    let folder = Folder::new("test_huge")
        .with("common.citadel", fixture("common.citadel"))
        .with("huge.citadel", format!("{head}{tests}"));
    let begun = std::time::Instant::now();
    let ended = folder.citadel(&["test", "huge.citadel"]).ends_with(0);
    assert_eq!(ended.stderr.trim(), "1000 tests passed");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
