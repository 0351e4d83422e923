//! What a run takes from its environment: settings and secrets. Both are looked up before it starts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::secret::{Kept, open_sealed, read_file};
use crate::engine::Constants;
use crate::engine::machine::{LINK, Wired};
use crate::nodes::Secrets;
use crate::plan::{Node, Plan, Secret, SecretSource, Setting, Task, Workflow};
use crate::value::{EcoString, Value};

/// What a run needs and its environment doesn't give.
#[derive(Debug, Error)]
pub enum GivenError {
    /// Secrets that are not set.
    #[error("{}", missing(.0))]
    MissingSecrets(Vec<String>),
    /// A secret's file that can't be read.
    #[error("the secret `{name}` can't be read from {}: {reason}", .path.display())]
    UnreadableSecret {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A secret that a command doesn't give.
    #[error("the secret `{name}` can't be had from `{program}`: {reason}")]
    UngivenSecret {
        /// Its name.
        name: String,
        /// The command's program.
        program: String,
        /// Why; nothing of what it printed.
        reason: String,
    },
    /// A setting that is not set, or doesn't fit.
    #[error("the setting `{name}` {reason}")]
    Setting {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn missing(names: &[String]) -> String {
    match names {
        [only] => format!("the secret {only} is not set"),
        many => format!("secrets are not set: {}", many.join(", ")),
    }
}

/// Texts and JSON values by name, as an environment or a configuration gives them.
#[derive(Clone, Default)]
pub struct Environment {
    /// Settings by name, as JSON.
    pub settings: BTreeMap<String, serde_json::Value>,
    /// Settings by name, as text: JSON, or plain where a text is wanted. They outweigh the others.
    pub setting_texts: BTreeMap<String, String>,
    /// The form of a link to the question of an approval, with `{run}` and `{node}` in it.
    pub approval_link: Option<String>,
    /// The variables in which secrets are found.
    pub variables: BTreeMap<String, String>,
    /// The file with the identities that open files encrypted with age.
    pub age_identity: Option<PathBuf>,
    /// What commands gave.
    pub kept: Kept,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.variables.keys().collect();
        f.debug_struct("Environment").field("variables", &names).finish_non_exhaustive()
    }
}

impl Environment {
    /// What this process's environment gives: `CITADEL_SET_NAME` for settings, all variables for secrets, and
    /// `CITADEL_AGE_IDENTITY` for the identities of age.
    #[must_use]
    pub fn of_process() -> Self {
        let variables: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let setting = |(name, value): (&String, &String)| {
            Some((name.strip_prefix("CITADEL_SET_")?.to_lowercase(), value.clone()))
        };
        let setting_texts = variables.iter().filter_map(setting).collect();
        let age_identity = variables.get("CITADEL_AGE_IDENTITY").map(PathBuf::from);
        Self { setting_texts, variables, age_identity, ..Self::default() }
    }

    /// The settings that a plan's workflows read, decoded.
    ///
    /// # Errors
    /// The first that is not set and has no default, or doesn't fit.
    pub fn settings(&self, wired: &Wired) -> Result<BTreeMap<EcoString, Value>, GivenError> {
        let mut settings = BTreeMap::new();
        for workflow in &wired.plan().program().workflows {
            for setting in &workflow.settings {
                settings.insert(setting.name.as_str().into(), self.setting(workflow, setting)?);
            }
        }
        let asks = |node: &Node| matches!(node.task, Task::Approval(_));
        let mut nodes = wired.plan().program().workflows.iter().flat_map(|workflow| &workflow.nodes);
        if let Some(form) = self.approval_link.as_deref().filter(|_| nodes.any(asks)) {
            settings.insert(LINK.into(), Value::from(form));
        }
        Ok(settings)
    }

    fn setting(&self, workflow: &Workflow, setting: &Setting) -> Result<Value, GivenError> {
        let error = |reason: String| GivenError::Setting { name: setting.name.clone(), reason };
        let decode = |json: &serde_json::Value| workflow.shapes.decode(setting.shape, json);
        if let Some(text) = self.setting_texts.get(&setting.name.to_lowercase()) {
            let plain = serde_json::Value::String(text.clone());
            let parsed = serde_json::from_str(text).ok().and_then(|json| decode(&json).ok());
            return match parsed {
                Some(value) => Ok(value),
                None => decode(&plain).map_err(|mismatch| error(format!("doesn't fit: {mismatch}"))),
            };
        }
        if let Some(json) = self.settings.get(&setting.name) {
            return decode(json).map_err(|mismatch| error(format!("doesn't fit: {mismatch}")));
        }
        match Constants::of(workflow).default(workflow, setting) {
            Some(value) => value.map_err(|reason| error(format!("has no default: {reason}"))),
            None => {
                let variable = setting.name.to_uppercase();
                let remedy = format!("set CITADEL_SET_{variable}, or give it a value in citadel.toml");
                Err(error(format!("is not set: {remedy}")))
            }
        }
    }

    /// The secrets that the workflows of a plan use, by workflow.
    ///
    /// # Errors
    /// All that are not set, or the first that can't be read or had.
    pub fn secrets(&self, plan: &Plan) -> Result<Vec<Secrets>, GivenError> {
        let all = plan.program().workflows.iter().flat_map(|workflow| &workflow.secrets);
        self.values(all)?;
        plan.program().workflows.iter().map(|workflow| self.secrets_of(&workflow.secrets)).collect()
    }

    /// The values of some secrets.
    ///
    /// # Errors
    /// All that are not set, or the first that can't be read or had.
    pub fn secrets_of(&self, secrets: &[Secret]) -> Result<Secrets, GivenError> {
        self.values(secrets).map(Secrets::new)
    }

    fn values<'s>(
        &self,
        secrets: impl IntoIterator<Item = &'s Secret>,
    ) -> Result<BTreeMap<String, String>, GivenError> {
        let (mut values, mut missing) = (BTreeMap::new(), BTreeSet::new());
        for secret in secrets {
            match self.secret(&secret.name, &secret.source)? {
                Ok(value) => drop(values.insert(secret.name.clone(), value)),
                Err(reason) => drop(missing.insert(reason)),
            }
        }
        if missing.is_empty() {
            Ok(values)
        } else {
            Err(GivenError::MissingSecrets(missing.into_iter().collect()))
        }
    }

    fn secret(&self, name: &str, source: &SecretSource) -> Result<Result<String, String>, GivenError> {
        let unreadable = |path: &str, reason| {
            let (name, path) = (name.to_owned(), path.into());
            GivenError::UnreadableSecret { name, path, reason }
        };
        match source {
            SecretSource::Env(variable) => Ok(match self.variables.get(variable) {
                Some(value) => Ok(value.clone()),
                None => Err(format!("`{name}` (the environment variable {variable})")),
            }),
            SecretSource::File(path) => {
                read_file(Path::new(path)).map(Ok).map_err(|reason| unreadable(path, reason))
            }
            SecretSource::Age(path) => open_sealed(Path::new(path), self.age_identity.as_deref())
                .map(Ok)
                .map_err(|reason| unreadable(path, reason)),
            SecretSource::Command(words) => self.kept.output(words).map(Ok).map_err(|reason| {
                let program = words.first().cloned().unwrap_or_default();
                GivenError::UngivenSecret { name: name.to_owned(), program, reason }
            }),
        }
    }
}
