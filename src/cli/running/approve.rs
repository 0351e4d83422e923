use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::{ApproveArguments, Means};
use super::home;
use super::tell::refused;
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::driver::embedded::EngineError;
use crate::engine::machine::{APPROVE, Question, Signal};
use crate::value::EcoString;

/// `citadel approve RUN [NODE]`: 0 when the answer is stored, 1 when it is refused.
pub(super) async fn approve(arguments: &ApproveArguments) -> Result<ExitCode, Failure> {
    #[cfg(feature = "temporal")]
    if super::elsewhere::is_elsewhere(&arguments.place, &arguments.server, &arguments.run).await? {
        return approve_elsewhere(arguments).await;
    }
    let engine = home::engine(&Means::at(&arguments.place), false, &Arc::default())?;
    let questions = match engine.questions(&arguments.run).await {
        Ok(questions) => questions,
        Err(error @ (EngineError::Closed(_) | EngineError::UnknownRun(_))) => return refused(error),
        Err(error) => return Err(error.into()),
    };
    let Some(signal) = answer(arguments, &questions)? else { return Ok(ExitCode::FAILURE) };
    match engine.signal(&arguments.run, signal).await {
        Ok(info) if info.owner.is_some() => Ok(ExitCode::SUCCESS),
        Ok(info) => {
            complain(&format!("the answer is stored until `citadel resume {}`", info.id));
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => refused(error),
    }
}

/// The same, of a run on a server.
#[cfg(feature = "temporal")]
async fn approve_elsewhere(arguments: &ApproveArguments) -> Result<ExitCode, Failure> {
    use crate::cli::remote;
    let questions = match &arguments.node {
        Some(_) => BTreeMap::new(),
        None => remote::questions(&arguments.server, &arguments.run).await?,
    };
    match answer(arguments, &questions)? {
        Some(signal) => remote::signal(&arguments.server, &arguments.run, &signal).await,
        None => Ok(ExitCode::FAILURE),
    }
}

/// The answer as the signal that it is; none where it isn't clear what is answered, which is told.
fn answer(
    arguments: &ApproveArguments,
    questions: &BTreeMap<EcoString, Question>,
) -> Result<Option<Signal>, Failure> {
    let by = arguments
        .by
        .clone()
        .or_else(user)
        .ok_or_else(|| Failure::Usage("nobody knows who you are: say it with --by NAME".to_owned()))?;
    let Some(node) = node(arguments, questions) else { return Ok(None) };
    let decision = if arguments.reject { "rejected" } else { "approved" };
    let mut payload = serde_json::json!({ "decision": decision, "by": by });
    if let Some(comment) = &arguments.comment {
        payload["comment"] = comment.as_str().into();
    }
    Ok(Some(Signal { name: format!("{APPROVE}{node}").into(), payload, correlation: None }))
}

/// The node that is meant: the one that is named, else the only one that asks.
fn node(arguments: &ApproveArguments, questions: &BTreeMap<EcoString, Question>) -> Option<String> {
    if let Some(node) = &arguments.node {
        return Some(node.clone());
    }
    let run = &arguments.run;
    let mut open = questions.iter();
    match (open.next(), open.next()) {
        (Some((node, _)), None) => Some(node.to_string()),
        (None, _) => {
            complain(&format!("error: the run `{run}` waits for no answer"));
            None
        }
        (Some(_), Some(_)) => {
            complain(&format!("error: the run `{run}` waits for several answers: say which"));
            for (node, question) in questions {
                complain(&format!("  citadel approve {run} {node}    {}", question.summary()));
            }
            None
        }
    }
}

/// Who the system says is typing.
fn user() -> Option<String> {
    ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).filter(|user| !user.is_empty())
}
