use std::future::Future;
use std::sync::Arc;

use crate::nodes::{self, Call, Context, Executor, NodeError};
use crate::value::Value;

/// An async function as what a kind of node does. It is given the attempt with all secrets filled in; it may be dropped
/// at any point where it waits.
pub fn function<F, R>(function: F) -> Arc<dyn Executor>
where
    F: Fn(Call) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Value, NodeError>> + Send + 'static,
{
    Arc::new(Function(function))
}

struct Function<F>(F);

impl<F, R> Executor for Function<F>
where
    F: Fn(Call) -> R + Send + Sync,
    R: Future<Output = Result<Value, NodeError>> + Send + 'static,
{
    fn execute<'a>(&'a self, call: &'a Call, context: &'a Context) -> nodes::Future<'a> {
        match context.secrets().fill(&call.input) {
            Ok(input) => Box::pin((self.0)(Call { input, ..call.clone() })),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}
