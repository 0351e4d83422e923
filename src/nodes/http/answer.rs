use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Response, StatusCode};

use super::{body, refusal};
use crate::nodes::{Call, NodeError, Scrubber};
use crate::value::{Key, Map, Mismatches, Shape, Value};

/// The largest body, where the author says nothing, in bytes.
const MAX_RESPONSE: usize = 1 << 20;

/// How many places where a body doesn't fit a message names.
const MOST_MISMATCHES: usize = 20;

/// Whether a status is no error: one of `accept`, which names statuses and classes such as `2xx`.
pub(super) fn is_accepted(call: &Call, status: StatusCode) -> bool {
    let matches = |value: &Value| match value {
        Value::Int(code) => *code == i64::from(status.as_u16()),
        Value::String(text) => {
            let digits = status.as_str();
            text.len() == digits.len()
                && text.chars().zip(digits.chars()).all(|(wanted, digit)| wanted == 'x' || wanted == digit)
        }
        _ => false,
    };
    match call.field("accept") {
        Some(Value::List(accepted)) => accepted.iter().any(matches),
        _ => status.is_success(),
    }
}

/// The output that an answer comes to, or its error.
pub(super) async fn read(
    call: &Call,
    scrubber: &Scrubber,
    response: Response,
    to: &str,
) -> Result<Value, NodeError> {
    let status = response.status();
    if !is_accepted(call, status) {
        return Err(refusal::read(scrubber, response, to).await);
    }
    let headers = response.headers().clone();
    let body = body::whole(response, call.count("max_response").unwrap_or(MAX_RESPONSE), to).await?;
    let body = decoded(call, &headers, &body)
        .map_err(|reason| NodeError::new("TypeMismatch", format!("{to}: {reason}")))?;
    let fields = [
        ("status", Value::Int(i64::from(status.as_u16()))),
        ("headers", header_map(&headers)),
        ("body", body),
    ];
    Ok(Value::Map(Map::record(fields)))
}

/// Headers by lower-case name; the values of one that comes several times in one text.
pub(super) fn header_map(headers: &HeaderMap) -> Value {
    let mut map = Map::new();
    for name in headers.keys() {
        let values: Vec<String> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        map.insert(Key::String(name.as_str().into()), Value::from(values.join(", ")));
    }
    Value::Map(map)
}

/// The body as the node's `response` says; without one by its content type.
fn decoded(call: &Call, headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let Some(shape) = call.borders.get("response") else {
        return match body {
            [] => Ok(Value::Null),
            _ if is_json(headers) => Ok(Value::from_json(&json(body)?)),
            _ => text(body).map_err(|reason| format!("{reason}; `response: bytes` takes it as it is")),
        };
    };
    match call.shapes.get(*shape) {
        Shape::String => text(body),
        Shape::Bytes => Ok(Value::Bytes(body.iter().copied().collect())),
        _ => call.shapes.decode(*shape, &json(body)?).map_err(|mismatches| listed(&mismatches)),
    }
}

fn text(body: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    Ok(Value::from(text.to_owned()))
}

/// The JSON of a body; an empty one is null. A byte order mark says nothing.
fn json(body: &[u8]) -> Result<serde_json::Value, String> {
    match body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body) {
        [] => Ok(serde_json::Value::Null),
        body => serde_json::from_slice(body).map_err(|_| "the body is not JSON".to_owned()),
    }
}

fn listed(mismatches: &Mismatches) -> String {
    let Mismatches(all) = mismatches;
    let mut texts: Vec<String> = all.iter().take(MOST_MISMATCHES).map(ToString::to_string).collect();
    if let Some(more) = all.len().checked_sub(MOST_MISMATCHES).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    texts.join("; ")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}
