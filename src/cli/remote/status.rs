use std::io::Write;
use std::process::ExitCode;

use super::arguments::RunArguments;
use super::client;
use crate::cli::failure::Failure;
use crate::diagnostic::render::escaped;
use crate::driver::About;
use crate::driver::temporal::Situation;

/// `citadel status RUN`: what it is at, and what it waits for.
pub(super) async fn status(arguments: &RunArguments) -> Result<ExitCode, Failure> {
    let client = client::connected(&arguments.server).await?;
    let about = client.about(&arguments.run).await?;
    let situation = if about.status.is_closed() { None } else { client.situation(&arguments.run).await.ok() };
    let text = told(&about, situation.as_ref());
    std::io::stdout().lock().write_all(text.as_bytes()).map_err(Failure::Output)?;
    Ok(ExitCode::SUCCESS)
}

fn told(about: &About, situation: Option<&Situation>) -> String {
    let mut text = format!("{}  {}  {}\n", escaped(&about.id), escaped(&about.workflow), about.status.word());
    let mut say = |line: String| text.push_str(&format!("{}\n", escaped(&line)));
    if let Some(problem) = &about.problem {
        say(format!("goes no further: {problem}"));
    }
    match situation {
        Some(situation) => {
            situation.running.iter().for_each(|path| say(format!("runs {path}")));
            situation
                .waiting
                .iter()
                .for_each(|(path, signal)| say(format!("{path} waits for the signal `{signal}`")));
            for rejected in &situation.rejected {
                say(format!("the signal `{}` was turned away: {}", rejected.signal, rejected.reason));
            }
            for failed in &situation.failures {
                say(format!("`{}` failed: {}: {}", failed.node, failed.error, failed.message));
            }
        }
        None if !about.status.is_closed() => say("no worker answers what it waits for".to_owned()),
        None => {}
    }
    text
}
