use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use super::arguments::ShowArguments;
use super::home;
use super::picture::Picture;
use super::progress::time;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::embedded::story;
use crate::driver::{NodeReport, NodeStatus, Story};
use crate::engine::machine::{Moment, Outcome};

/// `citadel show RUN`: what happened in a run.
pub(super) async fn show(arguments: &ShowArguments) -> Result<ExitCode, Failure> {
    let story = story_of(arguments).await?;
    let out = std::io::stdout();
    let text = if arguments.trace { trace(&story)? } else { told(&story, &out) };
    out.lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// From the journal that has the run, else from the server.
async fn story_of(arguments: &ShowArguments) -> Result<Story, Failure> {
    #[cfg(feature = "temporal")]
    if super::elsewhere::is_elsewhere(&arguments.place, &arguments.server, &arguments.run).await? {
        return crate::cli::remote::story(&arguments.server, &arguments.run).await;
    }
    let journal = home::read(&arguments.place)?;
    Ok(story(&journal, &arguments.run).await?)
}

fn trace(story: &Story) -> Result<String, Failure> {
    let mut text = String::new();
    for (path, entry) in &story.trace.entries {
        let entry = serde_json::to_value(entry).map_err(|error| Failure::Defect(error.to_string()))?;
        let mut line = serde_json::json!({ "path": path });
        if let (Some(line), serde_json::Value::Object(entry)) = (line.as_object_mut(), entry) {
            line.extend(entry);
        }
        text.push_str(&format!("{line}\n"));
    }
    text.push_str(&format!("{}\n", serde_json::json!({ "status": story.status().word() })));
    Ok(text)
}

fn told(story: &Story, out: &dyn IsTerminal) -> String {
    let mut text = head(story);
    let width = story.order.iter().map(|path| path.chars().count()).max().unwrap_or(0);
    for path in &story.order {
        if let Some(node) = story.nodes.get(path) {
            text.push_str(&row(path, node, story.about.started_at, width));
        }
    }
    for (path, question) in &story.questions {
        let line = format!("{path} asks: {}", question.summary());
        let how = format!("citadel approve {} {path}", story.about.id);
        text.push_str(&format!("{}\n  answer with: {}\n", escaped(&line), escaped(&how)));
    }
    for (name, reason) in &story.rejected {
        text.push_str(&format!("signal `{}` was turned away: {}\n", escaped(name), escaped(reason)));
    }
    text.push_str(&tail(story, out));
    text
}

fn head(story: &Story) -> String {
    let about = &story.about;
    let took = match about.ended_at {
        Some(ended) => format!(", took {}", time(ended.since(about.started_at))),
        None => String::new(),
    };
    let mut head = format!(
        "{}  {}  {}\nstarted {}{took}\n",
        escaped(&about.id),
        about.workflow,
        story.status().word(),
        about.started_at.timestamp().print()
    );
    if let Some(parent) = &about.parent {
        head.push_str(&format!("child of {}\n", escaped(parent)));
    }
    if let Some(owner) = &about.owner {
        head.push_str(&format!("driven by {owner}\n"));
    }
    if let Some(wake_at) = about.wake_at.filter(|_| about.ended_at.is_none()) {
        head.push_str(&format!("next at {}\n", wake_at.timestamp().print()));
    }
    if let Some(problem) = &about.problem {
        head.push_str(&format!("goes no further: {}\n", escaped(problem)));
    }
    head.push('\n');
    head
}

fn row(path: &str, node: &NodeReport, began: Moment, width: usize) -> String {
    let at = node.started_at.map_or(String::new(), |at| format!("+{}", time(at.since(began))));
    let took = match (node.started_at, node.ended_at) {
        (Some(started), Some(ended)) => time(ended.since(started)),
        _ => String::new(),
    };
    let attempts = match node.attempts {
        0 | 1 => String::new(),
        many => format!("  {many} attempts"),
    };
    let error = match &node.error {
        Some(failure) if node.status == NodeStatus::Failed => format!("  {}", failure.error),
        _ => String::new(),
    };
    let waits = node.waits.as_ref().map_or(String::new(), |waiting| format!("  {waiting}"));
    let status = node.status.word();
    let line = format!("{path:width$}  {status:9}  {at:>14}  {took:>12}{attempts}{error}{waits}");
    format!("{}\n", escaped(line.trim_end()))
}

fn tail(story: &Story, out: &dyn IsTerminal) -> String {
    match &story.outcome {
        None => String::new(),
        Some(Outcome::Completed { output, .. }) => {
            let json = output.to_json().unwrap_or_default();
            format!("\n{}\n", serde_json::to_string_pretty(&json).unwrap_or_default())
        }
        Some(Outcome::Failed(failure)) => {
            let mut text =
                format!("\n{}", Picture::new(&story.plan).failure(story.workflow, &failure.cause, out));
            for path in &failure.unknown_effects {
                text.push_str(&format!("nobody knows whether `{}` took effect\n", escaped(path)));
            }
            for listed in &failure.failures {
                let line = format!("`{}` failed: {}: {}", listed.node, listed.error, listed.message);
                text.push_str(&format!("{}\n", escaped(&line)));
            }
            text
        }
        Some(Outcome::Cancelled { .. }) => "\ncancelled\n".to_owned(),
    }
}
