use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::Address;

use super::answer::Answer;
use super::line::{Fault, Line};
use super::mail::Mail;
use super::tls::{self, Tls};
use crate::nodes::login::Login;
use crate::nodes::notify::delivery::Delivery;
use crate::nodes::notify::failure::answered;
use crate::nodes::{NodeError, Scrubber, http};

/// How long a server may take for a whole answer, however slowly it comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long it may take for the goodbye, when the mail is delivered.
const GOODBYE: Duration = Duration::from_secs(2);

/// One conversation with a mail server.
pub(super) struct Conversation<'a> {
    line: Line,
    /// The server, for messages.
    to: &'a str,
    /// The client's own name.
    name: String,
    attempt: u32,
    scrubber: &'a Scrubber,
    /// What the server can do.
    extensions: Vec<String>,
}

/// A conversation in which only the last line of a mail is left to say.
pub(super) struct Prepared<'a> {
    conversation: Conversation<'a>,
    delivery: Delivery,
}

impl Prepared<'_> {
    /// Says it. From then on the server may have the mail, until it says that it doesn't.
    pub(super) async fn hand_over(self) -> Result<Delivery, NodeError> {
        let Self { mut conversation, delivery } = self;
        let unknown = |error| NodeError { before_effect: false, ..error };
        conversation.say(b".\r\n").await.map_err(unknown)?;
        // How long this takes is for the node's own time-out to say: the server may be reading the mail.
        let answer = conversation.line.answer().await;
        let answer = answer.map_err(|fault| unknown(conversation.fault(&fault)))?;
        conversation.expect(&answer, 2, "the mail")?;
        conversation.part().await;
        Ok(delivery)
    }
}

/// What a server can be told to encrypt with, and as whom it has to prove itself.
pub(super) type Upgrade<'a> = (&'a Tls, &'a str);

impl<'a> Conversation<'a> {
    pub(super) fn new(line: Line, to: &'a str, name: String, attempt: u32, scrubber: &'a Scrubber) -> Self {
        Self { line, to, name, attempt, scrubber, extensions: Vec::new() }
    }

    /// Says all of a mail but its last line, without which nobody has it.
    pub(super) async fn prepare(
        mut self,
        mail: &Mail,
        upgrade: Option<Upgrade<'_>>,
        login: Option<&Login>,
    ) -> Result<Prepared<'a>, NodeError> {
        let greeting = self.hear("the connection").await?;
        self.expect(&greeting, 2, "the connection")?;
        self.introduce().await?;
        if let Some((tls, host)) = upgrade {
            self = self.encrypt(tls, host).await?;
            self.introduce().await?;
        }
        if let Some(login) = login {
            self.log_in(login).await?;
        }
        self.ask(&format!("MAIL FROM:<{}>", mail.from), 2, "MAIL").await?;
        let (taken, refused) = self.recipients(&mail.to).await?;
        self.ask("DATA", 3, "DATA").await?;
        self.say(&mail.data).await?;
        let delivery = Delivery { id: mail.id.clone(), delivered_to: texts(taken), refused: texts(refused) };
        Ok(Prepared { conversation: self, delivery })
    }

    async fn introduce(&mut self) -> Result<(), NodeError> {
        let command = format!("EHLO {}", self.name);
        let answer = self.ask(&command, 2, "EHLO").await?;
        self.extensions = answer.text.lines().skip(1).map(str::to_ascii_uppercase).collect();
        Ok(())
    }

    async fn encrypt(mut self, tls: &Tls, host: &str) -> Result<Self, NodeError> {
        if !self.extensions.iter().any(|extension| extension == "STARTTLS") {
            return Err(tls::failed(self.to, "the server offers no STARTTLS, so nothing was sent"));
        }
        let answer = self.reply("STARTTLS", "STARTTLS").await?;
        if !answer.is(2) {
            return Err(tls::failed(self.to, &format!("the server answered {} to STARTTLS", answer.code)));
        }
        let Some(stream) = self.line.into_quiet() else {
            return Err(tls::failed(self.to, "the server said more than was asked before the encryption"));
        };
        let wrapped = tokio::time::timeout(PATIENCE, tls.wrap(stream, host, self.to)).await;
        let line = wrapped.map_err(|_| slow(self.to, "STARTTLS"))??;
        // What was said in clear counts no more.
        Ok(Self { line, extensions: Vec::new(), ..self })
    }

    async fn log_in(&mut self, login: &Login) -> Result<(), NodeError> {
        let Login { user, password } = login;
        let offered = |name: &str| {
            self.extensions.iter().any(|extension| {
                let mut words = extension.split([' ', '=']);
                words.next() == Some("AUTH") && words.any(|word| word == name)
            })
        };
        if offered("PLAIN") {
            let proof = STANDARD.encode(format!("\0{user}\0{password}"));
            self.ask(&format!("AUTH PLAIN {proof}"), 2, "AUTH").await?;
        } else if offered("LOGIN") {
            self.ask("AUTH LOGIN", 3, "AUTH").await?;
            self.ask(&STANDARD.encode(user), 3, "AUTH").await?;
            self.ask(&STANDARD.encode(password), 2, "AUTH").await?;
        } else {
            let message = format!("{} offers neither PLAIN nor LOGIN to log in with", self.to);
            let error = answered("Rejected", message, 250, &self.extensions.join("\n"));
            return Err(error.before_effect());
        }
        Ok(())
    }

    /// Names the recipients: who is taken, and who is refused for good. Where one shall be named again later, nobody
    /// gets the mail before.
    async fn recipients<'m>(
        &mut self,
        all: &'m [Address],
    ) -> Result<(Vec<&'m Address>, Vec<&'m Address>), NodeError> {
        let (mut taken, mut refused, mut last) = (Vec::new(), Vec::new(), None);
        for address in all {
            let answer = self.reply(&format!("RCPT TO:<{address}>"), "RCPT").await?;
            match () {
                () if answer.is(2) => taken.push(address),
                () if answer.is_final() => {
                    refused.push(address);
                    last = Some(answer);
                }
                () => return Err(self.refusal(&answer, "RCPT").await),
            }
        }
        match last {
            Some(answer) if taken.is_empty() => Err(self.refusal(&answer, "RCPT").await),
            _ => Ok((taken, refused)),
        }
    }

    /// Sends a command, which has to be granted.
    async fn ask(&mut self, command: &str, class: u16, what: &str) -> Result<Answer, NodeError> {
        let answer = self.reply(command, what).await?;
        self.expect(&answer, class, what)?;
        Ok(answer)
    }

    async fn reply(&mut self, command: &str, what: &str) -> Result<Answer, NodeError> {
        self.say(format!("{command}\r\n").as_bytes()).await?;
        self.hear(what).await
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), NodeError> {
        let sent = self.line.send(bytes).await;
        sent.map_err(|fault| self.fault(&fault))
    }

    async fn hear(&mut self, what: &str) -> Result<Answer, NodeError> {
        match tokio::time::timeout(PATIENCE, self.line.answer()).await {
            Ok(answer) => answer.map_err(|fault| self.fault(&fault)),
            Err(_) => Err(slow(self.to, what)),
        }
    }

    fn expect(&self, answer: &Answer, class: u16, what: &str) -> Result<(), NodeError> {
        if answer.is(class) { Ok(()) } else { Err(self.no(answer, what)) }
    }

    fn no(&self, answer: &Answer, what: &str) -> NodeError {
        let text = http::told(self.scrubber, answer.text.as_bytes(), true);
        Answer { text, ..answer.clone() }.error(self.to, what, self.attempt)
    }

    async fn refusal(&mut self, answer: &Answer, what: &str) -> NodeError {
        let error = self.no(answer, what);
        self.part().await;
        error
    }

    /// Says goodbye. Nothing depends on it any more.
    async fn part(&mut self) {
        let goodbye = async {
            if self.line.send(b"QUIT\r\n").await.is_ok() {
                drop(self.line.answer().await);
            }
        };
        // Who doesn't answer is left all the same.
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }

    fn fault(&self, fault: &Fault) -> NodeError {
        let (name, reason) = match fault {
            Fault::Broken(error) => ("ConnectionFailed", error.kind().to_string()),
            Fault::Closed => ("ConnectionFailed", "the server closed the connection".to_owned()),
            Fault::TooLong => ("DeliveryFailed", "the server's answer is too long".to_owned()),
            Fault::Nonsense => ("DeliveryFailed", "the server's answer is none of SMTP".to_owned()),
        };
        NodeError::new(name, format!("{}: {reason}", self.to)).before_effect()
    }
}

fn slow(to: &str, what: &str) -> NodeError {
    let message = format!("{to} took more than {} s to answer {what}", PATIENCE.as_secs());
    NodeError::new("Timeout", message).before_effect()
}

fn texts(addresses: Vec<&Address>) -> Vec<String> {
    addresses.into_iter().map(Address::to_string).collect()
}
