//! A small HTTP server that answers as a test says, also as no server should.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request as the server saw it. Names of headers are in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Everything of the request as one text, as an echo gives it.
    pub(crate) fn whole(&self) -> String {
        format!("{} {}\n{:?}\n{}", self.method, self.target, self.headers, self.text())
    }
}

/// What the server does with a request.
pub(crate) enum Answer {
    /// Sends these bytes, and waits for the next request.
    Bytes(Vec<u8>),
    /// Sends these bytes, and closes the connection.
    Cut(Vec<u8>),
    /// Sends these bytes, and then nothing more.
    Hang(Vec<u8>),
    /// Sends the first bytes once, and the others again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// An answer with its length.
pub(crate) fn answer(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut bytes = head(status, headers);
    bytes.truncate(bytes.len() - 2);
    bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
    bytes.extend(body);
    Answer::Bytes(bytes)
}

/// The head of an answer, without the length of its body.
pub(crate) fn head(status: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{lines}\r\n").into_bytes()
}

/// An answer of JSON.
pub(crate) fn json(text: &str) -> Answer {
    answer("200 OK", &[("Content-Type", "application/json; charset=utf-8")], text.as_bytes())
}

/// An answer that leads elsewhere.
pub(crate) fn redirect(status: &str, location: &str) -> Answer {
    answer(status, &[("Location", location)], b"")
}

type Answers = dyn Fn(&Seen) -> Answer + Send + Sync;

/// A server on a port of its own, as long as the test's runtime lives.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answers: Box<Answers>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(answers: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(Box::new(answers), None).await
    }

    /// The same behind TLS.
    pub(crate) async fn start_tls(
        tls: tokio_rustls::TlsAcceptor,
        answers: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Box::new(answers), Some(tls)).await
    }

    async fn start_with(answers: Box<Answers>, tls: Option<tokio_rustls::TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { answers, seen: Mutex::default(), connections: AtomicUsize::new(0) });
        tokio::spawn(accept(listener, tls, shared.clone()));
        Self { address, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("nobody panics with it").clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.into_iter().next().expect("one")
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, tls: Option<tokio_rustls::TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (tls, shared) = (tls.clone(), shared.clone());
        tokio::spawn(async move {
            match tls {
                None => drop(serve(stream, &shared).await),
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        drop(serve(stream, &shared).await);
                    }
                }
            }
        });
    }
}

/// Serves a connection until one of both ends it.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, shared: &Shared) -> std::io::Result<()> {
    while let Some(seen) = read(&mut stream).await? {
        let answer = (shared.answers)(&seen);
        shared.seen.lock().expect("nobody panics with it").push(seen);
        match answer {
            Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
            Answer::Cut(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Answer::Hang(bytes) => {
                stream.write_all(&bytes).await?;
                std::future::pending::<()>().await;
            }
            Answer::Endless(head, chunk) => {
                stream.write_all(&head).await?;
                loop {
                    stream.write_all(&chunk).await?;
                }
            }
        }
    }
    Ok(())
}

/// The next request; none where the other side has closed the connection.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<Seen>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) if head.is_empty() => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let mut seen = parse(&String::from_utf8_lossy(&head));
    let length = seen.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    seen.body = vec![0; length];
    stream.read_exact(&mut seen.body).await?;
    Ok(Some(seen))
}

fn parse(head: &str) -> Seen {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let headers = lines.filter_map(|line| line.split_once(": "));
    Seen {
        method: first.next().unwrap_or_default(),
        target: first.next().unwrap_or_default(),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        body: Vec::new(),
    }
}
