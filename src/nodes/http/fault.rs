use std::error::Error;

use super::client::{Denied, denied};
use crate::nodes::NodeError;

/// What a request that had no answer failed with. `to` says where it went, without anything secret.
pub(super) fn of_request(error: &reqwest::Error, to: &str) -> NodeError {
    if let Some(Denied(host)) = source(error) {
        return denied(host);
    }
    let reason = innermost(error);
    let is_tls = chain(error).any(|cause| is_of_tls(&cause.to_string()));
    if is_tls {
        return NodeError::new("TlsFailed", format!("{to}: {reason}")).before_effect();
    }
    if error.is_timeout() && !error.is_connect() {
        return NodeError::new("Timeout", format!("{to} did not answer in time"));
    }
    let failed = NodeError::new("ConnectionFailed", format!("{to}: {reason}"));
    if error.is_connect() { failed.before_effect() } else { failed }
}

fn chain<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(error.source(), |error: &&'e (dyn Error + 'static)| (*error).source())
}

fn source<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

/// The library has no type of its own for what goes wrong with certificates.
fn is_of_tls(reason: &str) -> bool {
    [
        "invalid peer certificate",
        "certificate",
        "received fatal alert",
        "InvalidContentType",
        "corrupt message",
    ]
    .iter()
    .any(|known| reason.contains(known))
}
