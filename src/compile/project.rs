use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::diagnostic::{Finding, Severity, nearest};
use crate::diagnostic::explain;

/// What `citadel.toml` says of a project.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// `[levels]`: the severity of warnings and notes, by code.
    #[serde(default)]
    levels: BTreeMap<String, Level>,
    /// `[profile.name]`: values of settings; they are read when a run starts.
    #[serde(default)]
    profile: BTreeMap<String, BTreeMap<String, toml::Value>>,
}

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Note,
    Off,
}

/// What is wrong with a `citadel.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProjectError {
    /// It can't be read, or has a field that isn't known.
    #[error("citadel.toml{}: {message}", line.map(|line| format!(":{line}")).unwrap_or_default())]
    Toml {
        /// The line, from 1.
        line: Option<usize>,
        /// What is wrong.
        message: String,
    },
    /// A level for a code that doesn't exist.
    #[error("citadel.toml: there is no finding `{code}`{}", suggestion.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default())]
    UnknownCode {
        /// The code.
        code: String,
        /// A near one.
        suggestion: Option<&'static str>,
    },
}

impl Project {
    /// Reads the text of a `citadel.toml`.
    ///
    /// # Errors
    /// When it is no TOML, has unknown fields, or gives a level to an unknown code.
    pub fn parse(text: &str) -> Result<Self, ProjectError> {
        let project: Self = toml::from_str(text).map_err(|error| ProjectError::Toml {
            line: error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1),
            message: error.message().replace('\n', " "),
        })?;
        match project.levels.keys().find(|code| !explain::exists(code)) {
            Some(code) => Err(ProjectError::UnknownCode {
                code: code.clone(),
                suggestion: nearest(code, explain::codes()),
            }),
            None => Ok(project),
        }
    }

    /// The names of its profiles.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profile.keys().map(String::as_str)
    }

    /// Gives a finding its level; `false` where it is off. An error stays one: what it says would fail a run.
    pub(super) fn apply_level(&self, finding: &mut Finding) -> bool {
        let Some(level) = self.levels.get(&finding.code).filter(|_| finding.severity != Severity::Error) else {
            return true;
        };
        finding.severity = match level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Note,
            Level::Off => return false,
        };
        true
    }
}
