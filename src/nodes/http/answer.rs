use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use super::fault;
use crate::nodes::{Call, NodeError};
use crate::value::{Key, Map, Shape, Value};

/// The largest body, where the author says nothing, in bytes.
const MAX_RESPONSE: usize = 1 << 20;

/// How much of a body an error holds, in bytes.
const MAX_DETAIL: usize = 4 << 10;

/// The longest time that an answer may ask to wait.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3_600);

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
pub(super) async fn read(call: &Call, response: Response, to: &str) -> Result<Value, NodeError> {
    let status = response.status();
    let headers = response.headers().clone();
    let is_accepted = is_accepted(call, status);
    let most = if is_accepted { call.count("max_response").unwrap_or(MAX_RESPONSE) } else { MAX_DETAIL };
    let body = body(response, most, is_accepted, to).await?;
    if !is_accepted {
        return Err(refused(status, &headers, &body, to));
    }
    let fields = [
        ("status", Value::Int(i64::from(status.as_u16()))),
        ("headers", header_map(&headers)),
        ("body", decoded(call, &headers, &body, to)?),
    ];
    Ok(Value::Map(Map::record(fields)))
}

/// The decoded body up to a size. What is larger is an error where all of it is wanted, and cut off otherwise.
async fn body(mut response: Response, most: usize, is_whole: bool, to: &str) -> Result<Vec<u8>, NodeError> {
    let mut body = Vec::new();
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(body),
            Err(_) if !is_whole => return Ok(body),
            Err(error) if error.is_decode() => {
                return Err(NodeError::new("ConnectionFailed", format!("{to}: the body can't be decoded")));
            }
            Err(error) => return Err(fault::of_request(&error, to)),
        };
        let room = most - body.len();
        if chunk.len() > room && is_whole {
            let message = format!("{to}: the body is larger than {most} bytes");
            return Err(NodeError::new("ResponseTooLarge", message));
        }
        body.extend(chunk.iter().take(room));
        if body.len() == most && !is_whole {
            return Ok(body);
        }
    }
}

fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8], to: &str) -> NodeError {
    let name = match status.as_u16() {
        429 => "RateLimited",
        500.. => "HttpServerError",
        _ => "HttpClientError",
    };
    let details = [
        ("status", Value::Int(i64::from(status.as_u16()))),
        ("headers", header_map(headers)),
        ("body", Value::from(String::from_utf8_lossy(body).into_owned())),
    ];
    let error = NodeError::new(name, format!("{to} answered {}", status.as_u16())).with(details);
    NodeError { retry_after: retry_after(headers), ..error }
}

/// What `Retry-After` asks for: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wish = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => MAX_RETRY_AFTER,
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
            let now = jiff::Timestamp::now().as_second();
            Duration::from_secs(u64::try_from(date - now).unwrap_or(0))
        }
    };
    Some(wish.min(MAX_RETRY_AFTER))
}

fn header_map(headers: &HeaderMap) -> Value {
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
fn decoded(call: &Call, headers: &HeaderMap, body: &[u8], to: &str) -> Result<Value, NodeError> {
    let mismatch = |reason: String| NodeError::new("TypeMismatch", format!("{to}: {reason}"));
    let text = || String::from_utf8(body.to_vec()).map_err(|_| mismatch("the body is not UTF-8".to_owned()));
    let Some(shape) = call.borders.get("response") else {
        return Ok(match body {
            [] => Value::Null,
            _ if is_json(headers) => {
                let json = serde_json::from_slice(body);
                Value::from_json(&json.map_err(|_| mismatch("the body is not JSON".to_owned()))?)
            }
            _ => Value::from(String::from_utf8_lossy(body).into_owned()),
        });
    };
    match call.shapes.get(*shape) {
        Shape::String => Ok(Value::from(text()?)),
        Shape::Bytes => Ok(Value::Bytes(body.iter().copied().collect())),
        _ => {
            let json = if body.is_empty() {
                serde_json::Value::Null
            } else {
                serde_json::from_slice(body).map_err(|_| mismatch("the body is not JSON".to_owned()))?
            };
            call.shapes.decode(*shape, &json).map_err(|mismatches| mismatch(mismatches.to_string()))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind == "text/json" || kind.ends_with("+json")
}
