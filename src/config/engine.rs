use std::collections::BTreeMap;
use std::fmt;

use super::problem::Problem;
use super::setting::Setting;

/// What runs a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The engine in one process, with its journal.
    #[default]
    Embedded,
    /// A Temporal server and its workers.
    Temporal,
}

impl Engine {
    /// Reads `embedded` or `temporal`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text {
            "embedded" => Ok(Self::Embedded),
            "temporal" => Ok(Self::Temporal),
            _ => Err(Problem::Engine(text.to_owned())),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Temporal => "temporal",
        })
    }
}

/// Which engine runs which workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engines {
    /// What runs the workflows that are not named.
    pub default: Setting<Engine>,
    /// What runs those that are, by their names.
    pub workflows: BTreeMap<String, Setting<Engine>>,
}

impl Default for Engines {
    fn default() -> Self {
        Self { default: Setting::default(Engine::default()), workflows: BTreeMap::new() }
    }
}

impl Engines {
    /// The engine of a workflow.
    #[must_use]
    pub fn of(&self, workflow: &str) -> Engine {
        self.workflows.get(workflow).unwrap_or(&self.default).value
    }
}
