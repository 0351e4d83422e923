//! The kind `notification`: one message by one channel, and who has it.
//!
//! *In*: a call. *Out*: `{ id, delivered_to, refused }` of a message that its service has taken, or one of the kind's
//! errors. *Never sees*: who answers, and other attempts.

mod chat;
mod delivery;
mod email;
mod executor;
mod failure;
mod post;
mod signature;
mod webhook;

pub(super) use executor::Notification;
