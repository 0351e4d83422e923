use std::fmt;

use miette::Diagnostic as _;
use thiserror::Error;

use super::error::Error as FileError;
use super::key::Key;
use super::problem::Problem;
use super::source::Source;

/// One thing that is wrong with a configuration, and who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Who said it.
    pub source: Source,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Fault {
    #[error("{0}")]
    File(FileError),
    #[error("`{key}` can't be this: {problem}")]
    Value { key: Key, problem: Problem },
    #[error("there is no variable of this name")]
    UnknownVariable { suggestion: Option<String> },
    #[error("there is no profile `{name}`")]
    NoProfile { name: String, suggestion: Option<String> },
    #[error("`{given}` is of no use without `{missing}`")]
    Half { given: Key, missing: Key },
    #[error("`tls` is off, and {key} needs it")]
    WithoutTls { key: &'static str },
    #[error("the variable `{name}` is to hold the API key, and it is not set")]
    NoApiKey { name: String },
}

impl Fault {
    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let meant =
            |suggestion: &Option<String>| suggestion.as_ref().map(|it| format!("did you mean `{it}`?"));
        match self {
            Self::File(error) => error.help().map(|help| help.to_string()),
            Self::Value { problem, .. } => Some(problem.help().to_owned()),
            Self::UnknownVariable { suggestion } => {
                Some(meant(suggestion).unwrap_or_else(|| "`citadel config` shows what can be set".to_owned()))
            }
            Self::NoProfile { name, suggestion } => Some(
                meant(suggestion).unwrap_or_else(|| format!("write `[profile.{name}]` in `citadel.toml`")),
            ),
            Self::Half { .. } => Some("a client's certificate and its key are given together".to_owned()),
            Self::WithoutTls { .. } => Some("leave `tls` away: it is on where it is needed".to_owned()),
            Self::NoApiKey { .. } => None,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.fault)
    }
}

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mistakes(pub Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, source: &Source, fault: Fault) {
        self.0.push(Mistake { source: source.clone(), fault });
    }

    /// The value, where there is no mistake.
    pub(super) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, mistake) in self.0.iter().enumerate() {
            let separator = if at == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
