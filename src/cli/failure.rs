use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

use crate::compile::Unreadable;
use crate::disk::reason;

/// Why a command can't do its work, other than by what a file says.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("{}: {}", path.display(), reason(error))]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Config(#[from] crate::config::Mistakes),
    #[error("the output can't be written: {0}")]
    Output(std::io::Error),
    #[error("{0}")]
    Defect(String),
    #[cfg(feature = "embedded")]
    #[error("{0}")]
    Engine(#[from] crate::driver::embedded::EngineError),
    #[cfg(feature = "temporal")]
    #[error("{0}")]
    Temporal(#[from] crate::driver::temporal::TemporalError),
    #[cfg(feature = "embedded")]
    #[error("{0}")]
    Given(#[from] crate::driver::GivenError),
    #[cfg(feature = "embedded")]
    #[error("{0}")]
    Environment(String),
    #[error("no thread can be started: {0}")]
    Thread(std::io::Error),
}

impl Failure {
    /// What a system says of a file.
    pub(super) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }

    /// 2 for what the caller can mend, 3 for the environment, 70 for a mistake of this program.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Config(_) => ExitCode::from(2),
            Self::Defect(_) => ExitCode::from(70),
            #[cfg(feature = "embedded")]
            Self::Engine(error) => ExitCode::from(if error.is_of_caller() { 2 } else { 3 }),
            #[cfg(feature = "temporal")]
            Self::Temporal(error) => ExitCode::from(if error.is_of_caller() { 2 } else { 3 }),
            #[cfg(feature = "embedded")]
            Self::Given(_) => ExitCode::from(3),
            #[cfg(feature = "embedded")]
            Self::Environment(_) => ExitCode::from(3),
            Self::Unreadable(_) | Self::Io { .. } | Self::Output(_) | Self::Thread(_) => ExitCode::from(3),
        }
    }

    /// Whether whoever reads the output has gone: nobody is left to be told.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe)
    }
}
