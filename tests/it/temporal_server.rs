//! A real Temporal server for a test: in memory, on ports of its own, with its speed limits lifted, and gone with the
//! test.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use citadel::driver::temporal::{Connection, Endpoint};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that ends with this.
pub(crate) struct Server {
    process: Child,
    port: u16,
    log: PathBuf,
    /// Where it keeps what it knows; in memory where there is none.
    database: Option<PathBuf>,
}

impl Server {
    /// Starts a server, and waits until it answers. `name` tells its log from others'.
    pub(crate) fn own(name: &str) -> Self {
        Self::begin(name, false)
    }

    /// The same, with a database that outlives it.
    #[cfg(feature = "temporal")]
    pub(crate) fn with_database(name: &str) -> Self {
        Self::begin(name, true)
    }

    fn begin(name: &str, has_database: bool) -> Self {
        let port = free_port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let log = folder.join(format!("temporal-{name}-{port}.log"));
        let database = has_database.then(|| folder.join(format!("temporal-{name}-{port}.db")));
        let process = launch(port, &log, database.as_deref());
        let server = Self { process, port, log, database };
        server.wait();
        server
    }

    /// Kills the server and starts it again at the same place.
    pub(crate) fn crash(&mut self) {
        self.kill();
        self.revive();
    }

    pub(crate) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ran");
    }

    /// Starts it again where it was.
    pub(crate) fn revive(&mut self) {
        self.process = launch(self.port, &self.log, self.database.as_deref());
        self.wait();
    }

    /// Where it is.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it is, for a program.
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { address: self.address(), namespace: "default".to_owned(), tls: None, api_key: None }
    }

    /// Connects again and again: a connection is what says that it is there.
    fn wait(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let start = Instant::now();
        while TcpStream::connect(self.address()).is_err()
            || runtime.block_on(Connection::open(&self.endpoint())).is_err()
        {
            assert!(start.elapsed() < PATIENCE, "the Temporal server doesn't answer: see target/tmp");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(database) = &self.database {
            for end in ["", "-shm", "-wal"] {
                let _ = std::fs::remove_file(format!("{}{end}", database.display()));
            }
        }
    }
}

fn launch(port: u16, log: &Path, database: Option<&Path>) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("a log under target/");
    let mut command = Command::new(program());
    command
        .args(["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "warn"])
        .args(["--port", &port.to_string()])
        .args(["--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"])
        .args(["--dynamic-config-value", "history.timerProcessorMaxPollRPS=2000"])
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a second handle"))
        .stderr(log);
    if let Some(database) = database {
        command.arg("--db-filename").arg(database);
    }
    command.spawn().expect("the Temporal server starts")
}

/// The server's program: on the path, or where `tests/run` puts it.
pub(crate) fn program() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/temporal/bin/temporal");
    let on_path = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path).map(|folder| folder.join("temporal")).find(|file| file.is_file())
    });
    match [Some(installed), on_path].into_iter().flatten().find(|file| file.is_file()) {
        Some(program) => program,
        None => panic!("there is no Temporal server: run `tests/run`, which installs it under target/tools"),
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
