use serde_json::json;

use super::delivery::Delivery;
use super::executor::Service;
use super::post::{self, Answer, Post};
use super::signature::Keys;
use crate::nodes::{Call, NodeError};

/// Any address that takes webhooks, as Standard Webhooks 1.0 has them.
pub(super) struct Webhook;

impl Service for Webhook {
    fn post(&self, call: &Call) -> Result<Post, NodeError> {
        let body = post::json(call, "json")?.unwrap_or_else(|| json!({}));
        let mut post = Post::json(call, "the webhook", post::url(call, "url")?, &body)?;
        let time = jiff::Timestamp::now().as_second();
        post.header("webhook-id", &call.key)?;
        post.header("webhook-timestamp", &time.to_string())?;
        if let Some(keys) = call.text("sign_with") {
            let signatures = Keys::read(keys)?.sign(&call.key, time, post.body());
            post.header("webhook-signature", &signatures)?;
        }
        Ok(post)
    }

    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError> {
        if let Some(error) = answer.refusal() {
            return Err(error);
        }
        let url = post::url(call, "url")?;
        Ok(Delivery::to(format!("{}{}", url.origin().ascii_serialization(), url.path()), call.key.as_str()))
    }
}
