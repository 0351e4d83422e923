use std::os::unix::process::ExitStatusExt;

use super::supervision::{Cause, End};
use crate::nodes::{Call, NodeError, Scrubber};
use crate::value::{Map, Mismatches, Shape, Value};

/// How much of standard error an error holds, in bytes.
const MAX_STDERR: usize = 4 << 10;

/// How many places where a result doesn't fit a message names.
const MOST_MISMATCHES: usize = 20;

/// The output that an ended script comes to, or its error.
pub(super) fn read(call: &Call, scrubber: &Scrubber, end: End) -> Result<Value, NodeError> {
    let stderr = String::from_utf8_lossy(&end.stderr).into_owned();
    let told = Value::from(last(&scrubber.text(&stderr), MAX_STDERR).to_owned());
    match (end.cause, end.status.code()) {
        (Some(Cause::Output), _) => Err(NodeError::new("OutputTooLarge", too_large(call))),
        (Some(Cause::Limit(limit)), _) => Err(killed(None, Some(limit), told)),
        (Some(Cause::Stopped), _) => Err(killed(Some("SIGTERM".to_owned()), None, told)),
        (None, Some(0)) => output(call, end.stdout, stderr),
        (None, Some(code)) => {
            let details = [("exit_code", Value::Int(i64::from(code))), ("stderr", told)];
            Err(NodeError::new("ScriptFailed", format!("the script ended with exit code {code}"))
                .with(details))
        }
        (None, None) => Err(killed(Some(name(end.status.signal().unwrap_or(0))), None, told)),
    }
}

fn too_large(call: &Call) -> String {
    let most = super::bounds::Bounds::of(call).output;
    format!("the script wrote more than {most} bytes to standard output and error")
}

fn killed(signal: Option<String>, limit: Option<&str>, stderr: Value) -> NodeError {
    let message = match (&signal, limit) {
        (_, Some("cpu_time")) => {
            "the script was killed: it used more time of the processor than it may".to_owned()
        }
        (_, Some("file_size")) => {
            "the script was killed: it wrote a file that is larger than it may be".to_owned()
        }
        (_, Some("files")) => "the script was killed: its folder held more than it may".to_owned(),
        (_, Some("processes")) => "the script was killed: it started more processes than it may".to_owned(),
        (_, Some(limit)) => format!("the script was killed: it used more {limit} than it may"),
        (Some(signal), None) => format!("the script was killed by {signal}"),
        (None, None) => "the script was killed".to_owned(),
    };
    let maybe = |text: Option<String>| text.map_or(Value::NONE, |text| Value::some(Value::from(text)));
    let details = [("signal", maybe(signal)), ("limit", maybe(limit.map(str::to_owned))), ("stderr", stderr)];
    NodeError::new("ScriptKilled", message).with(details)
}

/// The signals that end programs, by their numbers on Linux.
fn name(signal: i32) -> String {
    let known = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (5, "SIGTRAP"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (10, "SIGUSR1"),
        (11, "SIGSEGV"),
        (12, "SIGUSR2"),
        (13, "SIGPIPE"),
        (14, "SIGALRM"),
        (15, "SIGTERM"),
        (31, "SIGSYS"),
    ];
    let name = known.into_iter().find(|(number, _)| *number == signal);
    name.map_or_else(|| format!("signal {signal}"), |(_, name)| name.to_owned())
}

/// The end of a text, of at most so many bytes and whole characters.
fn last(text: &str, most: usize) -> &str {
    let from = text.len().saturating_sub(most);
    (from..=text.len()).find_map(|from| text.get(from..)).unwrap_or_default()
}

fn output(call: &Call, stdout: Vec<u8>, stderr: String) -> Result<Value, NodeError> {
    let mismatch = |reason: String| NodeError::new("TypeMismatch", reason);
    let stdout = String::from_utf8(stdout).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        mismatch(format!("standard output is not UTF-8: the byte at {at} can't be decoded"))
    })?;
    let result = result(call, &stdout).map_err(mismatch)?;
    let fields = [
        ("result", result),
        ("stdout", Value::from(stdout)),
        ("stderr", Value::from(stderr)),
        ("exit_code", Value::Int(0)),
    ];
    Ok(Value::Map(Map::record(fields)))
}

/// Standard output as the node's `format` and `returns` say.
fn result(call: &Call, stdout: &str) -> Result<Value, String> {
    let shape = call.borders.get("returns").copied();
    let declared = shape.map(|id| (id, call.shapes.get(id)));
    match (call.text("format"), declared) {
        (Some("json"), None) => Ok(Value::from_json(&json(stdout)?)),
        (Some("lines"), None) => Ok(lines(stdout).map(Value::from).collect()),
        (Some("lines"), Some((id, Shape::List(item)))) => {
            let is_text = matches!(call.shapes.get(*item), Shape::String);
            let items: Result<Vec<serde_json::Value>, String> = lines(stdout)
                .enumerate()
                .map(|(at, line)| match is_text {
                    true => Ok(line.into()),
                    false => json_line(line, at + 1),
                })
                .collect();
            fitted(call, id, &items?.into())
        }
        (Some("json") | Some("lines"), Some((id, _))) => fitted(call, id, &json(stdout)?),
        (_, None | Some((_, Shape::String))) => Ok(Value::from(one_end_less(stdout))),
        (_, Some((id, _))) => fitted(call, id, &json(stdout)?),
    }
}

fn fitted(call: &Call, shape: crate::value::ShapeId, json: &serde_json::Value) -> Result<Value, String> {
    call.shapes.decode(shape, json).map_err(|mismatches| listed(&mismatches))
}

/// The text without its last line's end, which programs print for whoever reads it.
fn one_end_less(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
}

// What serde says may quote what it found.

fn json_line(text: &str, line: usize) -> Result<serde_json::Value, String> {
    serde_json::from_str(text)
        .map_err(|error| format!("line {line} of standard output is not JSON, at column {}", error.column()))
}

fn json(text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| {
        format!("standard output is not JSON, at line {}, column {}", error.line(), error.column())
    })
}

fn listed(mismatches: &Mismatches) -> String {
    let Mismatches(all) = mismatches;
    let mut texts: Vec<String> =
        all.iter().take(MOST_MISMATCHES).map(|mismatch| format!("`result`: {mismatch}")).collect();
    if let Some(more) = all.len().checked_sub(MOST_MISMATCHES).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    texts.join("; ")
}
