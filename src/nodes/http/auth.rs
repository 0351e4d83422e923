use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use super::client::Client;
use super::fault;
use crate::nodes::NodeError;
use crate::value::Value;

/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(10);

/// The largest answer with a token, in bytes.
const MAX_ANSWER: u64 = 64 << 10;

/// How a request proves who sends it.
pub(super) enum Auth {
    Header(HeaderName, HeaderValue),
    OAuth2 { token_url: String, id: String, secret: String, scopes: String },
}

impl Auth {
    /// From the form `{ form, arguments }`, secrets filled in.
    pub(super) fn read(value: &Value) -> Result<Option<Self>, NodeError> {
        let (Some(Value::String(form)), Some(Value::List(arguments))) =
            (value.field("form"), value.field("arguments"))
        else {
            return Ok(None);
        };
        let text = |index: usize| match arguments.get(index) {
            Some(Value::String(text)) => text.as_str(),
            _ => "",
        };
        Ok(Some(match form.as_str() {
            "bearer" => Self::Header(AUTHORIZATION, header(&format!("Bearer {}", text(0)))?),
            "basic" => Self::Header(AUTHORIZATION, header(&basic(text(0), text(1)))?),
            "api_key" => Self::Header(name(text(0))?, header(text(1))?),
            _ => Self::OAuth2 {
                token_url: text(0).to_owned(),
                id: text(1).to_owned(),
                secret: text(2).to_owned(),
                scopes: scopes(arguments.get(3)),
            },
        }))
    }

    fn key(&self) -> Option<String> {
        match self {
            Self::Header(..) => None,
            Self::OAuth2 { token_url, id, scopes, .. } => Some(format!("{token_url}\n{id}\n{scopes}")),
        }
    }

    /// Adds what proves it. With `is_fresh` a token is asked for even where one is known.
    pub(super) async fn apply(
        &self,
        headers: &mut HeaderMap,
        client: &Client,
        is_fresh: bool,
    ) -> Result<(), NodeError> {
        let (name, value) = match self {
            Self::Header(name, value) => (name.clone(), value.clone()),
            Self::OAuth2 { token_url, id, secret, scopes } => {
                let key = self.key().unwrap_or_default();
                let known = client.token(&key).filter(|_| !is_fresh);
                let token = match known {
                    Some(token) => token,
                    None => {
                        let (token, time) = fetch(client, token_url, id, secret, scopes).await?;
                        client.keep_token(&key, Some((token.clone(), time)));
                        token
                    }
                };
                (AUTHORIZATION, header(&format!("Bearer {token}"))?)
            }
        };
        let mut value = value;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    }

    /// Whether a refused request may be right with a new token.
    pub(super) fn is_renewable(&self) -> bool {
        matches!(self, Self::OAuth2 { .. })
    }
}

fn scopes(value: Option<&Value>) -> String {
    let Some(Value::List(scopes)) = value else { return String::new() };
    let texts: Vec<&str> = scopes
        .iter()
        .filter_map(|scope| match scope {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    texts.join(" ")
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {pair}")
}

/// Asks for a token with the client's credentials (RFC 6749, section 4.4).
async fn fetch(
    client: &Client,
    token_url: &str,
    id: &str,
    secret: &str,
    scopes: &str,
) -> Result<(String, Duration), NodeError> {
    let url = Url::parse(token_url)
        .map_err(|_| NodeError::new("InvalidUrl", "the token url is no url").before_effect())?;
    let to = super::request::shown(&Method::POST, &url);
    let request = client
        .request(Method::POST, url)?
        .header(AUTHORIZATION, header(&basic(id, secret))?)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(credentials_form(scopes));
    let answer = request.send().await.map_err(|error| fault::of_request(&error, &to).before_effect())?;
    let status = answer.status();
    if !status.is_success() {
        let name = if status.is_server_error() { "HttpServerError" } else { "HttpClientError" };
        return Err(NodeError::new(name, format!("{to} answered {}", status.as_u16())).before_effect());
    }
    if answer.content_length().is_some_and(|length| length > MAX_ANSWER) {
        return Err(NodeError::new("ResponseTooLarge", format!("{to} answered too much")).before_effect());
    }
    let bytes = answer.bytes().await.map_err(|error| fault::of_request(&error, &to).before_effect())?;
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(token) = json.get("access_token").and_then(|token| token.as_str()) else {
        return Err(NodeError::new("HttpClientError", format!("{to} gave no access token")).before_effect());
    };
    let seconds = json.get("expires_in").and_then(serde_json::Value::as_u64).unwrap_or(300);
    Ok((token.to_owned(), Duration::from_secs(seconds.min(86_400)).saturating_sub(MARGIN)))
}

fn credentials_form(scopes: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if !scopes.is_empty() {
        form.append_pair("scope", scopes);
    }
    form.finish()
}

/// A header's value, which has no line ends.
pub(super) fn header(text: &str) -> Result<HeaderValue, NodeError> {
    HeaderValue::from_str(text).or_else(|_| HeaderValue::from_bytes(text.as_bytes())).map_err(|_| {
        NodeError::new("InvalidUrl", "a header holds a line end or another control character").before_effect()
    })
}

/// A header's name.
pub(super) fn name(text: &str) -> Result<HeaderName, NodeError> {
    text.parse()
        .map_err(|_| NodeError::new("InvalidUrl", format!("`{text}` is no header name")).before_effect())
}
