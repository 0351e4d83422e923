use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::StartArguments;
use super::{client, wait};
use crate::cli::failure::Failure;
use crate::cli::find::jobs;
use crate::cli::running::{environment, json};
use crate::compile;
use crate::engine::machine::Wired;
use crate::plan::Plan;

/// `citadel start WORKFLOW`: the run's id on standard output, or with `--wait` what `run` prints.
pub(super) async fn start(arguments: &StartArguments) -> Result<ExitCode, Failure> {
    let StartArguments { workflow, id, server, .. } = arguments;
    let input = json(&arguments.input, "the input")?;
    let plan = declared(workflow)?;
    let client = client::connected(server).await?;
    let started = match &plan {
        Some(plan) => {
            let settings = environment(None)?.settings(&Wired::new(Arc::clone(plan))).unwrap_or_default();
            client.start(plan, input, id.clone(), settings).await?
        }
        None => client.start_by_name(workflow, &input, id.clone()).await?,
    };
    if arguments.wait {
        return wait::wait(&client, &started.id).await;
    }
    writeln!(std::io::stdout(), "{}", started.id).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of a workflow that the project declares; none where it doesn't.
fn declared(workflow: &str) -> Result<Option<Arc<Plan>>, Failure> {
    for job in jobs(&[])? {
        let compilation = compile::check(&job.disk, &job.files);
        match compilation.plan(Some(workflow)) {
            Ok(plan) => return Ok(Some(Arc::new(plan))),
            Err(compile::PlanError::Refused) => {
                let reason = format!(
                    "the project has errors, so nobody knows what `{workflow}` is: run `citadel check`"
                );
                return Err(Failure::Usage(reason));
            }
            Err(compile::PlanError::Defect(defect)) => {
                return Err(Failure::Defect(compile::PlanError::Defect(defect).to_string()));
            }
            Err(_) => {}
        }
    }
    Ok(None)
}
