use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::Url;
use tokio::net::TcpStream;

use super::conversation::{Conversation, Prepared};
use super::line::Line;
use super::mail::Mail;
use super::server::{Security, Server};
use super::tls::Tls;
use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::failure::invalid;
use crate::nodes::{Call, Context, Egress, NodeError, http};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long before an attempt's end it ends by itself: a tick of the timer and some more.
const MARGIN: Duration = Duration::from_millis(5);

/// Brings mail to servers, one conversation a mail.
#[derive(Default)]
pub(in crate::nodes::notify) struct PostOffice {
    tls: Tls,
}

impl fmt::Debug for PostOffice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostOffice")
    }
}

impl PostOffice {
    /// Sends the mail of a call, whose secrets are filled in.
    pub(in crate::nodes::notify) async fn send(
        &self,
        call: &Call,
        context: &Context,
    ) -> Result<Delivery, NodeError> {
        let server = Server::read(call.text("smtp").unwrap_or_default())?;
        let mail = Mail::write(call)?;
        let to = format!("smtp ({}:{})", server.host, server.port);
        let prepared = self.prepare(&server, &mail, &to, call.attempt, context);
        // Whose time is up before the last line is sent has surely sent nothing; the attempt's own end wouldn't know.
        let left = call.timeout.saturating_sub(MARGIN);
        match tokio::time::timeout(left, prepared).await {
            Ok(prepared) => prepared?.hand_over().await,
            Err(_) => {
                let message = format!("{to} took more than {} s", call.timeout.as_secs_f64());
                Err(NodeError::new("Timeout", message).before_effect())
            }
        }
    }

    async fn prepare<'a>(
        &self,
        server: &Server,
        mail: &Mail,
        to: &'a str,
        attempt: u32,
        context: &'a Context,
    ) -> Result<Prepared<'a>, NodeError> {
        let stream = connect(context.egress(), server, to).await?;
        let is_local = stream.peer_addr().is_ok_and(|address| address.ip().is_loopback());
        let name = literal(stream.local_addr().ok());
        let line = match server.security {
            Security::Wrapped => self.tls.wrap(stream, &server.host, to).await?,
            _ => Line::new(stream),
        };
        let is_upgraded = match server.security {
            Security::Upgraded => true,
            Security::UpgradedUnlessLocal => !is_local,
            Security::Wrapped | Security::Clear => false,
        };
        let upgrade = is_upgraded.then_some((&self.tls, server.host.as_str()));
        let conversation = Conversation::new(line, to, name, attempt, context.scrubber());
        conversation.prepare(mail, upgrade, server.login.as_ref()).await
    }
}

/// A connection to an address of the server that may be reached: to the very one that was judged.
async fn connect(egress: &Egress, server: &Server, to: &str) -> Result<TcpStream, NodeError> {
    // Of `http` the address is read as the host that it is, whatever way it is written in.
    let url = Url::parse(&format!("http://{}", server.host)).map_err(|_| invalid("`smtp` has no host"))?;
    let host = url.host().ok_or_else(|| invalid("`smtp` has no host"))?;
    http::allowed(egress, &host)?;
    let name = host.to_string();
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let mut reason = "the name has no address".to_owned();
    for address in http::addresses(egress, name, server.port).await? {
        reason = match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => error.kind().to_string(),
            Err(_) => "no connection in time".to_owned(),
        };
    }
    Err(NodeError::new("ConnectionFailed", format!("{to}: {reason}")).before_effect())
}

/// How a client names itself that may have no name of its own (RFC 5321, section 4.1.3).
fn literal(address: Option<SocketAddr>) -> String {
    match address.map(|address| address.ip()) {
        Some(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Some(address) => format!("[{address}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}
