use std::io::Write;
use std::process::ExitCode;

use super::arguments::RunsArguments;
use super::home;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::About;
use crate::engine::machine::Moment;

/// `citadel runs`: the newest first.
pub(super) async fn list(arguments: &RunsArguments) -> Result<ExitCode, Failure> {
    let journal = home::read(&arguments.place)?;
    let runs = journal.runs().await.map_err(crate::driver::embedded::EngineError::Journal)?;
    let mut out = std::io::stdout().lock();
    let runs: Vec<About> = runs.into_iter().map(About::from).collect();
    let text = runs_text(&runs, arguments.json);
    out.write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs as a table, or one JSON object a line.
pub(in crate::cli) fn runs_text(runs: &[About], is_json: bool) -> String {
    if is_json { lines(runs) } else { table(runs) }
}

fn lines(runs: &[About]) -> String {
    runs.iter().map(|run| format!("{}\n", object(run))).collect()
}

fn object(run: &About) -> serde_json::Value {
    let mut object = serde_json::json!({
        "id": run.id,
        "workflow": run.workflow,
        "status": run.status.word(),
        "started_at": moment(run.started_at),
    });
    let optional = [
        ("ended_at", run.ended_at.map(moment)),
        ("wake_at", run.wake_at.map(moment)),
        ("parent", run.parent.clone()),
        ("owner", run.owner.clone()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = value.into();
        }
    }
    object
}

fn table(runs: &[About]) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let width = |of: &dyn Fn(&About) -> usize| runs.iter().map(of).max().unwrap_or(0);
    let (ids, workflows) = (width(&|run| run.id.chars().count()), width(&|run| run.workflow.chars().count()));
    let row = |run: &About| {
        let About { id, workflow, status, started_at, .. } = run;
        let status = status.word();
        let id = escaped(id);
        format!("{id:ids$}  {workflow:workflows$}  {status:23}  {}\n", moment(*started_at))
    };
    runs.iter().map(row).collect()
}

fn moment(at: Moment) -> String {
    at.timestamp().print().to_string()
}
