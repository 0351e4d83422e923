use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value as Json;

use super::arguments::RunArguments;
use super::drive::drive;
use super::{home, input};
use crate::cli::failure::Failure;
use crate::cli::plan::{Compiled, compiled};
use crate::config::Engine;
use crate::driver::embedded::{EngineError, check_input};
use crate::plan::Plan;
use crate::telemetry::Client;

/// `citadel run FILE`: the output on standard output, all else on standard error.
pub(super) async fn run(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let plan = match compiled(&arguments.file, arguments.workflow.as_deref())? {
        Compiled::Plan(plan) => *plan,
        Compiled::Refused => return Ok(ExitCode::from(2)),
    };
    let input = input::json(&arguments.input, "the input")?;
    check_input(&plan, &input)?;
    if let Some(ended) = run_elsewhere(arguments, &plan, &input).await? {
        return Ok(ended);
    }
    let telemetry = arguments.means.told.begin()?;
    let engine = home::engine(&arguments.means, true, &telemetry)?;
    let progress = super::progress::watch(&engine);
    let plan = Arc::new(plan);
    let client = telemetry.client();
    let trace = client.as_ref().map(Client::traceparent);
    match engine.start_traced(Arc::clone(&plan), input, arguments.id.clone(), trace).await {
        Ok(accepted) => {
            let name = plan.program().workflows.first().map_or("", |workflow| workflow.name.as_str());
            client.into_iter().for_each(|client| client.accepted(name));
            let driven = drive(&engine, accepted, &arguments.means, progress, false).await;
            telemetry.end().await;
            driven
        }
        Err(EngineError::Duplicate(id)) => Err(Failure::Usage(format!(
            "a run `{id}` exists already: see it with `citadel show {id}`, or go on with it with `citadel resume {id}`"
        ))),
        Err(error) => Err(error.into()),
    }
}

/// Runs a workflow that is said to run on Temporal, there.
async fn run_elsewhere(
    arguments: &RunArguments,
    plan: &Plan,
    input: &Json,
) -> Result<Option<ExitCode>, Failure> {
    let name = plan.program().workflows.first().map_or("", |workflow| workflow.name.as_str());
    let engine = match arguments.engine {
        Some(engine) => engine,
        None => home::engines()?.of(name),
    };
    match engine {
        Engine::Embedded => Ok(None),
        Engine::Temporal => on_temporal(arguments, plan, input).await.map(Some),
    }
}

#[cfg(feature = "temporal")]
async fn on_temporal(arguments: &RunArguments, plan: &Plan, input: &Json) -> Result<ExitCode, Failure> {
    let profile = arguments.means.profile.clone();
    crate::cli::remote::run(plan, input, arguments.id.clone(), profile).await
}

#[cfg(not(feature = "temporal"))]
async fn on_temporal(_: &RunArguments, _: &Plan, _: &Json) -> Result<ExitCode, Failure> {
    Err(Failure::Usage("this citadel was built without Temporal: run it with --engine embedded".to_owned()))
}
