use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::workload::Side;

/// The first argument of a worker's process.
pub(crate) const WORKER: &str = "worker";
/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with this.
pub(crate) struct Process(Child);

impl Process {
    /// The CPU time that it has used, with all its threads, in milliseconds.
    pub(crate) fn cpu(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap_or_default();
        // What follows the name, which is in parentheses and may hold anything: user and system time are 14 and 15.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
    }

    /// A worker of this program.
    pub(crate) fn worker(side: Side, server: &Server) -> Self {
        let program = std::env::current_exe().expect("a path");
        let mut command = Command::new(program);
        command.args([WORKER, &side.to_string(), &server.address]).stdin(Stdio::piped());
        Self(command.spawn().expect("it is this program"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ends this process when that is gone which started it.
pub(crate) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}

/// A real server, in memory.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) process: Process,
}

impl Server {
    /// Starts it with its speed limits lifted, and waits until it takes connections.
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = port.expect("a free port").port();
        let process = Command::new(program())
            .args(["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"])
            .args(["--port", &port.to_string()])
            .args(["--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"])
            .args(["--dynamic-config-value", "history.timerProcessorMaxPollRPS=2000"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the Temporal server starts");
        let server = Self { address: format!("127.0.0.1:{port}"), process: Process(process) };
        let start = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            assert!(start.elapsed() < PATIENCE, "the Temporal server doesn't answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

/// The server's program: where `tests/run` puts it, or on the path.
fn program() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/temporal/bin/temporal");
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).map(|folder| folder.join("temporal"));
    let found = std::iter::once(installed).chain(on_path).find(|file| file.is_file());
    found.expect("there is no Temporal server: run `tests/run`, which installs it under target/tools")
}
