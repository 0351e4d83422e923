use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message};
use reqwest::Url;

use super::attachment;
use crate::nodes::notify::failure::unfit;
use crate::nodes::{Call, NodeError};
use crate::value::Value;

/// Where a message's id is from whose sender has no domain of letters.
const NOWHERE: &str = "citadel.invalid";

/// A mail, ready to be sent.
pub(super) struct Mail {
    /// Its `Message-ID`, the same on every attempt of an execution.
    pub(super) id: String,
    pub(super) from: Address,
    /// Who shall get it: each once.
    pub(super) to: Vec<Address>,
    /// With lines that end in CR and LF, and dots before those that begin with one.
    pub(super) data: Vec<u8>,
}

impl Mail {
    /// The mail of a call.
    pub(super) fn write(call: &Call) -> Result<Self, NodeError> {
        let from = mailbox("from", call.text("from").unwrap_or_default())?;
        let (to, cc) = (mailboxes(call, "to")?, mailboxes(call, "cc")?);
        let id = format!("<{}@{}>", call.key, domain(&from.email).unwrap_or_else(|| NOWHERE.to_owned()));
        let mut recipients: Vec<Address> = Vec::new();
        for mailbox in to.iter().chain(&cc) {
            if !recipients.contains(&mailbox.email) {
                recipients.push(mailbox.email.clone());
            }
        }
        if recipients.is_empty() {
            return Err(unfit("the mail has no recipient"));
        }
        let sender = from.email.clone();
        let mut builder = Message::builder().from(from).message_id(Some(id.clone())).date_now();
        builder = to.into_iter().fold(builder, MessageBuilder::to);
        builder = cc.into_iter().fold(builder, MessageBuilder::cc);
        builder = builder.subject(one_line("the subject", call.text("subject").unwrap_or_default())?);
        let message = with_body(builder, call)?;
        Ok(Self { id, from: sender, to: recipients, data: dotted(&message.formatted()) })
    }
}

fn with_body(builder: MessageBuilder, call: &Call) -> Result<Message, NodeError> {
    let plain = |text: &str| SinglePart::plain(text.to_owned());
    let files = match call.field("attachments") {
        Some(Value::List(files)) => files.iter().map(attachment::part).collect::<Result<Vec<_>, _>>()?,
        _ => Vec::new(),
    };
    let html = call.text("html").map(|html| SinglePart::html(html.to_owned()));
    let built = match (call.text("text"), html) {
        (text, Some(html)) => {
            let body = MultiPart::alternative().build();
            let body = text.into_iter().map(plain).fold(body, MultiPart::singlepart).singlepart(html);
            match files.is_empty() {
                true => builder.multipart(body),
                false => builder.multipart(with_files(MultiPart::mixed().multipart(body), files)),
            }
        }
        (text, None) if files.is_empty() => {
            builder.header(ContentType::TEXT_PLAIN).body(text.unwrap_or_default().to_owned())
        }
        (text, None) => {
            let body = MultiPart::mixed().singlepart(plain(text.unwrap_or_default()));
            builder.multipart(with_files(body, files))
        }
    };
    built.map_err(|error| unfit(format!("the mail can't be written: {error}")))
}

fn with_files(body: MultiPart, files: Vec<SinglePart>) -> MultiPart {
    files.into_iter().fold(body, MultiPart::singlepart)
}

/// A text that stands in a header: one line. Whatever follows a line end would be a header of its own.
pub(super) fn one_line<'t>(what: &str, text: &'t str) -> Result<&'t str, NodeError> {
    if text.chars().any(char::is_control) {
        return Err(unfit(format!("{what} holds a line end or another control character")));
    }
    Ok(text)
}

fn mailboxes(call: &Call, field: &str) -> Result<Vec<Mailbox>, NodeError> {
    match call.field(field) {
        Some(Value::List(list)) => list.iter().map(|item| item_of(field, item)).collect(),
        Some(value) => Ok(vec![item_of(field, value)?]),
        None => Ok(Vec::new()),
    }
}

fn item_of(field: &str, value: &Value) -> Result<Mailbox, NodeError> {
    match value {
        Value::String(text) => mailbox(field, text),
        _ => Err(unfit(format!("`{field}` holds what is no address"))),
    }
}

/// One address, with a name or without: never a list in one text, which data could make longer.
fn mailbox(field: &str, text: &str) -> Result<Mailbox, NodeError> {
    let text = one_line(&format!("`{field}`"), text)?;
    let mailbox: Mailbox =
        text.parse().map_err(|_| unfit(format!("`{field}` holds what is no address: `{text}`")))?;
    let Mailbox { name, email } = mailbox;
    let known = match email.domain().is_ascii() {
        true => Some(email),
        false => domain(&email).and_then(|domain| Address::new(email.user(), domain).ok()),
    };
    match known.filter(|email| email.user().is_ascii()) {
        Some(email) => Ok(Mailbox { name, email }),
        None => Err(unfit(format!("`{field}` holds an address with letters beyond ASCII: `{text}`"))),
    }
}

/// The domain of an address as servers know it; none where it is a number.
fn domain(address: &Address) -> Option<String> {
    let parsed = Url::parse(&format!("https://{}", address.domain()));
    parsed.ok().and_then(|url| url.domain().map(str::to_owned))
}

/// The text as `DATA` takes it (RFC 5321, section 4.5.2). A CR or LF alone becomes a whole line end, so that no server
/// sees an end of the mail in the midst of it.
fn dotted(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() + 64);
    let (mut is_start, mut last) = (true, 0);
    for &byte in message {
        match byte {
            b'\n' if last == b'\r' => {}
            b'\r' | b'\n' => {
                data.extend(b"\r\n");
                is_start = true;
            }
            byte => {
                if is_start && byte == b'.' {
                    data.push(b'.');
                }
                data.push(byte);
                is_start = false;
            }
        }
        last = byte;
    }
    if !is_start {
        data.extend(b"\r\n");
    }
    data
}

#[cfg(test)]
mod tests {
    use super::dotted;

    #[test]
    fn no_text_ends_a_mail() {
        for (text, data) in [
            ("a\r\n", "a\r\n"),
            ("a", "a\r\n"),
            (".\r\n..b\r\n", "..\r\n...b\r\n"),
            ("a\n.\nRCPT TO:<b@c>\n", "a\r\n..\r\nRCPT TO:<b@c>\r\n"),
            ("a\r.\rb", "a\r\n..\r\nb\r\n"),
            ("a\n\r\n.\r\n", "a\r\n\r\n..\r\n"),
        ] {
            assert_eq!(String::from_utf8_lossy(&dotted(text.as_bytes())), data, "{text:?}");
        }
    }
}
