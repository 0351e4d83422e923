use std::io::Write;
use std::process::ExitCode;

use super::arguments::DoctorArguments;
use super::client;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::temporal::{Client, Connection, Health, TemporalError};

/// One thing that was looked at.
enum Finding {
    Fine(String),
    /// What is wrong, and what to do.
    Wrong(String, String),
}

/// `citadel doctor`: 0 where all is well, 1 where something is not, 3 where the server can't be reached.
pub(super) async fn doctor(arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    let config = client::configured(&arguments.server)?;
    let (endpoint, queue) = (client::endpoint(config.temporal())?, config.temporal().task_queue());
    let (findings, code) = match Connection::open(&endpoint).await {
        Ok(connection) => {
            let health = Client::new(connection, queue).health().await?;
            let findings = examined(&health, &endpoint.address, &endpoint.namespace, queue);
            let is_well = findings.iter().all(|finding| matches!(finding, Finding::Fine(_)));
            (findings, if is_well { 0 } else { 1 })
        }
        Err(error) => (vec![unconnected(&error, &endpoint.address)], 3),
    };
    let text: String = findings.iter().map(told).collect();
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::from(code))
}

fn unconnected(error: &TemporalError, address: &str) -> Finding {
    let remedy = match error {
        TemporalError::UnknownNamespace(name) => {
            format!(
                "create it with `temporal operator namespace create {name}`, or name another with --namespace"
            )
        }
        _ => format!(
            "start a server with `temporal server start-dev`, or say where it is with --address (now {address})"
        ),
    };
    Finding::Wrong(error.to_string(), remedy)
}

fn examined(health: &Health, address: &str, namespace: &str, queue: &str) -> Vec<Finding> {
    let mut findings =
        vec![Finding::Fine(format!("the server at {address} answers, version {}", health.server))];
    let kept =
        health.retention.map(|kept| format!(", runs that ended are kept for {} h", kept.as_secs() / 3_600));
    findings.push(Finding::Fine(format!("the namespace `{namespace}` is there{}", kept.unwrap_or_default())));
    findings.push(polled(&health.workflow_pollers, queue, "workflow tasks"));
    findings.push(polled(&health.activity_pollers, queue, "activities"));
    match &health.stuck {
        None => findings.push(Finding::Fine("the server doesn't tell which runs go no further".to_owned())),
        Some(stuck) if stuck.is_empty() => {
            findings.push(Finding::Fine("no run is held up by a workflow task that fails".to_owned()));
        }
        Some(stuck) => findings.extend(stuck.iter().map(|about| {
            let problem = about.problem.clone().unwrap_or_default();
            Finding::Wrong(
                format!("the run `{}` of `{}` goes no further: {problem}", about.id, about.workflow),
                "start a worker that has its plan, of this version of citadel or a newer one; or end it with `citadel terminate`"
                    .to_owned(),
            )
        })),
    }
    findings
}

fn polled(pollers: &[String], queue: &str, what: &str) -> Finding {
    match pollers {
        [] => Finding::Wrong(
            format!("no worker polls the task queue `{queue}` for {what}"),
            format!("start one with `citadel worker FILES --task-queue {queue}`"),
        ),
        some => {
            Finding::Fine(format!("the task queue `{queue}` is polled for {what} by {}", some.join(", ")))
        }
    }
}

fn told(finding: &Finding) -> String {
    match finding {
        Finding::Fine(what) => format!("fine   {}\n", escaped(what)),
        Finding::Wrong(what, remedy) => format!("wrong  {}\n       {}\n", escaped(what), escaped(remedy)),
    }
}
