use std::fmt;
use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::compile::{Compilation, PlanError};
use crate::diagnostic::Finding;
use crate::diagnostic::render::Renderer;
use crate::driver::embedded::EngineError;

/// Why something that a program asked for can't be done.
#[derive(Debug, ThisError)]
pub enum Error {
    /// What was defined has errors.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A file can't be read.
    #[error("{} can't be read: {reason}", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no plan of a workflow.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// There is no such workflow.
    #[error("no workflow `{0}` is registered")]
    UnknownWorkflow(String),
    /// The configuration has mistakes.
    #[cfg(feature = "temporal")]
    #[error(transparent)]
    Configuration(#[from] crate::config::Mistakes),
    /// The server refuses, or can't be reached.
    #[cfg(feature = "temporal")]
    #[error(transparent)]
    Temporal(#[from] crate::driver::temporal::TemporalError),
    /// The engine refuses.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The run stopped being driven by this process before it was over.
    #[error("the run `{run}` goes no further here: {reason}")]
    Left {
        /// Which.
        run: String,
        /// Why.
        reason: String,
    },
}

/// The findings of a definition that has errors, each in a line with its place.
#[derive(Debug)]
pub struct Refused {
    /// What was found, sorted by place.
    pub findings: Vec<Finding>,
    lines: Vec<String>,
}

impl Refused {
    pub(super) fn new(compilation: Compilation) -> Self {
        let renderer = Renderer::new(&compilation.sources);
        let lines = compilation.findings.iter().map(|finding| renderer.line(finding)).collect();
        Self { findings: compilation.findings, lines }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("\n"))
    }
}

impl std::error::Error for Refused {}
