use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::failure;
use crate::nodes::{Call, Context, NodeError, http};
use crate::value::Value;

/// The header that tells a service which requests are one.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How much of an answer is read, in bytes: services send the message back.
const MAX_ANSWER: usize = 256 << 10;

/// A message on its way to a service that takes them over HTTP.
pub(super) struct Post {
    url: Url,
    /// Where it goes, as messages say it: most addresses of services are secrets as a whole.
    to: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What a service said.
pub(super) struct Answer {
    pub(super) to: String,
    pub(super) status: StatusCode,
    /// The beginning of the body.
    body: Vec<u8>,
    /// What of it an error shows, without secrets.
    pub(super) text: String,
    pub(super) retry_after: Option<Duration>,
}

impl Post {
    /// A message in JSON, with the key of its execution. `service` is what it is called.
    pub(super) fn json(
        call: &Call,
        service: &str,
        url: Url,
        json: &serde_json::Value,
    ) -> Result<Self, NodeError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(IDEMPOTENCY_KEY, http::header_value(&call.key)?);
        let to = format!("{service} ({})", url.host_str().unwrap_or("no host"));
        Ok(Self { url, to, headers, body: json.to_string().into_bytes() })
    }

    /// What it says, byte by byte.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Adds a header that is nobody's to see.
    pub(super) fn header(&mut self, name: &'static str, value: &str) -> Result<(), NodeError> {
        self.headers.insert(name, http::secret_header(value)?);
        Ok(())
    }

    /// Sends it, and reads what the service says. A redirect isn't followed: it would tell the message to another.
    pub(super) async fn send(self, client: &http::Client, context: &Context) -> Result<Answer, NodeError> {
        let request = client.request(context.egress(), Method::POST, self.url)?;
        let sent = request.headers(self.headers).body(self.body).send().await;
        let answer = sent.map_err(|error| http::of_request(&error, &self.to))?;
        let status = answer.status();
        let retry_after = http::retry_after(status, answer.headers());
        let body = http::beginning(answer, MAX_ANSWER).await;
        let text = http::told(context.scrubber(), &body, body.len() < MAX_ANSWER);
        Ok(Answer { to: self.to, status, body, text, retry_after })
    }
}

impl Answer {
    /// The error that the status names; none where it is a success as far as the status tells.
    pub(super) fn refusal(&self) -> Option<NodeError> {
        failure::of_status(self.status, &self.to, &self.text, self.retry_after)
    }

    /// The body as JSON, null where it is none.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// That the service didn't say that it has the message, whatever its status says.
    pub(super) fn unclear(&self) -> NodeError {
        let message = format!("{} answered {} without taking the message", self.to, self.status.as_u16());
        failure::answered("DeliveryFailed", message, self.status.as_u16(), &self.text)
    }

    /// That the service refused the message although its status is one of success.
    pub(super) fn refused(&self, name: &str) -> NodeError {
        let message = format!("{} refused the message", self.to);
        failure::answered(name, message, self.status.as_u16(), &self.text).before_effect()
    }
}

/// A field that is an address.
pub(super) fn url(call: &Call, field: &str) -> Result<Url, NodeError> {
    let text = call.text(field).unwrap_or_default();
    Url::parse(text).map_err(|error| failure::invalid(format!("`{field}` can't be read: {error}")))
}

/// The field that is the message.
pub(super) fn text(call: &Call) -> &str {
    call.text("text").unwrap_or_default()
}

/// A field as JSON.
pub(super) fn json(call: &Call, field: &str) -> Result<Option<serde_json::Value>, NodeError> {
    let value = call.field(field).map(Value::to_json).transpose();
    value.map_err(|error| failure::unfit(format!("`{field}` can't be sent: {error}")))
}
