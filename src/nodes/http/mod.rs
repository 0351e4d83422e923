//! The kind `http_request`: one request, its redirects followed, its answer decoded.
//!
//! *In*: a call. *Out*: `{ status, headers, body }`, or one of the kind's errors. *Never sees*: other attempts.

mod answer;
mod auth;
mod body;
mod client;
mod exchange;
mod executor;
mod fault;
mod header;
mod redirect;
mod refusal;
mod request;
mod resolver;
mod token;

pub(super) use executor::HttpRequest;
