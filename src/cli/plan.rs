use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::arguments::{Format, PlanArguments};
use super::failure::Failure;
use super::find::jobs;
use super::report::{print, summary};
use super::terminal::complain;
use crate::compile::{self, PlanError};
use crate::plan::Plan;

/// `citadel plan FILE`: the plan on standard output; 1 and the findings on standard error where the file has errors.
pub(super) fn plan(arguments: &PlanArguments) -> Result<ExitCode, Failure> {
    match compiled(&arguments.file, arguments.workflow.as_deref())? {
        Compiled::Refused => Ok(ExitCode::FAILURE),
        Compiled::Plan(plan) => {
            let mut text = plan.to_json_pretty();
            text.push(b'\n');
            std::io::stdout().lock().write_all(&text).map_err(Failure::Output)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What became of a file.
pub(super) enum Compiled {
    /// The plan of the workflow that was meant.
    Plan(Box<Plan>),
    /// It has errors, which were told on standard error.
    Refused,
}

/// Compiles a file to the plan of one of its workflows.
pub(super) fn compiled(file: &PathBuf, workflow: Option<&str>) -> Result<Compiled, Failure> {
    if file.is_dir() {
        return Err(Failure::Usage(format!("{} is a folder: a plan is that of one file", file.display())));
    }
    let mut jobs = jobs(std::slice::from_ref(file))?;
    let Some(job) = jobs.pop() else { return Ok(Compiled::Refused) };
    let mut compilation = compile::check(&job.disk, &job.files);
    if let Some(unreadable) = compilation.unreadable.pop() {
        return Err(unreadable.into());
    }
    match compilation.plan(workflow) {
        Ok(plan) => Ok(Compiled::Plan(Box::new(plan))),
        Err(PlanError::Refused) => {
            let compilations = [compilation];
            print(&compilations, Format::Human, std::io::stderr().lock()).map_err(Failure::Output)?;
            complain(&summary(&compilations));
            Ok(Compiled::Refused)
        }
        Err(PlanError::Defect(defect)) => Err(Failure::Defect(PlanError::Defect(defect).to_string())),
        Err(several @ PlanError::Several(_)) => {
            Err(Failure::Usage(format!("{several}; choose one with `--workflow`")))
        }
        Err(other) => Err(Failure::Usage(other.to_string())),
    }
}
