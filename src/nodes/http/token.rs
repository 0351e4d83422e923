use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, Response, Url};

use super::request::shown;
use super::{auth, body, client, fault, header, refusal};
use crate::nodes::{Egress, NodeError, Scrubber};

/// How long before its end a token is not used any more.
const MARGIN: Duration = Duration::from_secs(10);

/// How long a token holds whose server doesn't say.
const UNSAID: Duration = Duration::from_secs(300);

/// How long a token is used at most.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The largest answer with a token, in bytes.
const MAX_ANSWER: usize = 64 << 10;

/// How many clients' tokens are kept.
const MOST_CLIENTS: usize = 1_000;

/// Who asks for a token, and for what (RFC 6749, section 4.4).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Client {
    pub(super) url: String,
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) scopes: String,
}

/// A token, until when it is used.
struct Token {
    text: String,
    until: Instant,
}

/// The place of a client's token: whoever holds it asks for one, and the others wait.
type Place = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The tokens that hold still.
#[derive(Default)]
pub(super) struct Tokens(Mutex<BTreeMap<Client, Place>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    /// A token that holds, another than the one that was refused.
    pub(super) async fn get(
        &self,
        client: &Client,
        http: &client::Client,
        egress: &Egress,
        refused: Option<&str>,
        scrubber: &Scrubber,
    ) -> Result<String, NodeError> {
        let place = self.place(client);
        let mut known = place.lock().await;
        let holds = |token: &&Token| Instant::now() < token.until && refused != Some(token.text.as_str());
        if let Some(token) = known.as_ref().filter(holds) {
            return Ok(token.text.clone());
        }
        *known = None;
        let token = client.fetch(http, egress, scrubber).await.map_err(NodeError::before_effect)?;
        Ok(known.insert(token).text.clone())
    }

    fn place(&self, client: &Client) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST_CLIENTS && !places.contains_key(client) {
            places.clear();
        }
        places.entry(client.clone()).or_default().clone()
    }
}

impl Client {
    async fn fetch(
        &self,
        http: &client::Client,
        egress: &Egress,
        scrubber: &Scrubber,
    ) -> Result<Token, NodeError> {
        let url = Url::parse(&self.url)
            .map_err(|error| NodeError::new("InvalidUrl", format!("the token url can't be read: {error}")))?;
        let to = shown(&Method::POST, &url);
        let request = http
            .request(egress, Method::POST, url)?
            .header(AUTHORIZATION, header::secret(&auth::basic(&encoded(&self.id), &encoded(&self.secret)))?)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form());
        let answer = request.send().await.map_err(|error| fault::of_request(&error, &to))?;
        if !answer.status().is_success() {
            return Err(refusal::read(scrubber, answer, &to).await);
        }
        read(answer, &to).await
    }

    fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.scopes.is_empty() {
            form.append_pair("scope", &self.scopes);
        }
        form.finish()
    }
}

async fn read(answer: Response, to: &str) -> Result<Token, NodeError> {
    let status = answer.status();
    let bytes = body::whole(answer, MAX_ANSWER, to).await?;
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let Some(text) = json.get("access_token").and_then(|token| token.as_str()) else {
        // What came instead may hold a token under another name, so nobody is shown it.
        let message = format!("{to} gave no access token");
        return Err(refusal::error("HttpClientError", message, status, &Default::default(), ""));
    };
    let time = json.get("expires_in").and_then(serde_json::Value::as_u64).map_or(UNSAID, Duration::from_secs);
    let until = Instant::now() + time.min(LONGEST).saturating_sub(MARGIN);
    Ok(Token { text: text.to_owned(), until })
}

/// As in forms: so that an identifier may hold a colon.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
