//! The cases of CEL's own conformance suite, from the folder that `CITADEL_CEL_SPEC` names, through
//! `citadel eval --stdin`.

use std::path::Path;

use citadel::value::Value;
use serde_json::Value as Json;

use crate::command::Folder;

/// The cases that don't pass: the file, the expression, and why. An entry whose case passes has to go.
const FAILING: &[(&str, &str, &str)] = &[];

#[test]
fn cases_of_the_conformance_suite_pass() {
    let Some(folder) = std::env::var_os("CITADEL_CEL_SPEC") else {
        println!("CITADEL_CEL_SPEC names no folder: CEL's conformance suite did not run");
        return;
    };
    let (mut passed, mut total, mut surprises) = (0, 0, Vec::new());
    for (name, cases) in files(Path::new(&folder)) {
        let failures = failures(&name, &cases);
        println!(
            "{name}: {} of {} cases of CEL's conformance suite pass",
            cases.len() - failures.len(),
            cases.len()
        );
        passed += cases.len() - failures.len();
        total += cases.len();
        surprises.extend(surprising(&name, &cases, &failures));
    }
    println!("{passed} of {total} cases of CEL's conformance suite pass");
    assert!(total > 0, "there are cases in the folder");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// The cases of each file.
fn files(folder: &Path) -> Vec<(String, Vec<Json>)> {
    let entries = std::fs::read_dir(folder).expect("the folder exists");
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("a readable file");
        let content: Json = serde_json::from_str(&text).expect("the file is JSON");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, content["tests"].as_array().cloned().unwrap_or_default())
    };
    paths.iter().map(|path| read(path)).collect()
}

/// The expressions that fail, and how.
fn failures(name: &str, cases: &[Json]) -> Vec<(String, String)> {
    let requests: String = cases.iter().map(|case| format!("{case}\n")).collect();
    let folder = Folder::new(&format!("conformance_{name}"));
    let ended = folder.citadel_reading(&requests, &["eval", "--stdin"]).ends_with(0);
    let answers: Vec<Json> =
        ended.stdout.lines().map(|line| serde_json::from_str(line).expect("an answer is JSON")).collect();
    assert_eq!(answers.len(), cases.len(), "{name}: an answer for each case");
    let judged = cases.iter().zip(&answers).filter(|(case, answer)| !meets(answer, &case["expect"]));
    judged
        .map(|(case, answer)| (expression(case).to_owned(), format!("{} gives {answer}", case["expect"])))
        .collect()
}

fn expression(case: &Json) -> &str {
    case["expr"].as_str().unwrap_or_default()
}

/// Whether an answer is the expected one: that there is an error, or the value and the type as far as they are told.
fn meets(answer: &Json, expected: &Json) -> bool {
    if expected.get("error").is_some() || answer.get("error").is_some() {
        return expected.get("error").is_some() && answer.get("error").is_some();
    }
    let value =
        expected.get("value").is_none_or(|value| answer.get("value").is_some_and(|found| same(found, value)));
    let ty = expected.get("type").is_none_or(|ty| answer.get("type") == Some(ty));
    value && ty
}

/// The tag is part of a value, NaN is NaN, and the entries of a map come in any order.
fn same(found: &Json, wanted: &Json) -> bool {
    let written = |json: &Json| {
        let value: Value = serde_json::from_value(json.clone()).expect("a value in the tagged form");
        serde_json::to_string(&value).expect("a value has a tagged form")
    };
    written(found) == written(wanted)
}

/// Failures that aren't listed, and listed ones that don't fail.
fn surprising(name: &str, cases: &[Json], failures: &[(String, String)]) -> Vec<String> {
    let is_listed = |text: &str| FAILING.iter().any(|(file, expr, _)| (*file, *expr) == (name, text));
    let fails = |text: &str| failures.iter().any(|(failing, _)| failing == text);
    let unlisted = failures.iter().filter(|(text, _)| !is_listed(text));
    let unlisted = unlisted.map(|(text, how)| format!("{name}: {text}\n    {how}"));
    let passing = cases.iter().map(expression).filter(|text| is_listed(text) && !fails(text));
    unlisted.chain(passing.map(|text| format!("{name}: {text}\n    is listed, and passes"))).collect()
}
