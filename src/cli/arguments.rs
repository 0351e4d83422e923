use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Durable workflows in typed .citadel files.
#[derive(Debug, Parser)]
#[command(name = "citadel", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Find everything that files show about how their runs would fail
    Check(CheckArguments),
    /// Explain a finding's code, or list all codes
    Explain {
        /// A code such as `unknown_name`
        code: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// Files or folders; the project where none is given
    pub paths: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Exit with 1 on these too
    #[arg(long, value_enum)]
    pub deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Drawn in the source text
    Human,
    /// file:line:column: severity[code]: message
    Short,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Warnings
    Warnings,
}
