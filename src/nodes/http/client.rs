use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Url, redirect};

use crate::nodes::{Egress, NodeError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests to addresses that may be reached, over connections that are used again.
#[derive(Debug)]
pub(in crate::nodes) struct Client {
    egress: Egress,
    http: Result<reqwest::Client, String>,
    tokens: Mutex<BTreeMap<String, (String, Instant)>>,
}

impl Client {
    pub(in crate::nodes) fn new(egress: Egress) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .dns_resolver(Arc::new(Resolver { egress }))
            .no_proxy()
            .user_agent(concat!("citadel/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string());
        Self { egress, http, tokens: Mutex::default() }
    }

    /// A request to send.
    pub(super) fn request(
        &self,
        method: reqwest::Method,
        url: Url,
    ) -> Result<reqwest::RequestBuilder, NodeError> {
        self.check(&url)?;
        match &self.http {
            Ok(http) => Ok(http.request(method, url)),
            Err(reason) => Err(NodeError::new("TlsFailed", reason.clone()).before_effect()),
        }
    }

    /// Refuses what may not be reached as far as the address tells; names are judged when they are resolved, for the
    /// very connection that is made then.
    fn check(&self, url: &Url) -> Result<(), NodeError> {
        let invalid = |reason: &str| Err(NodeError::new("InvalidUrl", reason).before_effect());
        if !["http", "https"].contains(&url.scheme()) {
            return invalid("the url must begin with http:// or https://");
        }
        match url.host() {
            None => invalid("the url has no host"),
            Some(host) if self.egress.allows_host(&host) => Ok(()),
            Some(host) => Err(denied(&host.to_string())),
        }
    }

    /// A token that was given before and holds for a while.
    pub(super) fn token(&self, key: &str) -> Option<String> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, until) = tokens.get(key)?;
        (Instant::now() < *until).then(|| token.clone())
    }

    /// Keeps a token for so long, or forgets it.
    pub(super) fn keep_token(&self, key: &str, token: Option<(String, Duration)>) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        match token {
            Some((token, time)) => drop(tokens.insert(key.to_owned(), (token, Instant::now() + time))),
            None => drop(tokens.remove(key)),
        }
    }
}

pub(super) fn denied(host: &str) -> NodeError {
    let message = format!(
        "{host} is not an address of the public internet; --allow-private-network lets nodes reach it"
    );
    NodeError::new("EgressDenied", message).before_effect()
}

/// Looks names up once for each connection, and hands out only addresses that may be reached.
struct Resolver {
    egress: Egress,
}

/// That a name leads where nobody may go.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Denied(pub(super) String);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.egress;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // A name with one private address is a private name.
            if found.iter().any(|address| !egress.allows(address.ip())) {
                return Err(Box::new(Denied(host)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
