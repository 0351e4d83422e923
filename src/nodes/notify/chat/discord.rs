use std::time::Duration;

use serde_json::json;

use super::length;
use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::executor::Service;
use crate::nodes::notify::post::{self, Answer, Post};
use crate::nodes::{Call, NodeError};

/// Discord refuses what is longer.
const MOST_CHARACTERS: usize = 2_000;

/// The longest pause that an answer may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// A webhook of Discord.
pub(in crate::nodes::notify) struct Discord;

impl Service for Discord {
    /// Nobody is pinged, whatever the text says. `wait` has Discord answer when the message is stored, not before.
    fn post(&self, call: &Call) -> Result<Post, NodeError> {
        let text = post::text(call);
        length::check("Discord", text.chars().count(), MOST_CHARACTERS)?;
        let mut url = post::url(call, "webhook_url")?;
        let kept: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(name, _)| name != "wait").collect();
        url.query_pairs_mut().clear().extend_pairs(kept).append_pair("wait", "true");
        Post::json(call, "discord", url, &json!({ "content": text, "allowed_mentions": { "parse": [] } }))
    }

    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError> {
        let json = answer.json();
        if let Some(error) = answer.refusal() {
            let own = json.get("retry_after").and_then(serde_json::Value::as_f64).and_then(pause);
            return Err(NodeError { retry_after: error.retry_after.max(own), ..error });
        }
        let field = |name: &str| json.get(name).and_then(|value| value.as_str());
        match field("id") {
            Some(id) => Ok(Delivery::to(field("channel_id").unwrap_or("discord"), id)),
            None if answer.status.as_u16() == 204 => Ok(Delivery::to("discord", call.key.as_str())),
            None => Err(answer.unclear()),
        }
    }
}

fn pause(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds.min(LONGEST_PAUSE.as_secs_f64())).ok()
}
