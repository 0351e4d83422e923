use super::client::Client;
use super::exchange::Exchange;
use super::request::Request;
use super::token::Tokens;
use crate::nodes::{Call, Context, Executor, Future, NodeError};
use crate::value::Value;

/// The executor of the kind, with the connections and tokens that its calls share.
#[derive(Debug, Default)]
pub(in crate::nodes) struct HttpRequest {
    pub(super) client: Client,
    pub(super) tokens: Tokens,
}

impl Executor for HttpRequest {
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a> {
        Box::pin(self.request(call, context))
    }
}

impl HttpRequest {
    async fn request(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let filled = Call { input: context.secrets().fill(&call.input)?, ..call.clone() };
        let request = Request::new(&filled, &call.input)?;
        Exchange::new(self, &filled, context, request).run().await
    }
}
