use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

use crate::compile::{LoadError, ProjectError};

/// Why a command can't do its work, other than by what a file says.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Load(#[from] LoadError),
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{0}")]
    Project(#[from] ProjectError),
    #[error("{0}")]
    Usage(String),
    #[error("the output can't be written: {0}")]
    Output(std::io::Error),
}

impl Failure {
    /// 2 for what the caller can mend, 3 for the environment.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Project(_) => ExitCode::from(2),
            Self::Load(_) | Self::Io { .. } | Self::Output(_) => ExitCode::from(3),
        }
    }
}
