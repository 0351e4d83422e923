use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::header;
use super::token;
use crate::nodes::NodeError;
use crate::value::Value;

/// How a request proves who sends it.
pub(super) enum Auth {
    /// By a header that is always the same.
    Header(HeaderName, HeaderValue),
    /// By a token that a server gives this client.
    Token(token::Client),
}

impl Auth {
    /// From the form `{ form, arguments }`, secrets filled in.
    pub(super) fn read(value: &Value) -> Result<Self, NodeError> {
        let unknown = || header::unfit("`auth` has no form that is known".to_owned());
        let Some(Value::List(arguments)) = value.field("arguments") else { return Err(unknown()) };
        let Some(Value::String(form)) = value.field("form") else { return Err(unknown()) };
        let text = |index: usize| match arguments.get(index) {
            Some(Value::String(text)) => text.as_str(),
            _ => "",
        };
        Ok(match form.as_str() {
            "bearer" => Self::Header(AUTHORIZATION, header::secret(&format!("Bearer {}", text(0)))?),
            "basic" => Self::Header(AUTHORIZATION, header::secret(&basic(text(0), text(1)))?),
            "api_key" => Self::Header(header::own_name(text(0))?, header::secret(text(1))?),
            "oauth2" => Self::Token(token::Client {
                url: text(0).to_owned(),
                id: text(1).to_owned(),
                secret: text(2).to_owned(),
                scopes: scopes(arguments.get(3)),
            }),
            _ => return Err(unknown()),
        })
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

/// The value of a header of basic authorization.
pub(super) fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    format!("Basic {pair}")
}
