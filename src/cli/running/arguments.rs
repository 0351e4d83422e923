use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::telemetry::Told;
use crate::config::Engine;

/// The commands that run workflows.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Running {
    /// Run a workflow to its end; what was accepted is finished, by this process or by `resume`
    Run(RunArguments),
    /// Go on with a run whose process has ended
    Resume(ResumeArguments),
    /// List the runs of the journal, the newest first
    Runs(RunsArguments),
    /// Show what happened in a run
    Show(ShowArguments),
    /// Stop a run: what it did is undone
    Cancel(CancelArguments),
    /// Send a signal to a run
    Signal(SignalArguments),
    /// Answer the question of an approval
    Approve(ApproveArguments),
    /// Look after the journal
    Journal(JournalArguments),
    /// Go on with all open runs, and with those that other commands add
    Serve(ServeArguments),
}

/// Where the journal is.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Place {
    /// The journal's folder; `.citadel` beside `citadel.toml`, or in the working folder
    #[arg(long, value_name = "FOLDER")]
    pub journal: Option<PathBuf>,
}

/// What runs may do here.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Means {
    #[command(flatten)]
    pub place: Place,
    /// Take settings from this profile of `citadel.toml`
    #[arg(long, value_name = "NAME", env = "CITADEL_PROFILE")]
    pub profile: Option<String>,
    /// Let nodes reach addresses of this machine and its network
    #[arg(long)]
    pub allow_private_network: bool,
    #[command(flatten)]
    pub told: Told,
}

impl Means {
    /// Those of a command that only passes a message on.
    pub(super) fn at(place: &Place) -> Self {
        Self { place: place.clone(), profile: None, allow_private_network: false, told: Told::default() }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    /// The file
    pub file: PathBuf,
    /// The workflow, where the file declares several
    #[arg(long, short)]
    pub workflow: Option<String>,
    /// Its input: JSON, or `@` and a file, `@-` for standard input
    #[arg(long, short, value_name = "JSON", default_value = "{}", allow_hyphen_values = true)]
    pub input: String,
    /// The run's id, in place of the workflow's
    #[arg(long)]
    pub id: Option<String>,
    /// What runs it; else what `citadel.toml` says of the workflow
    #[arg(long, value_name = "ENGINE", value_parser = Engine::parse)]
    pub engine: Option<Engine>,
    #[command(flatten)]
    pub means: Means,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ResumeArguments {
    /// The run's id
    pub run: String,
    /// Take it from the process that drives it
    #[arg(long)]
    pub take_over: bool,
    /// Stop as soon as it only waits for a time or a signal
    #[arg(long)]
    pub until_idle: bool,
    #[command(flatten)]
    pub means: Means,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunsArguments {
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RunsCommand {
    /// Forget runs that ended long ago
    Prune {
        /// How long ago, such as `30d` or `12h`
        #[arg(long, value_name = "TIME", default_value = "30d")]
        older_than: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The run's id
    pub run: String,
    /// The canonical trace, one JSON object a line
    #[arg(long)]
    pub trace: bool,
    #[command(flatten)]
    pub place: Place,
    #[cfg(feature = "temporal")]
    #[command(flatten)]
    pub server: crate::cli::remote::Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CancelArguments {
    /// The run's id
    pub run: String,
    #[command(flatten)]
    pub means: Means,
    #[cfg(feature = "temporal")]
    #[command(flatten)]
    pub server: crate::cli::config::ConnectionFlags,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignalArguments {
    /// The run's id
    pub run: String,
    /// The signal's name
    pub name: String,
    /// What comes with it: JSON, or `@` and a file
    #[arg(default_value = "null", allow_hyphen_values = true)]
    pub payload: String,
    /// Which of several waits for this name is meant
    #[arg(long)]
    pub correlate: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[cfg(feature = "temporal")]
    #[command(flatten)]
    pub server: crate::cli::remote::Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ApproveArguments {
    /// The run's id
    pub run: String,
    /// The approval's node, or its path; where only one asks, that
    pub node: Option<String>,
    /// Say no
    #[arg(long)]
    pub reject: bool,
    /// Who answers; the user of this system where nothing is said
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    #[command(flatten)]
    pub place: Place,
    #[cfg(feature = "temporal")]
    #[command(flatten)]
    pub server: crate::cli::remote::Server,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct JournalArguments {
    #[command(subcommand)]
    pub command: JournalCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum JournalCommand {
    /// Look at every record
    Check {
        #[command(flatten)]
        place: Place,
    },
    /// Copy the journal as it is at this moment
    Backup {
        /// The new file
        to: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArguments {
    #[command(flatten)]
    pub means: Means,
}
