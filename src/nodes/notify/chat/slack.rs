use serde_json::json;

use super::length;
use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::executor::Service;
use crate::nodes::notify::post::{self, Answer, Post};
use crate::nodes::{Call, NodeError};

/// Slack cuts what is longer, without a word.
const MOST_CHARACTERS: usize = 40_000;

/// An incoming webhook of Slack.
pub(in crate::nodes::notify) struct Slack;

impl Service for Slack {
    fn post(&self, call: &Call) -> Result<Post, NodeError> {
        let text = escaped(post::text(call));
        length::check("Slack", text.chars().count(), MOST_CHARACTERS)?;
        Post::json(call, "slack", post::url(call, "webhook_url")?, &json!({ "text": text }))
    }

    /// Slack says `ok`. Some of its errors came with the status of success.
    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError> {
        match answer.refusal() {
            Some(error) => Err(error),
            None if answer.text.trim() == "ok" => Ok(Delivery::to("slack", call.key.as_str())),
            None if is_word(&answer.text) => Err(answer.refused("Rejected")),
            None => Err(answer.unclear()),
        }
    }
}

/// As Slack wants it: what would begin a link, a mention or an entity is text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Whether it is a name of an error, such as `channel_is_archived`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}
