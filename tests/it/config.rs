//! How workflows are run: which source of a value wins, what is wrong with one, and what `citadel config` shows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use citadel::config::{Config, Engine, Inputs, Key, ProjectFile, Secret, Source, Temporal, Tls};
use serde_json::Value as Json;

use crate::command::{Ended, Folder};
use crate::tree;

/// A value for each key in the file, the profile, a variable and a flag, as JSON shows them, and quoted where TOML wants it.
const SAMPLES: [(&str, [&str; 4], bool); 14] = [
    ("address", ["file:1", "profile:2", "variable:3", "flag:4"], true),
    ("namespace", ["file", "profile", "variable", "flag"], true),
    ("task_queue", ["file", "profile", "variable", "flag"], true),
    ("workflow_timeout", ["1h", "2h", "3h", "4h"], true),
    ("activity_timeout", ["1s", "2s", "3s", "4s"], true),
    ("heartbeat_timeout", ["1m", "2m", "3m", "1d"], true),
    ("retry_attempts", ["1", "2", "4", "5"], false),
    ("max_concurrent_tasks", ["1", "2", "3", "4"], false),
    ("tls", ["true", "true", "true", "true"], false),
    ("tls_server_name", ["file", "profile", "variable", "flag"], true),
    ("tls_ca_file", ["file.pem", "profile.pem", "variable.pem", "flag.pem"], true),
    ("tls_cert_file", ["file.pem", "profile.pem", "variable.pem", "flag.pem"], true),
    ("tls_key_file", ["file.pem", "profile.pem", "variable.pem", "flag.pem"], true),
    ("api_key_env", ["FILE", "PROFILE", "VARIABLE", "FLAG"], true),
];

/// The lines `key = value` of all samples, from one of the sources.
fn section(column: usize) -> String {
    let line = |(key, values, is_quoted): &(&str, [&str; 4], bool)| {
        let quote = if *is_quoted { "\"" } else { "" };
        format!("{key} = {quote}{}{quote}\n", values[column])
    };
    SAMPLES.iter().map(line).collect()
}

fn json(ended: &Ended) -> Json {
    serde_json::from_str(&ended.stdout).expect("it is JSON")
}

/// Asserts that each key has the value of a source, and says so.
fn expect_all(document: &Json, column: usize, place: impl Fn(usize, &str) -> String) {
    for (at, (key, values, _)) in SAMPLES.iter().enumerate() {
        let found = &document["temporal"][key];
        let value = found["value"].as_str().map_or_else(|| found["value"].to_string(), str::to_owned);
        assert_eq!(value, values[column], "{key}: {found}");
        assert_eq!(found["place"], place(at, key), "{key}");
    }
}

#[test]
fn flags_win_over_variables_over_the_profile_over_the_file() {
    let toml = format!("[temporal]\n{}[profile.p.temporal]\n{}", section(0), section(1));
    let folder = Folder::new("config_sources").with("citadel.toml", toml);
    let keys = ["FILE", "PROFILE", "VARIABLE", "FLAG"].map(|name| (name.to_owned(), "k".to_owned()));
    let named = |key: &str| format!("CITADEL_TEMPORAL_{}", key.to_uppercase());
    let own = SAMPLES.iter().map(|(key, values, _)| (named(key), values[2].to_owned()));
    let with = |variables: &[(String, String)], arguments: &[&str]| {
        let variables: Vec<(&str, &str)> =
            keys.iter().chain(variables).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let arguments = [&["config", "--json"], arguments].concat();
        json(&folder.citadel_with(&variables, &arguments).ends_with(0))
    };
    let line = |first: usize| move |at: usize, _: &str| format!("citadel.toml:{}", first + at);

    expect_all(&with(&[], &[]), 0, line(2));
    expect_all(&with(&[], &["--profile", "p"]), 1, line(17));
    let variables: Vec<(String, String)> = own.collect();
    expect_all(&with(&variables, &["--profile", "p"]), 2, |_, key| named(key));
    let flag = |key: &str| format!("--{}", key.replace('_', "-"));
    let flags: Vec<String> =
        SAMPLES.iter().map(|(key, values, _)| format!("{}={}", flag(key), values[3])).collect();
    let mut arguments: Vec<&str> = flags.iter().map(String::as_str).collect();
    arguments.extend(["--profile", "p"]);
    expect_all(&with(&variables, &arguments), 3, |_, key| flag(key));
}

#[test]
fn what_nobody_says_is_the_default() {
    let ended = Folder::new("config_defaults").citadel(&["config"]).ends_with(0);
    let table = "\
temporal
  address               localhost:7233            default
  namespace             default                   default
  task_queue            citadel-agent-workflows   default
  workflow_timeout      1h                        default
  activity_timeout      10m                       default
  heartbeat_timeout     5m                        default
  retry_attempts        3                         default
  max_concurrent_tasks  100                       default
  tls                   off                       default
  tls_server_name       -                         default
  tls_ca_file           -                         default
  tls_cert_file         -                         default
  tls_key_file          -                         default
  api_key_env           CITADEL_TEMPORAL_API_KEY  default
  api_key               -                         default

engine
  default               embedded                  default
";
    assert_eq!(ended.stdout, table);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_nearest_file_upwards_is_read_and_its_paths_are_relative_to_it() {
    let folder = Folder::new("config_upwards")
        .with("citadel.toml", "[temporal]\ntls_ca_file = \"certs/ca.pem\"\n")
        .with("deep/down/a.citadel", "");
    let root = folder.path().to_owned();
    let ended = folder.citadel_below("deep/down", &["config", "--json"]).ends_with(0);
    assert_eq!(
        json(&ended)["temporal"]["tls_ca_file"]["value"],
        root.join("certs/ca.pem").display().to_string()
    );
    assert_eq!(json(&ended)["temporal"]["tls"]["value"], true);
}

/// One mistake alone: `citadel.toml`, variables, arguments, and what is said.
type Slip = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str], &'static str);

const SLIPS: &[Slip] = &[
    ("", &[], &["--address", "localhost"], "--address: `address` can't be this: `localhost` has no port"),
    ("", &[], &["--address", ":1"], "--address: `address` can't be this: `:1` has no host"),
    ("", &[], &["--address", "a:0"], "--address: `address` can't be this: `0` is no port"),
    ("", &[], &["--address", "a b:1"], "--address: `address` can't be this: `a b` is no host"),
    (
        "",
        &[("CITADEL_TEMPORAL_ADDRESS", "http://localhost:7233")],
        &[],
        "CITADEL_TEMPORAL_ADDRESS: `address` can't be this: it is a URL, and an address is a host and a port",
    ),
    ("", &[], &["--namespace", ""], "--namespace: `namespace` can't be this: it is empty"),
    ("", &[], &["--task-queue", " "], "--task-queue: `task_queue` can't be this: it is empty"),
    ("[temporal]\ntask_queue = \"\"", &[], &[], "citadel.toml:2: `task_queue` can't be this: it is empty"),
    (
        "",
        &[("CITADEL_TEMPORAL_WORKFLOW_TIMEOUT", "0s")],
        &[],
        "CITADEL_TEMPORAL_WORKFLOW_TIMEOUT: `workflow_timeout` can't be this: `0s` is not longer than no time",
    ),
    (
        "",
        &[],
        &["--activity-timeout", "-5m"],
        "--activity-timeout: `activity_timeout` can't be this: `-5m` is not longer than no time",
    ),
    (
        "",
        &[("CITADEL_TEMPORAL_HEARTBEAT_TIMEOUT", "5")],
        &[],
        "CITADEL_TEMPORAL_HEARTBEAT_TIMEOUT: `heartbeat_timeout` can't be this: `5` is no time",
    ),
    (
        "",
        &[],
        &["--workflow-timeout", "9999999d"],
        "--workflow-timeout: `workflow_timeout` can't be this: `9999999d` is longer than 10,000 years",
    ),
    (
        "",
        &[],
        &["--retry-attempts", "-1"],
        "--retry-attempts: `retry_attempts` can't be this: `-1` is no positive whole number",
    ),
    (
        "",
        &[("CITADEL_TEMPORAL_MAX_CONCURRENT_TASKS", "many")],
        &[],
        "CITADEL_TEMPORAL_MAX_CONCURRENT_TASKS: `max_concurrent_tasks` can't be this: `many` is no positive whole number",
    ),
    ("", &[], &["--tls=maybe"], "--tls: `tls` can't be this: `maybe` is neither `true` nor `false`"),
    (
        "",
        &[],
        &["--tls-cert-file", "a.pem"],
        "--tls-cert-file: `tls_cert_file` is of no use without `tls_key_file`",
    ),
    (
        "",
        &[("CITADEL_TEMPORAL_TLS_KEY_FILE", "a.pem")],
        &[],
        "CITADEL_TEMPORAL_TLS_KEY_FILE: `tls_key_file` is of no use without `tls_cert_file`",
    ),
    (
        "[temporal]\ntls = false",
        &[("CITADEL_TEMPORAL_TLS_CA_FILE", "a.pem")],
        &[],
        "citadel.toml:2: `tls` is off, and `tls_ca_file` needs it",
    ),
    (
        "",
        &[("CITADEL_TEMPORAL_API_KEY", "very-secret")],
        &["--tls=false"],
        "--tls: `tls` is off, and an API key needs it",
    ),
    (
        "[temporal]\napi_key_env = \"NOWHERE\"",
        &[],
        &[],
        "citadel.toml:2: the variable `NOWHERE` is to hold the API key, and it is not set",
    ),
    (
        "",
        &[("CITADEL_TEMPORAL_ADRESS", "a:1")],
        &[],
        "CITADEL_TEMPORAL_ADRESS: there is no variable of this name",
    ),
    ("[profile.prod]", &[], &["--profile", "prd"], "--profile: there is no profile `prd`"),
    ("", &[("CITADEL_PROFILE", "p")], &[], "CITADEL_PROFILE: there is no profile `p`"),
    ("[temporal]\nadress = \"a:1\"", &[], &[], "citadel.toml:2: `[temporal]` has no key `adress`"),
    (
        "[profile.p.temporal]\nadress = \"a:1\"",
        &[],
        &[],
        "citadel.toml:2: `[profile.p.temporal]` has no key `adress`",
    ),
    ("\n[temporl]", &[], &[], "citadel.toml:2: a project has no section `temporl`"),
    (
        "[temporal]\nworkflow_timeout = 60",
        &[],
        &[],
        "citadel.toml:2: `workflow_timeout` can't be this: it is not written as a text with a time",
    ),
    (
        "[engine]\ndefault = \"cloud\"",
        &[],
        &[],
        "citadel.toml:2: `default` can't be this: `cloud` is no engine",
    ),
    ("[workflows.w]\nengin = \"temporal\"", &[], &[], "citadel.toml:2: `[workflows.w]` has no key `engin`"),
    ("[workflows]\nw = \"temporal\"", &[], &[], "citadel.toml:2: `w` is a section"),
    (
        "[journal]\nretention = 30",
        &[],
        &[],
        "citadel.toml:2: `retention` can't be this: it is not written as a text with a time",
    ),
];

#[test]
fn a_mistake_is_one_sentence_that_says_who_made_it() {
    for (toml, variables, arguments, expected) in SLIPS {
        let folder = Folder::new("config_mistakes").with("citadel.toml", toml);
        let arguments = [&["config"], *arguments].concat();
        let ended = folder.citadel_with(variables, &arguments).ends_with(2);
        let mistakes: Vec<&str> =
            ended.stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
        assert_eq!(mistakes, [*expected], "{}", ended.stderr);
        assert_eq!(ended.stdout, "");
        assert!(!ended.stderr.contains("very-secret"), "{}", ended.stderr);
    }
}

#[test]
fn what_was_meant_is_suggested() {
    let folder = Folder::new("config_suggestions")
        .with("citadel.toml", "[temporal]\nadress = \"a:1\"\n[profile.production]\n[engin]\n");
    let variables = [("CITADEL_TEMPORAL_TASK_QEUE", "q")];
    let ended = folder.citadel_with(&variables, &["config", "--profile", "prodution"]).ends_with(2);
    for meant in ["address", "production", "engine", "CITADEL_TEMPORAL_TASK_QUEUE"] {
        assert!(
            ended.stderr.contains(&format!("help: did you mean `{meant}`?")),
            "{meant}: {}",
            ended.stderr
        );
    }
    assert_eq!(ended.stderr.matches("error: ").count(), 4, "{}", ended.stderr);
}

#[test]
fn a_file_that_is_no_toml_is_the_only_mistake() {
    let folder = Folder::new("config_syntax").with("citadel.toml", "[temporal\n");
    let ended = folder.citadel(&["config", "--profile", "p"]).ends_with(2);
    assert!(ended.stderr.starts_with("error: citadel.toml:1: this is no TOML: "), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("error: ").count(), 1, "{}", ended.stderr);
}

#[test]
fn an_api_key_is_used_and_never_shown() {
    let folder = Folder::new("config_key");
    let variables = [("CITADEL_TEMPORAL_API_KEY", "very-secret")];
    for arguments in [&["config"][..], &["config", "--json"]] {
        let ended = folder.citadel_with(&variables, arguments).ends_with(0);
        assert!(
            !ended.stdout.contains("very-secret") && ended.stdout.contains("(hidden)"),
            "{}",
            ended.stdout
        );
    }
    let variables: BTreeMap<String, String> =
        [("TOKEN", "very-secret\n"), ("CITADEL_TEMPORAL_API_KEY_ENV", "TOKEN")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    let config = read("", &variables).expect("it is right");
    assert_eq!(config.temporal().api_key().map(Secret::expose), Some("very-secret"));
    assert!(config.temporal().tls().is_some(), "a key isn't sent to whoever listens");
    assert!(!format!("{config:?}").contains("very-secret"));
}

fn read(toml: &str, variables: &BTreeMap<String, String>) -> Result<Config, citadel::config::Mistakes> {
    let file = ProjectFile::parse(Path::new("citadel.toml"), toml);
    Config::read(&Inputs { file: Some(&file), variables, flags: &BTreeMap::new(), profile: None })
}

#[test]
fn each_workflow_has_its_engine() {
    let nothing = BTreeMap::new();
    let named = read("[workflows.orders]\nengine = \"temporal\"", &nothing).expect("it is right");
    assert_eq!(named.engine_of("orders"), Engine::Temporal);
    assert_eq!(named.engine_of("others"), Engine::Embedded);
    let toml = "[engine]\ndefault = \"temporal\"\n[workflows.orders]\nengine = \"embedded\"";
    let reversed = read(toml, &nothing).expect("it is right");
    assert_eq!(reversed.engine_of("orders"), Engine::Embedded);
    assert_eq!(reversed.engine_of("others"), Engine::Temporal);
    assert_eq!(Config::default().engine_of("orders"), Engine::Embedded);
}

#[test]
fn a_program_says_it_in_code() {
    let right = Temporal::default()
        .with_address("[::1]:7233")
        .with_namespace("n")
        .with_task_queue("q")
        .with_workflow_timeout(Duration::from_secs(1))
        .with_activity_timeout(Duration::from_secs(2))
        .with_heartbeat_timeout(Duration::from_secs(3))
        .with_retry_attempts(4)
        .with_max_concurrent_tasks(5)
        .with_tls(Tls { server_name: Some("s".to_owned()), ..Tls::default() });
    right.validate().expect("it is right");
    assert_eq!((right.address(), right.namespace(), right.task_queue()), ("[::1]:7233", "n", "q"));
    assert_eq!(right.time_limit(), Some(Duration::from_secs(1)));
    assert_eq!(right.tls().and_then(|tls| tls.server_name).as_deref(), Some("s"));
    assert_eq!(Temporal::default().time_limit(), None, "a default ends no run");

    let wrong = Temporal::default()
        .with_address("nowhere")
        .with_namespace("")
        .with_task_queue("")
        .with_workflow_timeout(Duration::ZERO)
        .with_activity_timeout(Duration::ZERO)
        .with_heartbeat_timeout(Duration::ZERO)
        .with_retry_attempts(0)
        .with_max_concurrent_tasks(0)
        .with_tls(Tls { cert_file: Some(PathBuf::from("c")), ..Tls::default() });
    let mistakes = wrong.validate().expect_err("all of it is wrong").0;
    assert_eq!(mistakes.len(), 9);
    assert!(mistakes.iter().all(|mistake| mistake.source == Source::Code));
}

#[cfg(feature = "embedded")]
#[test]
fn settings_come_from_the_profile_and_its_temporal_table_is_none() {
    let file = "setting crm: string\nworkflow w { node n: data_transformer { value: crm } output { crm: n.value } }\n";
    let toml = "[profile.p]\ncrm = \"from the profile\"\n[profile.p.temporal]\nnamespace = \"n\"\n";
    let folder = Folder::new("config_profile").with("a.citadel", file).with("citadel.toml", toml);
    let ended = folder.citadel(&["run", "a.citadel", "--profile", "p"]).ends_with(0);
    assert_eq!(json(&ended)["crm"], "from the profile");
    let ended = folder.citadel(&["run", "a.citadel", "--profile", "q"]).ends_with(2);
    assert!(ended.stderr.contains("there is no profile `q`"), "{}", ended.stderr);
}

const PAGE: &str = "docs/configuration.md";

/// The blocks of the page, by what their fences say.
fn blocks(fence: &str) -> Vec<String> {
    let page = tree::read(&tree::path(PAGE));
    let begin = format!("```{fence}\n");
    page.split(&begin).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

/// What a line of a console block types: variables, then arguments.
fn typed(line: &str) -> (Vec<(&str, &str)>, Vec<&str>) {
    let words: Vec<&str> = line.trim_start_matches("$ ").split(' ').collect();
    let program = words.iter().position(|word| *word == "citadel").expect("it starts citadel");
    let variables = words[..program].iter().filter_map(|word| word.split_once('=')).collect();
    (variables, words[program + 1..].to_vec())
}

#[test]
fn the_page_shows_what_is_printed() {
    let [toml] = <[String; 1]>::try_from(blocks("toml")).expect("one citadel.toml");
    let empty = Folder::new("config_page_empty");
    let folder = Folder::new("config_page").with("citadel.toml", toml);
    let consoles = blocks("console");
    assert_eq!(consoles.len(), 2);
    for (console, folder) in consoles.iter().zip([folder, empty]) {
        let (line, printed) = console.split_once('\n').expect("a line to type");
        let (variables, arguments) = typed(line);
        let ended = folder.citadel_with(&variables, &arguments);
        assert_eq!(format!("{}{}", ended.stdout, ended.stderr), printed);
    }
}

#[test]
fn the_page_has_every_key_with_its_variable_and_its_flag() {
    let page = tree::read(&tree::path(PAGE));
    for key in Key::ALL {
        let row = format!("| `{}` | `{}` | `{}` |", key.name(), key.variable(), key.flag());
        assert!(page.contains(&row), "{PAGE} has no row {row}");
    }
}
