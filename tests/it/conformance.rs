//! The cases of CEL's own conformance suite, from the folder that `CITADEL_CEL_SPEC` names.

use std::path::Path;

use citadel::check::expr::cel::Declaration;
use citadel::compile::expression;
use citadel::engine::{Evaluator, Variables};
use citadel::plan::expr::Variable;
use citadel::types::Type;
use citadel::value::Value;
use serde_json::Value as Json;

/// Cases that don't pass, by file and expression, and why.
const FAILING: &[(&str, &str)] = &[];

#[test]
fn cases_of_the_conformance_suite_pass() {
    let Some(folder) = std::env::var_os("CITADEL_CEL_SPEC") else {
        println!("CITADEL_CEL_SPEC names no folder: CEL's conformance suite did not run");
        return;
    };
    let (mut passed, mut failures) = (0, Vec::new());
    for (file, case) in cases(Path::new(&folder)) {
        match run(&case) {
            Ok(()) => passed += 1,
            Err(reason) => {
                failures.push((format!("{file}: {}", case["expr"].as_str().unwrap_or_default()), reason))
            }
        }
    }
    println!("{passed} of {} cases of CEL's conformance suite pass", passed + failures.len());
    let unexpected: Vec<String> = failures
        .iter()
        .filter(|(case, _)| !FAILING.iter().any(|(known, _)| known == case))
        .map(|(case, reason)| format!("{case}\n    {reason}"))
        .collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}

fn cases(folder: &Path) -> Vec<(String, Json)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder exists")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let content: Json = serde_json::from_str(&text).expect("the file is JSON");
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        cases.extend(
            content["tests"]
                .as_array()
                .cloned()
                .unwrap_or_default()
                .into_iter()
                .map(|case| (name.clone(), case)),
        );
    }
    cases
}

/// The values of the bindings, by the index of their declaration.
struct Bindings(Vec<Option<Value>>);

impl Variables for Bindings {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Binding(index) => self.0.get(index as usize)?.as_ref(),
            _ => None,
        }
    }
}

/// Declared names with their types, then bindings without a declaration.
fn names(case: &Json) -> (Vec<Declaration>, Bindings) {
    let bound = case["bindings"].as_object().cloned().unwrap_or_default();
    let value = |name: &str| bound.get(name).map(untagged);
    let mut declarations: Vec<Declaration> = Vec::new();
    for declared in case["type_env"].as_array().into_iter().flatten() {
        let name = declared["name"].as_str().unwrap_or_default();
        let ty = Type::parse_cel(declared["type"].as_str().unwrap_or_default()).expect("a type");
        declarations.push(Declaration { name: name.into(), ty });
    }
    for name in bound.keys() {
        if !declarations.iter().any(|declared| declared.name == name.as_str()) {
            declarations.push(Declaration { name: name.as_str().into(), ty: Type::Dyn });
        }
    }
    let values = declarations.iter().map(|declared| value(&declared.name)).collect();
    (declarations, Bindings(values))
}

fn run(case: &Json) -> Result<(), String> {
    let expect = &case["expect"];
    let (declarations, bindings) = names(case);
    let text = case["expr"].as_str().unwrap_or_default();
    let checked = !case["disable_check"].as_bool().unwrap_or_default();
    let wants_error = expect.get("error").is_some();
    let compiled = match expression(text, &declarations, checked) {
        Ok(compiled) => compiled,
        Err(_) if wants_error => return Ok(()),
        Err(findings) => {
            return Err(findings.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; "));
        }
    };
    if let Some(ty) = expect["type"].as_str()
        && compiled.ty.cel_text() != ty
    {
        return Err(format!("its type is {}, not {ty}", compiled.ty.cel_text()));
    }
    if case["check_only"].as_bool().unwrap_or_default() {
        return Ok(());
    }
    match Evaluator::new().evaluate(&compiled.code, &bindings) {
        Err(_) if wants_error => Ok(()),
        Err(error) => Err(error.to_string()),
        Ok(value) if wants_error => Err(format!("it gives {}", tagged(&value))),
        Ok(value) => same(&tagged(&value), &expect["value"]),
    }
}

fn tagged(value: &Value) -> Json {
    serde_json::to_value(value).expect("a value has a tagged form")
}

fn untagged(json: &Json) -> Value {
    serde_json::from_value(json.clone()).expect("a tagged value")
}

/// The tag is part of a value; the entries of a map come in any order; doubles by their value.
fn same(found: &Json, wanted: &Json) -> Result<(), String> {
    if canonical(found) == canonical(wanted) {
        Ok(())
    } else {
        Err(format!("it gives {found}, not {wanted}"))
    }
}

fn canonical(value: &Json) -> String {
    let Some((tag, content)) = value.as_object().and_then(|object| object.iter().next()) else {
        return value.to_string();
    };
    let list = |items: &Json| items.as_array().cloned().unwrap_or_default();
    match tag.as_str() {
        "double" => format!(
            "double {:?}",
            content.as_str().and_then(|text| text.parse::<f64>().ok()).map(f64::to_bits)
        ),
        "list" => format!("list [{}]", list(content).iter().map(canonical).collect::<Vec<_>>().join(", ")),
        "map" => {
            let mut entries: Vec<String> = list(content)
                .iter()
                .map(|entry| format!("{}: {}", canonical(&entry[0]), canonical(&entry[1])))
                .collect();
            entries.sort();
            format!("map {{{}}}", entries.join(", "))
        }
        _ => value.to_string(),
    }
}
