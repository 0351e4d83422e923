//! The chats that a message goes to, each in its own form.
//!
//! *In*: a call whose secrets are filled in, and what the service answered. *Out*: the request, and whether the service
//! has the message. *Never sees*: how either travels.

mod discord;
mod length;
mod slack;
mod teams;
mod telegram;

pub(super) use discord::Discord;
pub(super) use slack::Slack;
pub(super) use teams::Teams;
pub(super) use telegram::Telegram;
