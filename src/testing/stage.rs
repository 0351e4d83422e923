use std::collections::BTreeMap;
use std::sync::Arc;

use super::fault::Fault;
use crate::diagnostic::Finding;
use crate::engine::Constants;
use crate::engine::machine::Wired;
use crate::plan::{Place, Setting, TestedPlan, Workflow};
use crate::source::{FileId, Span};
use crate::value::{EcoString, Value};

/// A plan, made ready for the tests that run it.
#[derive(Debug)]
pub struct Stage {
    pub(super) wired: Arc<Wired>,
    files: Vec<FileId>,
    pub(super) settings: BTreeMap<EcoString, Value>,
    /// Settings that no default is given for, and what they are instead.
    undefined: Vec<(String, Value)>,
}

impl Stage {
    /// The stage of a plan.
    #[must_use]
    pub fn new(tested: &TestedPlan) -> Self {
        let wired = Arc::new(Wired::new(Arc::clone(&tested.plan)));
        let (settings, undefined) = (BTreeMap::new(), Vec::new());
        let mut stage = Self { wired, files: tested.files.clone(), settings, undefined };
        for workflow in &tested.plan.program().workflows {
            let constants = Constants::of(workflow);
            workflow.settings.iter().for_each(|setting| stage.set(workflow, &constants, setting));
        }
        stage
    }

    /// Gives a setting its default, or that of its type.
    fn set(&mut self, workflow: &Workflow, constants: &Constants, setting: &Setting) {
        let given = constants.default(workflow, setting).and_then(Result::ok);
        let value = given.unwrap_or_else(|| {
            let value = workflow.shapes.default_value(setting.shape);
            if !self.undefined.iter().any(|(name, _)| *name == setting.name) {
                self.undefined.push((setting.name.clone(), value.clone()));
            }
            value
        });
        self.settings.insert(setting.name.as_str().into(), value);
    }

    /// What is to be said of settings, at a place.
    pub(super) fn notes(&self, span: Span) -> impl Iterator<Item = Finding> {
        self.undefined.iter().map(move |(name, value)| {
            let value = format!("`{}`", value.to_json().unwrap_or_default());
            Finding::new(span, Fault::Setting { name: name.clone(), value })
        })
    }

    /// A place of the plan as one of the sources.
    pub(super) fn span(&self, place: Place) -> Option<Span> {
        let file = *self.files.get(place.0 as usize)?;
        Some(Span::new(file, place.1 as usize, place.2 as usize))
    }
}
