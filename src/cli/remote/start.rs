use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value as Json;

use super::arguments::{Server, StartArguments};
use super::{client, wait};
use crate::cli::failure::Failure;
use crate::cli::find::jobs;
use crate::cli::running::{environment, json};
use crate::cli::telemetry::Told;
use crate::compile;
use crate::driver::temporal::{Client, Started, TemporalError};
use crate::engine::machine::Wired;
use crate::plan::Plan;
use crate::telemetry::Client as Asking;

/// `citadel start WORKFLOW`: the run's id on standard output, or with `--wait` what `run` prints.
pub(super) async fn start(arguments: &StartArguments) -> Result<ExitCode, Failure> {
    let StartArguments { workflow, id, server, .. } = arguments;
    let input = json(&arguments.input, "the input")?;
    let plan = declared(workflow)?;
    let client = client::connected(server).await?;
    let (client, started) = traced(client, workflow, async |client: &Client| match &plan {
        Some(plan) => start_plan(client, plan, input, id.clone(), server.profile.as_deref()).await,
        None => Ok(client.start_by_name(workflow, &input, id.clone()).await?),
    })
    .await?;
    if arguments.wait {
        return wait::wait(&client, &started.id).await;
    }
    writeln!(std::io::stdout(), "{}", started.id).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// `citadel run FILE`, of a workflow that runs on Temporal.
pub(in crate::cli) async fn run(
    plan: &Plan,
    input: &Json,
    id: Option<String>,
    profile: Option<String>,
) -> Result<ExitCode, Failure> {
    let server = Server { profile, ..Server::default() };
    let client = client::connected(&server).await?;
    let plan = Arc::new(plan.clone());
    let name = plan.program().workflows.first().map_or("", |workflow| workflow.name.as_str());
    let (client, started) = traced(client, name, async |client: &Client| {
        start_plan(client, &plan, input.clone(), id, server.profile.as_deref()).await
    })
    .await?;
    wait::wait(&client, &started.id).await
}

/// Asks for a run, in the trace of who asks.
async fn traced<T>(
    client: Client,
    workflow: &str,
    start: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
) -> Result<(Client, T), Failure> {
    let telemetry = Told::default().begin()?;
    let asking = telemetry.client();
    let client = client.with_trace(asking.as_ref().map(Asking::traceparent));
    let started = start(&client).await?;
    asking.into_iter().for_each(|asking| asking.accepted(workflow));
    telemetry.end().await;
    Ok((client, started))
}

async fn start_plan(
    client: &Client,
    plan: &Arc<Plan>,
    input: Json,
    id: Option<String>,
    profile: Option<&str>,
) -> Result<Started, Failure> {
    let settings = environment(profile)?.settings(&Wired::new(Arc::clone(plan))).unwrap_or_default();
    Ok(client.start(plan, input, id, settings).await?)
}

/// The plan of a workflow that the project declares; none where it doesn't.
fn declared(workflow: &str) -> Result<Option<Arc<Plan>>, Failure> {
    let mut found: Vec<Plan> = Vec::new();
    for job in jobs(&[])? {
        match compile::check(&job.disk, &job.files).plans() {
            Ok(plans) => found.extend(plans.into_iter().filter(|plan| is_of(plan, workflow))),
            Err(compile::PlanError::Refused) => {
                let reason = format!(
                    "the project has errors, so nobody knows what `{workflow}` is: run `citadel check`"
                );
                return Err(Failure::Usage(reason));
            }
            Err(other) => return Err(Failure::Defect(other.to_string())),
        }
    }
    found.dedup_by(|one, other| one.hash() == other.hash());
    if found.len() > 1 {
        return Err(TemporalError::Ambiguous(workflow.to_owned()).into());
    }
    Ok(found.pop().map(Arc::new))
}

fn is_of(plan: &Plan, workflow: &str) -> bool {
    plan.program().workflows.first().is_some_and(|first| first.name == workflow)
}
