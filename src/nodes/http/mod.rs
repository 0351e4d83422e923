//! The kind `http_request`: one request, its redirects followed, its answer decoded.
//!
//! *In*: a call. *Out*: `{ status, headers, body }`, or one of the kind's errors. *Never sees*: other attempts.

mod answer;
mod auth;
mod client;
mod fault;
mod redirect;
mod request;

pub(super) use client::Client;
pub(super) use request::HttpRequest;
