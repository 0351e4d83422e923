use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use thiserror::Error;

use crate::compile::Unreadable;

/// Why a command can't do its work, other than by what a file says.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("{}: {}", path.display(), reason(error))]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{0}")]
    Usage(String),
    #[error("the output can't be written: {0}")]
    Output(std::io::Error),
    #[error("no thread can be started: {0}")]
    Thread(std::io::Error),
}

impl Failure {
    /// What a system says of a file.
    pub(super) fn io(path: &Path) -> impl Fn(std::io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }

    /// 2 for what the caller can mend, 3 for the environment.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Unreadable(_) | Self::Io { .. } | Self::Output(_) | Self::Thread(_) => ExitCode::from(3),
        }
    }

    /// Whether whoever reads the output has gone: nobody is left to be told.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe)
    }
}

fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => "there is no such file or folder".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::FilesystemLoop => "its links lead in a circle".to_owned(),
        _ => error.to_string(),
    }
}
