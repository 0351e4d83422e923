//! What the machine does where several things meet.

mod ends;
mod loops;
mod nodes;
mod signals;

/// A request that is made once.
const GET: &str = "http_request { url: \"https://example.com\", response: json, retry: none }";

/// The same with more fields.
fn get(fields: &str) -> String {
    format!("http_request {{ url: \"https://example.com\", response: json, retry: none, {fields} }}")
}
