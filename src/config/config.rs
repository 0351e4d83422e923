use std::collections::BTreeMap;
use std::path::Path;

use super::engine::{Engine, Engines};
use super::file::{ProjectFile, Written};
use super::key::{Key, PREFIX};
use super::mistake::{Fault, Mistakes};
use super::secret::Secret;
use super::setting::Setting;
use super::source::Source;
use super::temporal::Temporal;
use super::validate;
use crate::diagnostic::nearest;

/// The variable that chooses a profile where no flag does.
const PROFILE: &str = "CITADEL_PROFILE";

/// How and where workflows run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    temporal: Temporal,
    engines: Engines,
    profile: Option<Setting<String>>,
}

/// What a configuration is made of: flags over variables over the chosen profile over the file's sections over defaults.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The project's `citadel.toml`, where there is one.
    pub file: Option<&'a ProjectFile>,
    /// All variables of the environment.
    pub variables: &'a BTreeMap<String, String>,
    /// The flags that were given.
    pub flags: &'a BTreeMap<Key, String>,
    /// The profile that a flag names.
    pub profile: Option<&'a str>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// All mistakes at once, each with who made it.
    pub fn read(inputs: &Inputs<'_>) -> Result<Self, Mistakes> {
        let mut reading = Reading::default();
        if let Some(file) = inputs.file {
            if !file.is_readable() {
                file.validate()?;
            }
            reading.file(file);
        }
        reading.profile(inputs);
        reading.variables(inputs.variables);
        reading.flags(inputs.flags);
        reading.api_key(inputs.variables);
        reading.finish()
    }

    /// Where the Temporal server is, and what holds for work on it.
    #[must_use]
    pub fn temporal(&self) -> &Temporal {
        &self.temporal
    }

    /// Which engine runs which workflow.
    #[must_use]
    pub fn engines(&self) -> &Engines {
        &self.engines
    }

    /// The engine of a workflow.
    #[must_use]
    pub fn engine_of(&self, workflow: &str) -> Engine {
        self.engines.of(workflow)
    }

    /// The profile that was chosen, where one was.
    #[must_use]
    pub fn profile(&self) -> Option<&Setting<String>> {
        self.profile.as_ref()
    }
}

#[derive(Default)]
struct Reading {
    config: Config,
    mistakes: Mistakes,
}

impl Reading {
    fn file(&mut self, file: &ProjectFile) {
        if let Err(mistakes) = file.validate() {
            self.mistakes.0.extend(mistakes.0);
        }
        self.written(&file.temporal, file.folder());
        self.config.engines = file.engines();
    }

    fn profile(&mut self, inputs: &Inputs<'_>) {
        let variable = inputs.variables.get(PROFILE).map(String::as_str).filter(|name| !name.is_empty());
        let Some(name) = inputs.profile.or(variable) else { return };
        // What reads flags may have read the variable as well.
        let source = if variable == Some(name) {
            Source::Variable(PROFILE.to_owned())
        } else {
            Source::Flag("--profile".to_owned())
        };
        match inputs.file.and_then(|file| Some((file, file.profiles.get(name)?))) {
            Some((file, profile)) => self.written(&profile.temporal, file.folder()),
            None => {
                let nothing = ProjectFile::default();
                self.mistakes.add(&source, inputs.file.unwrap_or(&nothing).no_profile(name));
            }
        }
        self.config.profile = Some(Setting { value: name.to_owned(), source });
    }

    fn written(&mut self, values: &BTreeMap<Key, Written>, folder: &Path) {
        for (key, written) in values {
            self.take(*key, &written.text, &written.source, folder);
        }
    }

    /// A variable that is empty counts as one that is not set.
    fn variables(&mut self, variables: &BTreeMap<String, String>) {
        let known = Key::ALL.map(|key| (key.variable(), key));
        let secret = self.config.temporal.api_key_env.value.clone();
        for (name, text) in
            variables.iter().filter(|(name, text)| name.starts_with(PREFIX) && !text.is_empty())
        {
            let source = Source::Variable(name.clone());
            match known.iter().find(|(variable, _)| variable == name) {
                Some((_, key)) => self.take(*key, text, &source, Path::new("")),
                None if *name == secret || name == Temporal::default().api_key_env.value.as_str() => {}
                None => {
                    let candidates = known.iter().map(|(variable, _)| variable.as_str());
                    let suggestion = nearest(name, candidates).map(str::to_owned);
                    self.mistakes.add(&source, Fault::UnknownVariable { suggestion });
                }
            }
        }
    }

    fn flags(&mut self, flags: &BTreeMap<Key, String>) {
        for (key, text) in flags {
            self.take(*key, text, &Source::Flag(key.flag()), Path::new(""));
        }
    }

    fn take(&mut self, key: Key, text: &str, source: &Source, folder: &Path) {
        if let Err(problem) = self.config.temporal.take(key, text, source.clone(), folder) {
            self.mistakes.add(source, Fault::Value { key, problem });
        }
    }

    /// The key is in the variable that is named for it; it must be there if it was named.
    fn api_key(&mut self, variables: &BTreeMap<String, String>) {
        let Setting { value: name, source } = self.config.temporal.api_key_env.clone();
        match variables.get(&name).map(|key| key.trim()).filter(|key| !key.is_empty()) {
            Some(key) => {
                self.config.temporal.api_key.set(Some(Secret::new(key)), Source::Variable(name));
            }
            None if source == Source::Default => {}
            None => self.mistakes.add(&source, Fault::NoApiKey { name }),
        }
    }

    fn finish(mut self) -> Result<Config, Mistakes> {
        self.mistakes.0.extend(validate::all(&self.config.temporal).0);
        self.mistakes.or(self.config)
    }
}
