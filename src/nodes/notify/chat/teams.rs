use reqwest::StatusCode;
use serde_json::{Value as Json, json};

use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::executor::Service;
use crate::nodes::notify::failure;
use crate::nodes::notify::post::{self, Answer, Post};
use crate::nodes::{Call, NodeError};

/// What stands before a status in the text with which a connector of Teams refuses under the status 200.
const INNER_STATUS: &str = "returned HTTP error ";

/// A workflow of Teams that takes webhooks, or one of the connectors that there were before.
pub(in crate::nodes::notify) struct Teams;

impl Service for Teams {
    /// An adaptive card, which is the form that both take.
    fn post(&self, call: &Call) -> Result<Post, NodeError> {
        let card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.2",
            "body": [{ "type": "TextBlock", "text": post::text(call), "wrap": true }],
        });
        let kind = "application/vnd.microsoft.card.adaptive";
        let attachment = json!({ "contentType": kind, "contentUrl": Json::Null, "content": card });
        let message = json!({ "type": "message", "attachments": [attachment] });
        Post::json(call, "teams", post::url(call, "webhook_url")?, &message)
    }

    /// A workflow takes a message with 202 and says nothing; a connector says `1`, or under 200 what went wrong.
    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError> {
        if let Some(error) = answer.refusal() {
            return Err(error);
        }
        let text = answer.text.trim();
        if let Some(status) = inner_status(text) {
            let refusal = failure::of_status(status, &answer.to, &answer.text, None);
            return Err(refusal.unwrap_or_else(|| answer.unclear()));
        }
        let is_taken = text.is_empty() || text == "1" || answer.status == StatusCode::ACCEPTED;
        if is_taken { Ok(Delivery::to("teams", call.key.as_str())) } else { Err(answer.unclear()) }
    }
}

fn inner_status(text: &str) -> Option<StatusCode> {
    let (_, rest) = text.split_once(INNER_STATUS)?;
    StatusCode::from_bytes(rest.get(..3)?.as_bytes()).ok()
}
