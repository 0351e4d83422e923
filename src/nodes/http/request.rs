use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, Response, Url};

use super::auth::{self, Auth};
use super::{answer, fault, redirect};
use crate::nodes::{Call, Context, Executor, Future, NodeError};
use crate::value::{Key, Value};

/// The executor of the kind.
pub(in crate::nodes) struct HttpRequest;

impl Executor for HttpRequest {
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a> {
        Box::pin(execute(call, context))
    }
}

/// A request, secrets filled in, as it is sent to one place after the other.
struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    /// Names of headers that stay with the origin that they were written for.
    own: Vec<reqwest::header::HeaderName>,
    body: Option<Vec<u8>>,
    auth: Option<Auth>,
}

async fn execute(call: &Call, context: &Context) -> Result<Value, NodeError> {
    let filled = Call { input: context.secrets().fill(&call.input), ..call.clone() };
    let mut request = Request::new(&filled)?;
    let most = filled.count("follow_redirects").unwrap_or(5);
    let mut is_fresh = false;
    let mut followed = 0;
    loop {
        let response = request.send(context, is_fresh).await?;
        let status = response.status();
        if status.as_u16() == 401 && !is_fresh && request.auth.as_ref().is_some_and(Auth::is_renewable) {
            is_fresh = true;
            continue;
        }
        let next = if answer::is_accepted(&filled, status) {
            None
        } else {
            redirect::target(status, response.headers(), &request.url)?
        };
        let Some(next) = next.filter(|_| most > 0) else {
            return answer::read(&filled, response, &shown(&request.method, &request.url)).await;
        };
        followed += 1;
        if followed > most {
            return Err(NodeError::new("TooManyRedirects", format!("more than {most} redirects")));
        }
        request.follow(redirect::method(status, &request.method), next);
    }
}

impl Request {
    fn new(call: &Call) -> Result<Self, NodeError> {
        let method: Method = call.text("method").unwrap_or("GET").parse().unwrap_or(Method::GET);
        let (headers, own) = headers(call, &method)?;
        let mut request = Self { url: url(call)?, method, headers, own, body: None, auth: None };
        request.set_body(call)?;
        if let Some(auth) = call.field("auth") {
            request.auth = Auth::read(auth)?;
        }
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
            self.headers.insert(CONTENT_TYPE, auth::header(kind)?);
        }
        Ok(())
    }

    async fn send(&self, context: &Context, is_fresh: bool) -> Result<Response, NodeError> {
        let client = context.client();
        let mut headers = self.headers.clone();
        if let Some(auth) = &self.auth {
            auth.apply(&mut headers, client, is_fresh).await?;
        }
        let mut builder = client.request(self.method.clone(), self.url.clone())?.headers(headers);
        if let Some(body) = &self.body {
            builder = builder.body(body.clone());
        }
        let to = shown(&self.method, &self.url);
        builder.send().await.map_err(|error| fault::of_request(&error, &to))
    }

    /// Goes on to another place. What proves who sends it stays behind where that is another's.
    fn follow(&mut self, method: Method, url: Url) {
        if method != self.method {
            self.body = None;
            self.headers.remove(CONTENT_TYPE);
        }
        if !redirect::is_same_origin(&self.url, &url) {
            self.auth = None;
            for name in self.own.drain(..) {
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

fn url(call: &Call) -> Result<Url, NodeError> {
    let text = call.text("url").unwrap_or_default();
    let mut url = Url::parse(text).map_err(|error| {
        NodeError::new("InvalidUrl", format!("the url can't be read: {error}")).before_effect()
    })?;
    if let Some(Value::Map(query)) = call.field("query") {
        let mut pairs = url.query_pairs_mut();
        for (key, value) in query.iter() {
            each_text(value, &mut |text| {
                pairs.append_pair(&name_of(key), text);
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

fn name_of(key: &Key) -> String {
    key.to_string()
}

fn headers(call: &Call, method: &Method) -> Result<(HeaderMap, Vec<reqwest::header::HeaderName>), NodeError> {
    let mut headers = HeaderMap::new();
    let mut own = Vec::new();
    if let Some(Value::Map(written)) = call.field("headers") {
        for (key, value) in written.iter() {
            let name = auth::name(&name_of(key))?;
            if let Some(text) = value.print() {
                headers.insert(name.clone(), auth::header(&text)?);
                own.push(name);
            }
        }
    }
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
    let key = call.text("idempotency_key").or((!is_safe).then_some(call.key.as_str()));
    if let Some(key) = key.filter(|_| !headers.contains_key("idempotency-key")) {
        headers.insert("idempotency-key", auth::header(key)?);
    }
    own.retain(|name| *name != CONTENT_TYPE && name.as_str() != "accept");
    Ok((headers, own))
}

fn json_text(value: &Value) -> Result<Vec<u8>, NodeError> {
    let json = value.to_json().map_err(|error| {
        NodeError::new("ExpressionError", format!("`json` can't be sent: {error}")).before_effect()
    })?;
    Ok(json.to_string().into_bytes())
}

fn form_text(form: &Value) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    if let Value::Map(fields) = form {
        for (key, value) in fields.iter() {
            each_text(value, &mut |value| {
                text.append_pair(&name_of(key), value);
            });
        }
    }
    text.finish()
}
