use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Url, redirect};
use url::Host;

use super::resolver::Resolver;
use crate::nodes::{Egress, NodeError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests to addresses that may be reached, over connections that are used again.
///
/// Connections made for one egress never serve another: each was made to an address that was judged by its own.
#[derive(Debug, Default)]
pub(in crate::nodes) struct Client(Mutex<BTreeMap<Egress, reqwest::Client>>);

impl Client {
    /// A request to send.
    pub(in crate::nodes) fn request(
        &self,
        egress: &Egress,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, NodeError> {
        check(egress, &url)?;
        Ok(self.of(egress)?.request(method, url))
    }

    fn of(&self, egress: &Egress) -> Result<reqwest::Client, NodeError> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = clients.get(egress) {
            return Ok(known.clone());
        }
        let built = build(egress).map_err(|error| {
            NodeError::new("TlsFailed", format!("no client can be set up: {error}")).before_effect()
        })?;
        Ok(clients.entry(egress.clone()).or_insert(built).clone())
    }
}

fn build(egress: &Egress) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .dns_resolver(Arc::new(Resolver::new(egress.clone())))
        .no_proxy()
        .user_agent(concat!("citadel/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Refuses what may not be reached as far as the address tells; names are judged when they are resolved, for the very
/// connection that is made then.
fn check(egress: &Egress, url: &Url) -> Result<(), NodeError> {
    let invalid = |reason: &str| Err(NodeError::new("InvalidUrl", reason).before_effect());
    if !["http", "https"].contains(&url.scheme()) {
        return invalid("the url must begin with http:// or https://");
    }
    match url.host() {
        None => invalid("the url has no host"),
        Some(host) => allowed(egress, &host),
    }
}

/// Refuses a host that may not be reached as far as its name tells.
pub(in crate::nodes) fn allowed(egress: &Egress, host: &Host<&str>) -> Result<(), NodeError> {
    if egress.allows_host(host) { Ok(()) } else { Err(denied(&host.to_string())) }
}

/// That a host may not be reached.
pub(in crate::nodes) fn denied(host: &str) -> NodeError {
    let message = format!(
        "{host} is not an address of the public internet; --allow-private-network lets nodes reach it"
    );
    NodeError::new("EgressDenied", message).before_effect()
}
