use std::io::Write;
use std::process::ExitCode;

use super::arguments::RunsArguments;
use super::home;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::embedded::journal::RunInfo;
use crate::engine::machine::Moment;

/// `citadel runs`: the newest first.
pub(super) async fn list(arguments: &RunsArguments) -> Result<ExitCode, Failure> {
    let journal = home::read(&arguments.place)?;
    let runs = journal.runs().await.map_err(crate::driver::embedded::EngineError::Journal)?;
    let mut out = std::io::stdout().lock();
    let text = if arguments.json { lines(&runs) } else { table(&runs) };
    out.write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn lines(runs: &[RunInfo]) -> String {
    runs.iter().map(|run| format!("{}\n", object(run))).collect()
}

fn object(run: &RunInfo) -> serde_json::Value {
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
        ("owner", run.owner.as_ref().map(ToString::to_string)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object[name] = value.into();
        }
    }
    object
}

fn table(runs: &[RunInfo]) -> String {
    if runs.is_empty() {
        return "no runs\n".to_owned();
    }
    let width = |of: &dyn Fn(&RunInfo) -> usize| runs.iter().map(of).max().unwrap_or(0);
    let (ids, workflows) = (width(&|run| run.id.chars().count()), width(&|run| run.workflow.chars().count()));
    let row = |run: &RunInfo| {
        let RunInfo { id, workflow, status, started_at, .. } = run;
        let status = status.word();
        let id = escaped(id);
        format!("{id:ids$}  {workflow:workflows$}  {status:23}  {}\n", moment(*started_at))
    };
    runs.iter().map(row).collect()
}

fn moment(millis: i64) -> String {
    Moment(millis).timestamp().print().to_string()
}
