use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What must have been seen: so many requests for a path, or so many things of that name that happened.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub(super) what: String,
    pub(super) count: u32,
}

/// How a request is answered, and after what.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) causes: Vec<Cause>,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Reply { status: u16, headers: Vec<String>, body: String },
    Drop,
    Silence,
}

/// The answers by path, and by path and number.
#[derive(Clone, Default)]
pub(super) struct Answers {
    all: BTreeMap<String, Answer>,
    one: BTreeMap<(String, u32), Answer>,
}

impl Answers {
    pub(super) fn add(&mut self, request: Cause, is_numbered: bool, answer: Answer) {
        let Cause { what, count } = request;
        let known =
            if is_numbered { self.one.insert((what, count), answer) } else { self.all.insert(what, answer) };
        assert!(known.is_none(), "there are two answers to one request");
    }

    fn of(&self, path: &str, number: u32) -> Answer {
        let numbered = self.one.get(&(path.to_owned(), number));
        numbered.or_else(|| self.all.get(path)).cloned().unwrap_or_else(|| Answer {
            causes: Vec::new(),
            what: What::Reply { status: 200, headers: Vec::new(), body: "1".to_owned() },
        })
    }
}

/// A server on a port of its own, which plays one stage after the other.
pub(super) struct Outside {
    port: u16,
    current: Arc<Mutex<Arc<Stage>>>,
}

impl Outside {
    pub(super) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let current = Arc::new(Mutex::new(Arc::new(Stage::default())));
        let serving = Arc::clone(&current);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let stage = Arc::clone(&serving.lock().expect("nobody panics with it"));
                std::thread::spawn(move || stage.serve(&stream));
            }
        });
        Self { port, current }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A stage on which nothing has happened yet. Whoever connected before stays with the one before.
    pub(super) fn stage(&self, answers: &Answers) -> Arc<Stage> {
        self.let_in();
        let stage = Arc::new(Stage { answers: answers.clone(), url: self.url(), ..Stage::default() });
        *self.current.lock().expect("nobody panics with it") = Arc::clone(&stage);
        stage
    }

    /// Waits until all who have connected are let in: they are, in order.
    fn let_in(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the server listens");
        stream.write_all(b"\r\n").expect("the server reads");
        let mut rest = Vec::new();
        // The end of the connection is the answer, however it comes.
        let _ = stream.read_to_end(&mut rest);
    }
}

/// What happens outside of one run.
#[derive(Default)]
pub(super) struct Stage {
    /// The server's address.
    pub(super) url: String,
    answers: Answers,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How often a path was asked for, and something else happened.
    seen: BTreeMap<String, u32>,
    is_over: bool,
}

impl State {
    fn has_seen(&self, causes: &[Cause]) -> bool {
        causes.iter().all(|cause| self.seen.get(&cause.what).is_some_and(|seen| *seen >= cause.count))
    }
}

impl Stage {
    /// How often a path was asked for.
    pub(super) fn count(&self, path: &str) -> u32 {
        self.lock().seen.get(path).copied().unwrap_or(0)
    }

    /// What was asked for, and how often.
    pub(super) fn asked(&self) -> String {
        let mut text = String::from("asked:");
        for (path, count) in self.lock().seen.iter().filter(|(what, _)| what.starts_with('/')) {
            let comma = if text.ends_with(':') { "" } else { "," };
            let _ = write!(text, "{comma} {path}");
            if *count > 1 {
                let _ = write!(text, " {count} times");
            }
        }
        text
    }

    /// Something else than a request has happened.
    pub(super) fn happened(&self, what: String) {
        *self.lock().seen.entry(what).or_default() += 1;
        self.changed.notify_all();
    }

    pub(super) fn has_seen(&self, causes: &[Cause]) -> bool {
        self.lock().has_seen(causes)
    }

    /// Waits for causes; false where the stage is closed before.
    pub(super) fn wait_for(&self, causes: &[Cause]) -> bool {
        let state = self.lock();
        let goes_on = |state: &mut State| !state.has_seen(causes) && !state.is_over;
        let state = self.changed.wait_while(state, goes_on).expect("nobody panics with it");
        state.has_seen(causes)
    }

    /// Waits until each of these requests has come and has to wait for something else, or is over by what `is_over`
    /// says of its place in the list.
    pub(super) fn settle(&self, requests: &[(String, u32)], is_over: impl Fn(usize) -> bool) {
        let state = self.lock();
        let is_open = |state: &mut State| {
            let waits = |(path, number): &(String, u32)| {
                let answer = self.answers.of(path, *number);
                let has_come = state.seen.get(path).is_some_and(|seen| seen >= number);
                has_come && (matches!(answer.what, What::Silence) || !state.has_seen(&answer.causes))
            };
            requests.iter().enumerate().any(|(place, request)| !is_over(place) && !waits(request))
        };
        drop(self.changed.wait_while(state, is_open).expect("nobody panics with it"));
    }

    /// Has those who wait look again.
    pub(super) fn look_again(&self) {
        let state = self.lock();
        self.changed.notify_all();
        drop(state);
    }

    /// Nothing is answered any more.
    pub(super) fn close(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics with it")
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(path) = request(&mut reader) {
            let number = {
                let mut state = self.lock();
                if state.is_over {
                    return;
                }
                let count = state.seen.entry(path.clone()).or_default();
                *count += 1;
                *count
            };
            self.changed.notify_all();
            let Answer { causes, what } = self.answers.of(&path, number);
            let What::Reply { status, headers, body } = what else {
                return self.leave(&what, &causes);
            };
            let mut text = format!("HTTP/1.1 {status} X\r\n");
            for header in headers {
                let _ = write!(text, "{header}\r\n");
            }
            let _ = write!(
                text,
                "content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut stream = stream;
            // Who asked may have gone.
            if !self.wait_for(&causes) || stream.write_all(text.as_bytes()).is_err() {
                return;
            }
        }
    }

    /// Ends a connection without an answer: when its causes have been seen, or with the stage.
    fn leave(&self, what: &What, causes: &[Cause]) {
        self.wait_for(causes);
        if matches!(what, What::Silence) {
            let state = self.lock();
            drop(self.changed.wait_while(state, |state| !state.is_over).expect("nobody panics with it"));
        }
    }
}

/// The path of the next request, without its query; none where there is none.
fn request(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = path(line.split_whitespace().nth(1)?).to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end().to_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(path)
}

/// What stands before the query.
pub(super) fn path(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}
