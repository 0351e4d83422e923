use std::error::Error;
use std::io;

use super::client::denied;
use super::resolver::Denied;
use crate::nodes::NodeError;

type Cause<'e> = &'e (dyn Error + 'static);

/// What a request that had no answer, or only half of one, failed with. `to` says where it went, without anything
/// secret.
pub(in crate::nodes) fn of_request(error: &reqwest::Error, to: &str) -> NodeError {
    if let Some(Denied(host)) = chain(error).find_map(|cause| cause.downcast_ref()) {
        return denied(host);
    }
    let failed = match chain(error).find_map(of_tls) {
        Some(reason) => NodeError::new("TlsFailed", format!("{to}: {reason}")),
        None => NodeError::new("ConnectionFailed", format!("{to}: {}", reason(error))),
    };
    if error.is_connect() { failed.before_effect() } else { failed }
}

fn chain<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = Cause<'e>> {
    std::iter::successors(error.source(), |error: &Cause<'e>| (*error).source())
}

/// An error of TLS comes wrapped in errors of I/O, which don't name what they wrap as their source.
fn of_tls<'e>(cause: Cause<'e>) -> Option<&'e rustls::Error> {
    let within = |cause: &Cause<'e>| Some(cause.downcast_ref::<io::Error>()?.get_ref()? as Cause<'e>);
    std::iter::successors(Some(cause), within).find_map(|cause| cause.downcast_ref())
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_connect() && error.is_timeout() {
        return "no connection in time".to_owned();
    }
    if error.is_decode() {
        return "the body can't be decoded".to_owned();
    }
    match chain(error).last() {
        Some(last) => match last.downcast_ref::<io::Error>() {
            Some(io) if io.raw_os_error().is_some() => io.kind().to_string(),
            _ => last.to_string(),
        },
        None => "the request failed".to_owned(),
    }
}
