//! A service outside of all runs, which writes down what reaches it: the witness of what really happened.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long something may take that must happen: a test that waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

/// The service. Paths: `/status/CODE/…` answers with that status, `/hold/…` waits until it is released, `/echo/…`
/// gives back what it was sent, all others answer at once.
pub(crate) struct Ledger {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    released: BTreeSet<String>,
}

impl Ledger {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.state.lock().expect("whole").requests.clone()
    }

    /// The requests for a path.
    pub(crate) fn of(&self, path: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    /// Waits until a path was asked for so often.
    pub(crate) fn await_requests(&self, path: &str, count: usize) {
        let seen = |state: &State| state.requests.iter().filter(|request| request.path == path).count();
        let state = self.shared.state.lock().expect("whole");
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| seen(state) < count)
            .expect("whole");
        let seen = seen(&state);
        // Others go on with the state when this fails.
        drop(state);
        assert!(!timeout.timed_out(), "{path} was asked for {seen} times, not {count}");
    }

    /// Lets requests for a path be answered, those that came and those to come.
    pub(crate) fn release(&self, path: &str) {
        self.shared.state.lock().expect("whole").released.insert(path.to_owned());
        self.shared.changed.notify_all();
    }

    /// Lets requests for a path wait again.
    pub(crate) fn hold(&self, path: &str) {
        self.shared.state.lock().expect("whole").released.remove(path);
    }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    while let Some(request) = read(&mut reader) {
        let path = request.path.clone();
        let body = request.body.clone();
        shared.state.lock().expect("whole").requests.push(request.clone());
        shared.changed.notify_all();
        if path.starts_with("/hold/") {
            let state = shared.state.lock().expect("whole");
            drop(shared.changed.wait_while(state, |state| !state.released.contains(&path)).expect("whole"));
        }
        let status = path.strip_prefix("/status/").and_then(|rest| rest.split('/').next()).unwrap_or("200");
        let answer = if path.starts_with("/echo/") {
            let authorization = request.authorization.unwrap_or_default();
            serde_json::json!({ "sent": body, "authorization": authorization, "path": path }).to_string()
        } else {
            serde_json::json!({ "path": path }).to_string()
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        let mut stream = stream;
        // Whoever asked may be dead by now.
        if stream.write_all(format!("{head}{answer}").as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut key, mut authorization) = (0, None, None);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "idempotency-key" => key = Some(value.trim().to_owned()),
            "authorization" => authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, key, authorization, body: String::from_utf8_lossy(&body).into_owned() })
}
