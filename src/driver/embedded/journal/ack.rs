use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::JournalError;
use super::job::Reply;

/// Resolves once what was appended is durable. What was appended is written whether or not anybody waits for it.
#[derive(Debug)]
#[must_use = "nothing is known to be durable before it resolves"]
pub struct Ack(Result<Reply<()>, Option<JournalError>>);

impl Ack {
    /// Of what was put into the queue, or wasn't.
    pub(super) fn new(put: Result<Reply<()>, JournalError>) -> Self {
        Self(put.map_err(Some))
    }
}

impl Future for Ack {
    type Output = Result<(), JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(reply) => Pin::new(reply).poll(context).map(|told| told.unwrap_or(Err(JournalError::Closed))),
            Err(refusal) => Poll::Ready(Err(refusal.take().unwrap_or(JournalError::Closed))),
        }
    }
}
