use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::arguments::EvalArguments;
use super::failure::Failure;
use super::notation::Literal;
use super::terminal;
use crate::check::expr::cel::Declaration;
use crate::compile::expression;
use crate::diagnostic::Finding;
use crate::diagnostic::render::{Renderer, escaped};
use crate::engine::{EvalError, Evaluator, Failure as Unvalued, Variables};
use crate::plan::expr::Variable;
use crate::source::Sources;
use crate::types::Type;
use crate::value::Value;

/// `citadel eval`: an expression from the command line, or many from standard input.
pub(super) fn eval(arguments: &EvalArguments) -> Result<ExitCode, Failure> {
    match &arguments.expression {
        Some(text) => one(text, arguments.bindings.as_deref()),
        None => many(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()).map_err(Failure::Output),
    }
}

/// Prints value and type; 1 where there is none.
fn one(text: &str, bindings: Option<&Path>) -> Result<ExitCode, Failure> {
    let mut names = Names::default();
    if let Some(path) = bindings {
        let bytes = std::fs::read(path).map_err(Failure::io(path))?;
        let no_object =
            || Failure::Usage(format!("{}: it is no JSON object of names and values", path.display()));
        let bound: serde_json::Map<String, Json> = serde_json::from_slice(&bytes).map_err(|_| no_object())?;
        for (name, json) in bound {
            let value = read(json);
            names.add(&name, type_of(&value), Some(value));
        }
    }
    let compiled = match expression(text, &names.declarations, true) {
        Ok(compiled) => compiled,
        Err(findings) => return Ok(refuse(text, &findings)),
    };
    match Evaluator::new().evaluate(&compiled.code, &names) {
        Ok(value) => {
            let text = format!("{}: {}\n", escaped(&Literal(&value).to_string()), compiled.ty.cel_text());
            std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            terminal::complain(&format!("error: {}", names.describe(&error)));
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Draws what is wrong with an expression, on standard error.
fn refuse(text: &str, findings: &[Finding]) -> ExitCode {
    let mut sources = Sources::default();
    sources.add_text(Path::new("expression"), text);
    let (renderer, handler) = (Renderer::new(&sources), terminal::handler(&std::io::stderr()));
    for finding in findings {
        let _ = writeln!(std::io::stderr(), "{}", renderer.drawn(&handler, finding));
    }
    ExitCode::FAILURE
}

/// A value in the tagged form of `--stdin`, `{"int": "5"}`, or what plain JSON stands for.
fn read(json: Json) -> Value {
    let plain = Value::from_json(&json);
    serde_json::from_value(json).unwrap_or(plain)
}

/// The narrowest type of a value.
fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Uint(_) => Type::Uint,
        Value::Double(_) => Type::Double,
        Value::String(_) => Type::String,
        Value::Bytes(_) => Type::Bytes,
        Value::Duration(_) => Type::Duration,
        Value::Timestamp(_) => Type::Timestamp,
        Value::List(list) => Type::list(common(list.iter().map(type_of))),
        Value::Map(map) => {
            let keys = common(map.iter().map(|(key, _)| type_of(&key.clone().into())));
            Type::map(keys, common(map.iter().map(|(_, value)| type_of(value))))
        }
        Value::Optional(_) | Value::Type(_) | Value::Template(_) => Type::Dyn,
    }
}

fn common(mut types: impl Iterator<Item = Type>) -> Type {
    let first = types.next().unwrap_or(Type::Dyn);
    if types.all(|ty| ty == first) { first } else { Type::Dyn }
}

/// The names of an expression, by the index of their declaration.
#[derive(Default)]
struct Names {
    declarations: Vec<Declaration>,
    values: Vec<Option<Value>>,
}

impl Names {
    fn add(&mut self, name: &str, ty: Type, value: Option<Value>) {
        self.declarations.push(Declaration { name: name.into(), ty });
        self.values.push(value);
    }

    /// What went wrong, with the name of what has no value.
    fn describe(&self, error: &EvalError) -> String {
        let declared = match error.failure() {
            Unvalued::Unavailable(Variable::Binding(index)) => self.declarations.get(*index as usize),
            _ => None,
        };
        declared.map_or_else(|| error.to_string(), |declared| format!("`{}` has no value", declared.name))
    }

    /// Declared names with their types, then bindings without a declaration.
    fn of(question: &Question) -> Result<Self, String> {
        let mut names = Self::default();
        for Declared { name, ty } in &question.type_env {
            let ty = Type::parse_cel(ty).map_err(|error| error.to_string())?;
            names.add(name, ty, question.bindings.get(name).cloned());
        }
        for (name, value) in &question.bindings {
            if !question.type_env.iter().any(|declared| declared.name == *name) {
                names.add(name, Type::Dyn, Some(value.clone()));
            }
        }
        Ok(names)
    }
}

impl Variables for Names {
    fn get(&self, variable: Variable) -> Option<&Value> {
        match variable {
            Variable::Binding(index) => self.values.get(index as usize)?.as_ref(),
            _ => None,
        }
    }
}

/// A line of `citadel eval --stdin`.
#[derive(Deserialize)]
struct Question {
    expr: String,
    #[serde(default)]
    type_env: Vec<Declared>,
    #[serde(default)]
    bindings: std::collections::BTreeMap<String, Value>,
    #[serde(default)]
    disable_check: bool,
    #[serde(default)]
    check_only: bool,
}

#[derive(Deserialize)]
struct Declared {
    name: String,
    #[serde(rename = "type")]
    ty: String,
}

/// What is answered to a line.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Value {
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
        #[serde(rename = "type")]
        ty: String,
    },
    Error {
        error: String,
        phase: Phase,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Check,
    Eval,
}

/// Answers each line at once, so that another program can ask and wait.
fn many(input: &mut dyn BufRead, out: &mut dyn Write) -> std::io::Result<ExitCode> {
    let (mut line, mut evaluator) = (Vec::new(), Evaluator::new());
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let mut text = serde_json::to_vec(&answer(&line, &mut evaluator))?;
        text.push(b'\n');
        out.write_all(&text)?;
        out.flush()?;
    }
}

fn answer(line: &[u8], evaluator: &mut Evaluator) -> Answer {
    let refused = |error: String| Answer::Error { error, phase: Phase::Check };
    let question: Question = match serde_json::from_slice(line) {
        Ok(question) => question,
        Err(error) => return refused(error.to_string()),
    };
    let names = match Names::of(&question) {
        Ok(names) => names,
        Err(error) => return refused(error),
    };
    let compiled = match expression(&question.expr, &names.declarations, !question.disable_check) {
        Ok(compiled) => compiled,
        Err(findings) => {
            return refused(
                findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("; "),
            );
        }
    };
    let ty = compiled.ty.cel_text();
    if question.check_only {
        return Answer::Value { value: None, ty };
    }
    match evaluator.evaluate(&compiled.code, &names) {
        Ok(value) => Answer::Value { value: Some(value), ty },
        Err(error) => Answer::Error { error: names.describe(&error), phase: Phase::Eval },
    }
}
