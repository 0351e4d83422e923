use std::io::Write;
use std::process::ExitCode;

use super::arguments::RunArguments;
use super::client;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::About;
use crate::driver::temporal::{Client, Situation};

/// `citadel status RUN`: what it is at, and what it waits for.
pub(super) async fn status(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let client = client::connected(&arguments.server).await?;
    let about = client.about(&arguments.run).await?;
    let (situation, is_recorded) = situation(&client, &about).await;
    let text = told(&about, situation.as_ref(), is_recorded);
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

/// What a worker says, else what the history says, and whether it is that.
pub(super) async fn situation(client: &Client, about: &About) -> (Option<Situation>, bool) {
    if about.status.is_closed() {
        return (None, false);
    }
    match client.situation(&about.id).await {
        Ok(situation) => (Some(situation), false),
        Err(_) => (client.recorded_situation(&about.id).await.ok(), true),
    }
}

fn told(about: &About, situation: Option<&Situation>, is_recorded: bool) -> String {
    let mut text = format!("{}  {}  {}\n", escaped(&about.id), escaped(&about.workflow), about.status.word());
    let mut say = |line: String| text.push_str(&format!("{}\n", escaped(&line)));
    if let Some(problem) = &about.problem {
        say(format!("goes no further: {problem}"));
    }
    if is_recorded {
        say("no worker answers: as its history says".to_owned());
    }
    if let Some(situation) = situation {
        situation.running.iter().for_each(|path| say(format!("runs {path}")));
        situation
            .waiting
            .iter()
            .for_each(|(path, signal)| say(format!("{path} waits for the signal `{signal}`")));
        for (path, question) in &situation.questions {
            say(format!("{path} asks: {}", question.summary()));
            say(format!("  answer with: citadel approve {} {path}", about.id));
        }
        situation.held.iter().for_each(|(path, waiting)| say(format!("{path} {waiting}")));
        for rejected in &situation.rejected {
            say(format!("the signal `{}` was turned away: {}", rejected.signal, rejected.reason));
        }
        for failed in &situation.failures {
            say(format!("`{}` failed: {}: {}", failed.node, failed.error, failed.message));
        }
    }
    text
}
