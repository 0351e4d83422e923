//! A small mail server that answers as a test says, also as no server should.

use std::net::TcpListener as StdListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What the server says to a command.
pub(crate) enum Say {
    /// These bytes.
    Text(String),
    /// Nothing; it closes the connection.
    Cut,
    /// Nothing, ever.
    Silence,
    /// These bytes, again and again.
    Endless(&'static [u8]),
    /// These bytes, with a pause before each.
    Drip(&'static [u8]),
    /// This, and then TLS.
    Encrypt(String),
}

/// An answer of one line.
pub(crate) fn say(line: &str) -> Option<Say> {
    Some(Say::Text(format!("{line}\r\n")))
}

/// A mail as the server took it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) data: String,
}

impl Taken {
    /// The value of a header, unfolded.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.data.split_once("\r\n\r\n")?;
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}: ", name.to_lowercase());
        head.split("\r\n")
            .find(|line| line.to_lowercase().starts_with(&prefix))
            .map(|line| line[prefix.len()..].to_owned())
    }
}

type Mind = dyn Fn(&str) -> Option<Say> + Send + Sync;

struct Shared {
    mind: Box<Mind>,
    tls: Option<TlsAcceptor>,
    heard: Mutex<Vec<String>>,
    said: Mutex<Vec<Taken>>,
    taken: Mutex<Vec<Taken>>,
}

/// A server on a port of its own, as long as the test's process lives.
pub(crate) struct MailServer {
    port: u16,
    shared: Arc<Shared>,
}

impl MailServer {
    /// One that answers by its mind, and where that has no answer as a polite server. The mind hears `CONNECT` first,
    /// and `.` for the end of a mail.
    pub(crate) fn start(mind: impl Fn(&str) -> Option<Say> + Send + Sync + 'static) -> Self {
        Self::with(Box::new(mind), None, false)
    }

    /// The same, with something to encrypt with after `STARTTLS`.
    pub(crate) fn start_tls(
        tls: TlsAcceptor,
        mind: impl Fn(&str) -> Option<Say> + Send + Sync + 'static,
    ) -> Self {
        Self::with(Box::new(mind), Some(tls), false)
    }

    /// The same, encrypted from the first byte.
    pub(crate) fn start_wrapped(tls: TlsAcceptor) -> Self {
        Self::with(Box::new(|_| None), Some(tls), true)
    }

    fn with(mind: Box<Mind>, tls: Option<TlsAcceptor>, is_wrapped: bool) -> Self {
        let listener = StdListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a listener");
        let shared = Arc::new(Shared {
            mind,
            tls,
            heard: Mutex::default(),
            said: Mutex::default(),
            taken: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(accept(listener, serving, is_wrapped));
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Its address, without TLS.
    pub(crate) fn clear(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// The commands so far, over all connections.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().expect("nobody panics with it").clone()
    }

    /// The mails that were said to their last line so far, whether they were taken or not.
    pub(crate) fn said(&self) -> Vec<Taken> {
        self.shared.said.lock().expect("nobody panics with it").clone()
    }

    /// The mails so far.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().expect("nobody panics with it").clone()
    }
}

async fn accept(listener: StdListener, shared: Arc<Shared>, is_wrapped: bool) {
    let listener = TcpListener::from_std(listener).expect("a listener");
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            match shared.tls.as_ref().filter(|_| is_wrapped) {
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        drop(serve(stream, &shared, true).await);
                    }
                }
                None => {
                    let encrypted = serve(stream, &shared, true).await;
                    if let (Ok(Some(stream)), Some(tls)) = (encrypted, shared.tls.as_ref())
                        && let Ok(stream) = tls.accept(stream).await
                    {
                        drop(serve(stream, &shared, false).await);
                    }
                }
            }
        });
    }
}

/// Serves a connection until one of both ends it; gives it back where it is to be encrypted.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    shared: &Shared,
    greets: bool,
) -> std::io::Result<Option<S>> {
    let mut mail = Taken::default();
    let mut command = "CONNECT".to_owned();
    if !greets {
        command = line(&mut stream).await?;
    }
    loop {
        shared.heard.lock().expect("nobody panics with it").push(command.clone());
        if command == "." {
            mail.data = body(&mut stream).await?;
            shared.said.lock().expect("nobody panics with it").push(mail.clone());
        }
        let answer = (shared.mind)(&command).unwrap_or_else(|| polite(&command, shared.tls.is_some()));
        match answer {
            Say::Text(text) => {
                stream.write_all(text.as_bytes()).await?;
                note(&command, &text, &mut mail, shared);
                command = match command.as_str() {
                    "DATA" if text.starts_with("354") => ".".to_owned(),
                    _ => line(&mut stream).await?,
                };
            }
            Say::Cut => return Ok(None),
            Say::Silence => std::future::pending().await,
            Say::Endless(bytes) => loop {
                stream.write_all(bytes).await?;
            },
            Say::Drip(bytes) => loop {
                for byte in bytes {
                    stream.write_all(&[*byte]).await?;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Say::Encrypt(text) => {
                stream.write_all(text.as_bytes()).await?;
                return Ok(Some(stream));
            }
        }
    }
}

fn polite(command: &str, can_encrypt: bool) -> Say {
    let text = match command.split([' ', ':']).next().unwrap_or_default() {
        "CONNECT" => "220 mail.example.com ready\r\n",
        "EHLO" if can_encrypt => "250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
        "EHLO" => "250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n",
        "STARTTLS" => return Say::Encrypt("220 go on\r\n".to_owned()),
        "AUTH" => "235 welcome\r\n",
        "DATA" => "354 go on\r\n",
        "QUIT" => "221 bye\r\n",
        _ => "250 done\r\n",
    };
    Say::Text(text.to_owned())
}

/// Keeps what the server has taken.
fn note(command: &str, answer: &str, mail: &mut Taken, shared: &Shared) {
    if !answer.starts_with('2') {
        return;
    }
    let address = || command.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
    match command.split([' ', ':']).next().unwrap_or_default() {
        "MAIL" => *mail = Taken { from: address(), ..Taken::default() },
        "RCPT" => mail.to.push(address()),
        "." => shared.taken.lock().expect("nobody panics with it").push(mail.clone()),
        _ => {}
    }
}

async fn line(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await?);
    }
    line.truncate(line.len() - 2);
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// A mail up to its end, with the dots that were put before its lines taken away.
async fn body(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let next = line(stream).await?;
        if next == "." {
            return Ok(text);
        }
        text.push_str(next.strip_prefix('.').unwrap_or(&next));
        text.push_str("\r\n");
    }
}
