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

pub(super) use body::beginning;
pub(super) use client::{Client, allowed};
pub(super) use executor::HttpRequest;
pub(super) use fault::of_request;
pub(super) use header::{secret as secret_header, value as header_value};
pub(super) use refusal::{retry_after, told};
pub(super) use resolver::addresses;
