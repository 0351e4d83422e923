use std::time::Duration;

use reqwest::Url;
use serde_json::{Value as Json, json};

use super::length;
use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::executor::Service;
use crate::nodes::notify::failure;
use crate::nodes::notify::post::{self, Answer, Post};
use crate::nodes::{Call, NodeError};
use crate::value::Value;

/// Where Telegram's own servers are.
const STANDARD: &str = "https://api.telegram.org";

/// Telegram refuses what is longer.
const MOST_CHARACTERS: usize = 4_096;

/// The longest pause that an answer may ask for, in seconds.
const LONGEST_PAUSE: u64 = 3_600;

/// A bot of Telegram.
pub(in crate::nodes::notify) struct Telegram;

impl Service for Telegram {
    /// The token is a part of the address, which therefore nobody is shown.
    fn post(&self, call: &Call) -> Result<Post, NodeError> {
        let text = post::text(call);
        length::check("Telegram", text.encode_utf16().count(), MOST_CHARACTERS)?;
        let mut url = match call.text("base_url") {
            Some(_) => post::url(call, "base_url")?,
            None => Url::parse(STANDARD).expect("a known address"),
        };
        let token = call.text("bot_token").unwrap_or_default();
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().push(&format!("bot{token}")).push("sendMessage"),
            Err(()) => return Err(failure::invalid("`base_url` must begin with http:// or https://")),
        };
        Post::json(call, "telegram", url, &json!({ "chat_id": chat(call), "text": text }))
    }

    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError> {
        let json = answer.json();
        if let Some(error) = answer.refusal() {
            let own = json.pointer("/parameters/retry_after").and_then(Json::as_u64);
            let own = own.map(|seconds| Duration::from_secs(seconds.min(LONGEST_PAUSE)));
            return Err(NodeError { retry_after: error.retry_after.max(own), ..error });
        }
        match (json.get("ok"), json.pointer("/result/message_id")) {
            (Some(Json::Bool(true)), Some(id)) => Ok(Delivery::to(shown(&chat(call)), shown(id))),
            (Some(Json::Bool(false)), _) => Err(answer.refused("Rejected")),
            _ => Err(answer.unclear()),
        }
    }
}

fn chat(call: &Call) -> Json {
    match call.field("chat_id") {
        Some(Value::Int(id)) => json!(id),
        _ => json!(call.text("chat_id").unwrap_or_default()),
    }
}

fn shown(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
