use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use reqwest::{Method, Url};

use super::auth::Auth;
use super::header;
use super::redirect;
use crate::nodes::{Call, NodeError, Secrets};
use crate::value::{Key, Value};

/// The header that tells a server which requests are one.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What is in the names of headers that prove who sends a request: `Authorization`, `Cookie`, `X-Api-Key` and their like.
const PROVING: [&str; 7] = ["auth", "cookie", "key", "password", "secret", "session", "token"];

/// A request, secrets filled in, as it is sent to one place after the other.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    /// Names of headers that prove who sends it, or are secret: they stay with the origin that they were written for.
    private: Vec<HeaderName>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) has_secret_body: bool,
    pub(super) auth: Option<Auth>,
}

impl Request {
    /// The request of a call. `written` is its input before secrets were filled in.
    pub(super) fn new(call: &Call, written: &Value) -> Result<Self, NodeError> {
        let method = method(call)?;
        let mut headers = headers(call)?;
        set_idempotency_key(&mut headers, call, &method)?;
        let bodies = ["json", "body", "form"];
        let mut request = Self {
            url: url(call)?,
            private: private(&headers, written),
            headers,
            method,
            body: None,
            has_secret_body: bodies.iter().any(|name| written.field(name).is_some_and(Secrets::are_in)),
            auth: call.field("auth").map(Auth::read).transpose()?,
        };
        request.set_body(call)?;
        Ok(request)
    }

    fn set_body(&mut self, call: &Call) -> Result<(), NodeError> {
        let (bytes, kind) = match (call.field("json"), call.field("body"), call.field("form")) {
            (Some(json), _, _) => (json_text(json)?, "application/json"),
            (_, Some(Value::Bytes(bytes)), _) => (bytes.to_vec(), "application/octet-stream"),
            (_, Some(Value::String(text)), _) => (text.as_bytes().to_vec(), "text/plain; charset=utf-8"),
            (_, _, Some(form)) => (form_text(form).into_bytes(), "application/x-www-form-urlencoded"),
            _ => return Ok(()),
        };
        self.body = Some(bytes);
        if !self.headers.contains_key(CONTENT_TYPE) {
            self.headers.insert(CONTENT_TYPE, header::value(kind)?);
        }
        Ok(())
    }

    /// Goes on to another place. What proves who sends it stays behind where that is another's.
    pub(super) fn follow(&mut self, method: Method, mut url: Url) {
        if method != self.method {
            self.body = None;
            self.has_secret_body = false;
            self.headers.remove(CONTENT_TYPE);
        }
        if !redirect::is_same_origin(&self.url, &url) {
            // Who redirects doesn't say as whom. Only a url without a host has no place for it.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            self.auth = None;
            for name in self.private.drain(..) {
                self.headers.remove(name);
            }
        }
        (self.method, self.url) = (method, url);
    }
}

/// Where a request goes, as messages say it: without user, query and fragment, which may hold secrets.
pub(super) fn shown(method: &Method, url: &Url) -> String {
    let mut plain = url.clone();
    plain.set_query(None);
    plain.set_fragment(None);
    // Only a url without a host has no place for them.
    let _ = plain.set_username("");
    let _ = plain.set_password(None);
    format!("{method} {plain}")
}

fn method(call: &Call) -> Result<Method, NodeError> {
    let text = call.text("method").unwrap_or("GET");
    text.parse().map_err(|_| header::unfit(format!("`{text}` is no method")))
}

fn url(call: &Call) -> Result<Url, NodeError> {
    let text = call.text("url").unwrap_or_default();
    let mut url = Url::parse(text).map_err(|error| {
        NodeError::new("InvalidUrl", format!("the url can't be read: {error}")).before_effect()
    })?;
    if let Some(Value::Map(query)) = call.field("query") {
        let mut pairs = url.query_pairs_mut();
        for (key, value) in query.iter() {
            each_text(value, &mut |text| {
                pairs.append_pair(&key.to_string(), text);
            });
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    Ok(url)
}

/// The texts of a value that is one, or several; none where there is none.
fn each_text(value: &Value, take: &mut impl FnMut(&str)) {
    match value {
        Value::Optional(None) | Value::Null => {}
        Value::Optional(Some(inner)) => each_text(inner, take),
        Value::List(list) => list.iter().for_each(|item| each_text(item, take)),
        value => take(&value.print().unwrap_or_default()),
    }
}

fn headers(call: &Call) -> Result<HeaderMap, NodeError> {
    let mut headers = HeaderMap::new();
    let Some(Value::Map(written)) = call.field("headers") else { return Ok(headers) };
    for (key, value) in written.iter() {
        let name = header::own_name(&key.to_string())?;
        let mut texts = Vec::new();
        each_text(value, &mut |text| texts.push(text.to_owned()));
        for text in texts {
            headers.append(name.clone(), header::value(&text)?);
        }
    }
    Ok(headers)
}

/// The author's own header or key, or else the execution's where the method is not safe to repeat.
fn set_idempotency_key(headers: &mut HeaderMap, call: &Call, method: &Method) -> Result<(), NodeError> {
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    let key = call.text("idempotency_key").or((!is_safe).then_some(call.key.as_str()));
    if let Some(key) = key.filter(|_| !headers.contains_key(IDEMPOTENCY_KEY)) {
        headers.insert(IDEMPOTENCY_KEY, header::value(key)?);
    }
    Ok(())
}

fn private(headers: &HeaderMap, written: &Value) -> Vec<HeaderName> {
    let is_secret = |name: &HeaderName| match written.field("headers") {
        Some(Value::Map(written)) => {
            written.iter().any(|(key, value)| is_named(key, name) && Secrets::are_in(value))
        }
        _ => false,
    };
    let is_proof = |name: &HeaderName| {
        *name != IDEMPOTENCY_KEY && PROVING.iter().any(|word| name.as_str().contains(word))
    };
    headers.keys().filter(|name| is_proof(name) || is_secret(name)).cloned().collect()
}

fn is_named(key: &Key, name: &HeaderName) -> bool {
    matches!(key, Key::String(text) if text.eq_ignore_ascii_case(name.as_str()))
}

fn json_text(value: &Value) -> Result<Vec<u8>, NodeError> {
    let json = value.to_json().map_err(|error| header::unfit(format!("`json` can't be sent: {error}")))?;
    Ok(json.to_string().into_bytes())
}

fn form_text(form: &Value) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    if let Value::Map(fields) = form {
        for (key, value) in fields.iter() {
            each_text(value, &mut |value| {
                text.append_pair(&key.to_string(), value);
            });
        }
    }
    text.finish()
}
