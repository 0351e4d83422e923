use super::delivery::Delivery;
use super::post::{Answer, Post};
use super::{chat, email, failure, webhook};
use crate::nodes::{Call, Context, Executor, Future, NodeError, http};

/// The executor of the kind, with the connections that its calls share.
#[derive(Debug, Default)]
pub(in crate::nodes) struct Notification {
    client: http::Client,
    post_office: email::PostOffice,
}

/// A service that takes messages over HTTP.
pub(super) trait Service: Sync {
    /// The message of a call, secrets filled in.
    fn post(&self, call: &Call) -> Result<Post, NodeError>;

    /// Whether the service has it.
    fn read(&self, call: &Call, answer: &Answer) -> Result<Delivery, NodeError>;
}

impl Executor for Notification {
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a> {
        Box::pin(async move {
            let filled = Call { input: context.secrets().fill(&call.input)?, ..call.clone() };
            self.send(&filled, context).await.map(Delivery::output)
        })
    }
}

impl Notification {
    async fn send(&self, call: &Call, context: &Context) -> Result<Delivery, NodeError> {
        let service: &dyn Service = match call.text("channel").unwrap_or_default() {
            "email" => return self.post_office.send(call, context).await,
            "slack" => &chat::Slack,
            "discord" => &chat::Discord,
            "teams" => &chat::Teams,
            "telegram" => &chat::Telegram,
            "webhook" => &webhook::Webhook,
            other => return Err(failure::unfit(format!("there is no channel `{other}`"))),
        };
        let answer = service.post(call)?.send(&self.client, context).await?;
        service.read(call, &answer)
    }
}
