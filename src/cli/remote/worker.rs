use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::WorkerArguments;
use super::client;
use crate::cli::arguments::Format;
use crate::cli::failure::Failure;
use crate::cli::find::jobs;
use crate::cli::report::{print, summary};
use crate::cli::running::{environment, interrupted};
use crate::cli::terminal::complain;
use crate::compile::{self, PlanError};
use crate::driver::temporal::{Connection, Options, Plans, TemporalError, Worker};
use crate::nodes::{Egress, Executors};
use crate::plan::Plan;

/// The longest pause before a server is looked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// `citadel worker FILES...`: until it is asked to end.
pub(super) async fn worker(arguments: &WorkerArguments) -> Result<ExitCode, Failure> {
    let Some(plans) = plans(&arguments.files)? else { return Ok(ExitCode::from(2)) };
    let executors = Executors::standard();
    let egress =
        if arguments.allow_private_network { Egress::allow_private() } else { Egress::deny_private() };
    let environment = environment(arguments.profile.as_deref())?;
    let served = Arc::new(Plans::default());
    served.serve(plans, &environment, &executors)?;
    let options = Options {
        environment,
        egress,
        max_cached_runs: arguments.cache,
        ..Options::of(client::task_queue(&arguments.server))
    };
    serve(arguments, served, executors, options).await?;
    Ok(ExitCode::SUCCESS)
}

/// Serves until it is asked to end; connects again where the server goes away.
async fn serve(
    arguments: &WorkerArguments,
    plans: Arc<Plans>,
    executors: Executors,
    options: Options,
) -> Result<(), Failure> {
    let endpoint = client::endpoint(&arguments.server);
    let stop = interrupted();
    tokio::pin!(stop);
    let mut pause = Duration::from_secs(1);
    loop {
        let connection = tokio::select! {
            connected = Connection::open(&endpoint) => connected,
            () = &mut stop => return Ok(()),
        };
        let ended = match connection {
            Ok(connection) => {
                let (names, queue) = (plans.names().join(", "), &options.task_queue);
                complain(&format!("serving {names} on the task queue `{queue}` of {}", endpoint.address));
                pause = Duration::from_secs(1);
                let worker =
                    Worker::new(&connection, Arc::clone(&plans), executors.clone(), options.clone())?;
                let mut is_asked = false;
                let ended = worker
                    .run(async {
                        (&mut stop).await;
                        is_asked = true;
                    })
                    .await;
                if is_asked {
                    return Ok(());
                }
                ended
            }
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {}
            Err(error @ (TemporalError::Address(_) | TemporalError::UnknownNamespace(_))) => {
                return Err(error.into());
            }
            Err(error) => complain(&format!("{error}; trying again in {} s", pause.as_secs())),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = &mut stop => return Ok(()),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The plans of all workflows of the files; none where they have errors, which were told.
fn plans(files: &[PathBuf]) -> Result<Option<Vec<Arc<Plan>>>, Failure> {
    let mut plans = Vec::new();
    for job in jobs(files)? {
        let mut compilation = compile::check(&job.disk, &job.files);
        if let Some(unreadable) = compilation.unreadable.pop() {
            return Err(unreadable.into());
        }
        match compilation.plans() {
            Ok(found) => plans.extend(found.into_iter().map(Arc::new)),
            Err(PlanError::Refused) => {
                let compilations = [compilation];
                print(&compilations, Format::Human, std::io::stderr().lock()).map_err(Failure::Output)?;
                complain(&summary(&compilations));
                return Ok(None);
            }
            Err(other) => return Err(Failure::Defect(other.to_string())),
        }
    }
    if plans.is_empty() {
        return Err(Failure::Usage("there is no workflow to serve: name files that declare one".to_owned()));
    }
    Ok(Some(plans))
}
