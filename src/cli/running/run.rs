use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::RunArguments;
use super::drive::drive;
use super::{home, input};
use crate::cli::failure::Failure;
use crate::cli::plan::{Compiled, compiled};
use crate::driver::embedded::{EngineError, check_input};

/// `citadel run FILE`: the output on standard output, all else on standard error.
pub(super) async fn run(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let plan = match compiled(&arguments.file, arguments.workflow.as_deref())? {
        Compiled::Plan(plan) => *plan,
        Compiled::Refused => return Ok(ExitCode::from(2)),
    };
    let input = input::json(&arguments.input, "the input")?;
    check_input(&plan, &input)?;
    let engine = home::engine(&arguments.means, true)?;
    let progress = super::progress::watch(&engine);
    let plan = Arc::new(plan);
    match engine.start(Arc::clone(&plan), input, arguments.id.clone()).await {
        Ok(accepted) => drive(&engine, accepted, &arguments.means, progress, false).await,
        Err(EngineError::Duplicate(id)) => Err(Failure::Usage(format!(
            "a run `{id}` exists already: see it with `citadel show {id}`, or go on with it with `citadel resume {id}`"
        ))),
        Err(error) => Err(error.into()),
    }
}
