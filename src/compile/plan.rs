use thiserror::Error;

use super::check::{Compilation, check_text};
use crate::check::program::Workflow;
use crate::diagnostic::nearest;
use crate::lower::{lower, lower_tests};
use crate::plan::{self, Plan, Tests};
use crate::source::Span;

/// Why there is no plan.
#[derive(Debug, Error)]
pub enum PlanError {
    /// An error stands against the files; the findings say which.
    #[error("the file has errors")]
    Refused,
    /// The file declares no workflow.
    #[error("the file declares no workflow")]
    NoWorkflow,
    /// The file declares several, and none was chosen.
    #[error("the file declares several workflows: {}", list(.0))]
    Several(Vec<String>),
    /// The file doesn't declare the workflow that was asked for.
    #[error("the file declares no workflow `{name}`{}", suggestion.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    UnknownWorkflow {
        /// Its name.
        name: String,
        /// A near one.
        suggestion: Option<String>,
    },
    /// The checker let something through.
    #[error("this is a mistake of citadel itself: {0}")]
    Defect(#[from] plan::Error),
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl Compilation {
    /// The plan of a workflow that one of the files declares which were asked for; without a name that of its only one.
    ///
    /// # Errors
    /// When the files have errors, or that workflow isn't there.
    pub fn plan(&self, name: Option<&str>) -> Result<Plan, PlanError> {
        let workflows = self.workflows()?;
        let chosen = match (name, workflows.as_slice()) {
            (Some(name), _) => workflows.iter().find(|(_, it)| it.name == name).ok_or_else(|| {
                let names = workflows.iter().map(|(_, it)| it.name.as_str());
                PlanError::UnknownWorkflow {
                    name: name.to_owned(),
                    suggestion: nearest(name, names).map(str::to_owned),
                }
            })?,
            (None, [only]) => only,
            (None, []) => return Err(PlanError::NoWorkflow),
            (None, _) => {
                return Err(PlanError::Several(
                    workflows.iter().map(|(_, it)| it.name.to_string()).collect(),
                ));
            }
        };
        self.lowered(chosen.0)
    }

    /// The plans of all workflows that the files declare which were asked for, in source order.
    ///
    /// # Errors
    /// When the files have errors.
    pub fn plans(&self) -> Result<Vec<Plan>, PlanError> {
        self.workflows()?.iter().map(|(at, _)| self.lowered(*at)).collect()
    }

    /// The tests of the files that were asked for, as far as their names are wanted, with the plans that they run.
    ///
    /// # Errors
    /// When the files have errors.
    pub fn tests(&self, is_wanted: impl Fn(&str) -> bool) -> Result<Tests, PlanError> {
        let program = self.program.as_ref().ok_or(PlanError::Refused)?;
        Ok(lower_tests(program, &self.sources, |test| self.is_asked(test.span) && is_wanted(&test.name))?)
    }

    fn is_asked(&self, span: Span) -> bool {
        (span.file.0 as usize) < self.asked
    }

    fn workflows(&self) -> Result<Vec<(usize, &Workflow)>, PlanError> {
        let program = self.program.as_ref().ok_or(PlanError::Refused)?.get();
        let declared = program.workflows.iter().enumerate();
        Ok(declared.filter(|(_, workflow)| self.is_asked(workflow.span)).collect())
    }

    fn lowered(&self, workflow: usize) -> Result<Plan, PlanError> {
        let program = self.program.as_ref().ok_or(PlanError::Refused)?;
        Ok(lower(program, workflow, &self.sources)?)
    }
}

/// The plans of all workflows of a text that imports nothing, in source order.
///
/// # Errors
/// When the text has errors; [`check_text`] says which.
pub fn plan_text(text: &str) -> Result<Vec<Plan>, PlanError> {
    check_text(text).plans()
}

#[cfg(test)]
mod tests {
    use super::{PlanError, plan_text};
    use crate::compile::check_text;

    const ONE: &str = "workflow one { node n: data_transformer { value: 1 } }\n";
    const TWO: &str = "workflow two { node n: data_transformer { value: 1 } }\n";

    #[test]
    fn a_plan_is_that_of_the_only_workflow_or_of_the_one_that_is_named() {
        assert!(check_text(ONE).plan(None).is_ok());
        let both = check_text(&format!("{ONE}{TWO}"));
        assert!(matches!(both.plan(None), Err(PlanError::Several(names)) if names == ["one", "two"]));
        assert_eq!(both.plan(Some("two")).expect("a plan").hash(), plan_text(TWO).expect("plans")[0].hash());
        assert!(
            matches!(both.plan(Some("tow")), Err(PlanError::UnknownWorkflow { suggestion: Some(near), .. }) if near == "two")
        );
    }

    #[test]
    fn errors_refuse_a_plan() {
        assert!(matches!(
            plan_text("workflow w { node n: data_transformer { value: x } }"),
            Err(PlanError::Refused)
        ));
        assert!(matches!(check_text("const a = 1").plan(None), Err(PlanError::NoWorkflow)));
    }
}
