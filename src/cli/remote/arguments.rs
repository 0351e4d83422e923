use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::config::ConnectionFlags;
use crate::cli::telemetry::Told;

/// The commands that serve and ask a Temporal server.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Remote {
    /// Serve the workflows of files on a Temporal server, and make their activities
    Worker(WorkerArguments),
    /// Start a run on a Temporal server
    Start(StartArguments),
    /// Say what a run on a Temporal server is at
    Status(RunArguments),
    /// Wait for the end of a run on a Temporal server, and print its output
    Result(RunArguments),
    /// End a run on a Temporal server at once, without undoing anything
    Terminate(TerminateArguments),
    /// List the runs on a Temporal server, the newest first
    List(ListArguments),
    /// Start a Temporal server here, and a worker that follows the files
    Dev(DevArguments),
    /// Look at the connection, the workers and the runs that go no further, and say what to do
    Doctor(DoctorArguments),
}

/// Where the Temporal server is.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Server {
    #[command(flatten)]
    pub flags: ConnectionFlags,
    /// Take what is not said, and settings, from this profile of `citadel.toml`
    #[arg(long, value_name = "NAME", env = "CITADEL_PROFILE")]
    pub profile: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct WorkerArguments {
    /// The files; the project's where none is given
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub server: Server,
    /// How many activities are made at once [env: CITADEL_TEMPORAL_MAX_CONCURRENT_TASKS]
    #[arg(long, value_name = "COUNT")]
    pub max_concurrent_tasks: Option<String>,
    /// Let nodes reach addresses of this machine and its network
    #[arg(long)]
    pub allow_private_network: bool,
    #[command(flatten)]
    pub told: Told,
    /// How many runs are kept in memory between their workflow tasks
    #[arg(long, value_name = "COUNT", default_value_t = 1_000)]
    pub cache: usize,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct StartArguments {
    /// The workflow
    pub workflow: String,
    /// Its input: JSON, or `@` and a file, `@-` for standard input
    #[arg(long, short, value_name = "JSON", default_value = "{}", allow_hyphen_values = true)]
    pub input: String,
    /// The run's id, in place of the workflow's
    #[arg(long)]
    pub id: Option<String>,
    /// Wait for its end, and print its output as `run` does
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    /// The run's id
    pub run: String,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct TerminateArguments {
    /// The run's id
    pub run: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "terminated by an operator")]
    pub reason: String,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DevArguments {
    /// The files; the project's where none is given
    pub files: Vec<PathBuf>,
    /// The server's program; else `temporal` on the path
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// The server's port; 7233 where that is free
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// The port of its UI; 8233 where that is free
    #[arg(long, value_name = "PORT")]
    pub ui_port: Option<u16>,
    /// Keep runs in this file; in memory where none is named
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// The task queue; else the one that is configured
    #[arg(long, value_name = "NAME")]
    pub task_queue: Option<String>,
    /// Take settings from this profile of `citadel.toml`
    #[arg(long, value_name = "NAME", env = "CITADEL_PROFILE")]
    pub profile: Option<String>,
    /// Let nodes reach addresses of this machine and its network
    #[arg(long)]
    pub allow_private_network: bool,
    #[command(flatten)]
    pub told: Told,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArguments {
    #[command(flatten)]
    pub server: Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// A filter in the server's language for lists, such as `ExecutionStatus = "Running"`
    #[arg(long, default_value = "")]
    pub filter: String,
    /// How many runs at most
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub limit: usize,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub server: Server,
}
