//! Mail by SMTP.
//!
//! *In*: a call whose secrets are filled in. *Out*: who has the mail, or an error that says whether anybody may have it.
//! *Never sees*: the other channels.
//!
//! lettre builds the message. The conversation is this room's own: a reply is read up to a limit, nothing that came
//! before the encryption counts after it, a refused recipient doesn't end it, and it is known at every point whether
//! the server may already have the mail.

mod answer;
mod attachment;
mod conversation;
mod line;
mod mail;
mod post_office;
mod server;
mod tls;

pub(super) use post_office::PostOffice;
