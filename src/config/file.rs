use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;

use super::engine::{Engine, Engines};
use super::error::Error;
use super::key::Key;
use super::mistake::{Fault, Mistakes};
use super::reader;
use super::setting::Setting;
use super::source::Source;
use crate::diagnostic::nearest;
use crate::source::LineIndex;

/// What a `citadel.toml` says, and what is wrong in it.
#[derive(Debug, Clone, Default)]
pub struct ProjectFile {
    /// As messages show it.
    pub(super) path: PathBuf,
    /// The fields of `[levels]`, whose meaning the compiler knows.
    pub levels: Vec<Level>,
    /// The profiles by their names.
    pub profiles: BTreeMap<String, Profile>,
    /// `[journal] retention`: after how long runs that ended are forgotten.
    pub retention: Option<Duration>,
    /// `[secrets] age_identity`: the file with the identities that open files encrypted with age.
    pub age_identity: Option<PathBuf>,
    /// `[approvals] link`: the form of a link to a question, with `{run}` and `{node}` in it.
    pub approval_link: Option<String>,
    /// `[breakers] store`: where processes share their circuit breakers and limits.
    pub breaker_store: Option<BreakerStore>,
    /// `[temporal]`.
    pub(super) temporal: BTreeMap<Key, Written>,
    /// `[engine] default`.
    pub(super) engine: Option<(Engine, Source)>,
    /// `[workflows.NAME] engine`.
    pub(super) engines: BTreeMap<String, (Engine, Source)>,
    /// Everything that is wrong, by its place.
    pub mistakes: Vec<Spotted>,
}

/// A line of `[levels]`.
#[derive(Debug, Clone)]
pub struct Level {
    /// The code of a finding, and where it stands.
    pub code: (String, Range<usize>),
    /// The level that it gets, where that is a text, and where it stands.
    pub level: (Option<String>, Range<usize>),
}

/// `[profile.NAME]`.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The values of settings by their names; they are decoded when a run starts, because their types are known then.
    pub settings: BTreeMap<String, Json>,
    /// `[profile.NAME.temporal]`.
    pub(super) temporal: BTreeMap<Key, Written>,
}

/// Where processes share their circuit breakers and limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakerStore {
    /// At `sqlite:PATH` or `postgres://...`, without a password.
    At(String),
    /// Where a variable of the environment says.
    Variable(String),
}

/// A value as it was written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub text: String,
    pub source: Source,
}

/// A mistake in the file, and its place in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spotted {
    /// The place.
    pub place: Range<usize>,
    /// The same, as messages show it.
    pub source: Source,
    /// What is wrong.
    pub error: Error,
}

impl ProjectFile {
    /// Reads the text of a `citadel.toml`, whose path is shown in messages and whose folder relative paths in it are
    /// relative to.
    #[must_use]
    pub fn parse(path: &Path, text: &str) -> Self {
        reader::read(path, LineIndex::new(text), text)
    }

    /// Everything that is wrong with it.
    ///
    /// # Errors
    /// When something is.
    pub fn validate(&self) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for spotted in &self.mistakes {
            mistakes.add(&spotted.source, Fault::File(spotted.error.clone()));
        }
        mistakes.or(())
    }

    /// Which engine runs which workflow.
    #[must_use]
    pub fn engines(&self) -> Engines {
        let setting = |(value, source): &(Engine, Source)| Setting { value: *value, source: source.clone() };
        let named = self.engines.iter().map(|(name, engine)| (name.clone(), setting(engine)));
        let default = self.engine.as_ref().map_or_else(|| Engines::default().default, setting);
        Engines { default, workflows: named.collect() }
    }

    /// Whether it is TOML; of what isn't, nothing is known.
    pub(super) fn is_readable(&self) -> bool {
        !self.mistakes.iter().any(|spotted| matches!(spotted.error, Error::Syntax { .. }))
    }

    /// The profile of that name, which `--profile` asks for.
    ///
    /// # Errors
    /// When there is none.
    pub fn profile(&self, name: &str) -> Result<&Profile, Mistakes> {
        self.profiles.get(name).ok_or_else(|| {
            let mut mistakes = Mistakes::default();
            mistakes.add(&Source::Flag("--profile".to_owned()), self.no_profile(name));
            mistakes
        })
    }

    pub(super) fn no_profile(&self, name: &str) -> Fault {
        let suggestion = nearest(name, self.profiles.keys().map(String::as_str));
        Fault::NoProfile { name: name.to_owned(), suggestion: suggestion.map(str::to_owned) }
    }

    /// The folder that it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}
