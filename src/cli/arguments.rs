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
    /// Show what is known of the language
    #[command(subcommand)]
    Docs(Docs),
    /// Run the tests of files in virtual time
    Test(TestArguments),
    /// Print the execution plan of a workflow, as JSON
    Plan(PlanArguments),
    /// Evaluate an expression and print its value and type
    Eval(EvalArguments),
    /// Show how workflows are run here, and where each value comes from
    Config(super::config::ConfigArguments),
    /// Look after databases that workflows use
    #[cfg(feature = "embedded")]
    #[command(subcommand)]
    Db(super::db::Db),
    #[cfg(feature = "embedded")]
    #[command(flatten)]
    Running(super::running::Running),
    #[cfg(feature = "temporal")]
    #[command(flatten)]
    Remote(super::remote::Remote),
}

#[derive(Debug, Subcommand)]
pub(super) enum Docs {
    /// The kinds of nodes, or all about one: fields, ports, output, errors
    Nodes {
        /// A kind such as `http_request`
        kind: Option<String>,
        /// How it is printed
        #[arg(long, value_enum, default_value_t = DocsFormat::Text)]
        format: DocsFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DocsFormat {
    /// For terminals; without a kind a list
    Text,
    /// A page for a kind, or the reference of all
    Markdown,
    /// For programs
    Json,
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

#[derive(Debug, clap::Args)]
pub(super) struct TestArguments {
    /// Files or folders; the project where none is given
    pub paths: Vec<PathBuf>,
    /// Only the tests with this text in their names
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Also write what became of them as JUnit's XML
    #[arg(long, value_name = "PATH")]
    pub junit: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Drawn in the source text
    Human,
    /// file:line:column: severity[code]: message
    Short,
    /// One JSON document
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Warnings
    Warnings,
}

#[derive(Debug, clap::Args)]
pub(super) struct PlanArguments {
    /// The file
    pub file: PathBuf,
    /// The workflow, where the file declares several
    #[arg(long, short)]
    pub workflow: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct EvalArguments {
    /// The expression
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin", allow_hyphen_values = true)]
    pub expression: Option<String>,
    /// A JSON file: an object of names and their values
    #[arg(long, value_name = "FILE", conflicts_with = "stdin")]
    pub bindings: Option<PathBuf>,
    /// Read a JSON object a line ({"expr", "type_env", "bindings"}) and answer with one a line
    #[arg(long)]
    pub stdin: bool,
}
