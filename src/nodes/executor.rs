use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use super::http::HttpRequest;
use super::{Call, Context, NodeError, catch_panics};
use crate::value::Value;

/// What an executor answers with, in the end.
pub type Future<'a> = Pin<Box<dyn std::future::Future<Output = Result<Value, NodeError>> + Send + 'a>>;

/// What a kind of node does.
pub trait Executor: Send + Sync {
    /// Makes one attempt. When the future is dropped, the attempt ends.
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> Future<'a>;
}

/// The executors by kind.
#[derive(Clone, Default)]
pub struct Executors(BTreeMap<String, Arc<dyn Executor>>);

impl std::fmt::Debug for Executors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Executors {
    /// Those of the kinds that come with the engine.
    #[must_use]
    pub fn standard() -> Self {
        let mut executors = Self::default();
        executors.register("http_request", Arc::new(HttpRequest::default()));
        executors
    }

    /// Adds the executor of a kind, in place of the one that it had.
    pub fn register(&mut self, kind: &str, executor: Arc<dyn Executor>) {
        self.0.insert(kind.to_owned(), executor);
    }

    /// Whether there is one for a kind.
    #[must_use]
    pub fn knows(&self, kind: &str) -> bool {
        self.0.contains_key(kind)
    }

    /// Makes one attempt: within its time, with its panics caught, and with all secrets taken out of what comes of it.
    ///
    /// # Errors
    /// Those of the kind, `Timeout`, `NodePanicked`, or `UnsupportedKind`.
    pub async fn run(&self, call: &Call, context: &Context) -> Result<Value, NodeError> {
        let Some(executor) = self.0.get(call.kind.as_str()) else {
            let message = format!("this engine has no `{}`", call.kind);
            return Err(NodeError::new("UnsupportedKind", message).before_effect());
        };
        let attempt = catch_panics(async { executor.execute(call, context).await });
        let result = match tokio::time::timeout(call.timeout, attempt).await {
            Ok(result) => result.unwrap_or_else(|| Err(NodeError::new("NodePanicked", "the node panicked"))),
            Err(_) => Err(NodeError::new("Timeout", format!("no answer within {}", seconds(call.timeout)))),
        };
        match result {
            Ok(output) => Ok(context.scrubber().value(&output)),
            Err(error) => Err(context.scrubber().error(error)),
        }
    }
}

fn seconds(time: std::time::Duration) -> String {
    format!("{} s", time.as_millis() as f64 / 1_000.0)
}
