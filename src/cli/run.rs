use std::process::ExitCode;

use clap::Parser;

use super::arguments::{Arguments, Command};
use super::failure::Failure;
use super::terminal::complain;
use super::{check, config, docs, eval, explain, plan, test};

/// Expressions and types nest at most so deep that this is plenty, also in a debug build.
const STACK_SIZE: usize = 64 << 20;

/// Runs the command that the process's arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let worker = std::thread::Builder::new().stack_size(STACK_SIZE).spawn(move || perform(arguments.command));
    let result = match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => Err(Failure::Thread(error)),
    };
    result.unwrap_or_else(|failure| {
        if failure.is_broken_pipe() {
            return ExitCode::SUCCESS;
        }
        match &failure {
            Failure::Config(mistakes) => config::tell(mistakes),
            other => complain(&format!("error: {other}")),
        }
        failure.exit_code()
    })
}

fn perform(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Check(arguments) => check::check(&arguments),
        Command::Explain { code } => explain::explain(code.as_deref()),
        Command::Docs(docs) => docs::docs(&docs),
        Command::Test(arguments) => test::test(&arguments),
        Command::Plan(arguments) => plan::plan(&arguments),
        Command::Eval(arguments) => eval::eval(&arguments),
        Command::Config(arguments) => config::config(&arguments),
        #[cfg(feature = "embedded")]
        Command::Db(command) => super::db::perform(&command),
        #[cfg(feature = "embedded")]
        Command::Running(command) => super::running::perform(command),
        #[cfg(feature = "temporal")]
        Command::Remote(command) => super::remote::perform(command),
    }
}
