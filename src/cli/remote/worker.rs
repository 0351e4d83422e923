use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::arguments::WorkerArguments;
use super::client;
use crate::cli::arguments::Format;
use crate::cli::config::{configuration, project};
use crate::cli::failure::Failure;
use crate::cli::find::jobs;
use crate::cli::report::{print, summary};
use crate::cli::running::{environment, gates, interrupted};
use crate::cli::terminal::complain;
use crate::compile::{self, PlanError};
use crate::config::Key;
use crate::driver::temporal::{Connection, Endpoint, Options, Plans, TemporalError, Worker};
use crate::driver::{Observer, Observers};
use crate::nodes::{Egress, Executors, Watch};
use crate::plan::Plan;
use crate::telemetry::Telemetry;

/// The first pause before a server is looked for again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause before a server is looked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// `citadel worker FILES...`: until it is asked to end.
pub(super) async fn worker(arguments: &WorkerArguments) -> Result<ExitCode, Failure> {
    let mut flags = arguments.server.flags.given();
    flags.extend(arguments.max_concurrent_tasks.clone().map(|count| (Key::MaxConcurrentTasks, count)));
    let config = configuration(&flags, arguments.server.profile.as_deref())?;
    let temporal = config.temporal();
    let Some(found) = found(&arguments.files)?.plans else { return Ok(ExitCode::from(2)) };
    let telemetry = arguments.told.begin()?;
    let (executors, observers) = watched(Executors::in_folder(project()?), &telemetry);
    let egress =
        if arguments.allow_private_network { Egress::allow_private() } else { Egress::deny_private() };
    let environment = environment(arguments.server.profile.as_deref())?;
    let plans = Arc::new(Plans::default());
    plans.serve(found, &environment, &executors)?;
    let gates = gates(&environment)?;
    telemetry.follow(&gates);
    let options = Options {
        environment,
        egress,
        gates,
        max_cached_runs: arguments.cache,
        max_activities: usize::try_from(temporal.max_concurrent_tasks()).unwrap_or(usize::MAX),
        observers,
        ..Options::of(temporal.task_queue())
    };
    serve(&client::endpoint(temporal)?, plans, &executors, &options, interrupted()).await?;
    telemetry.end().await;
    Ok(ExitCode::SUCCESS)
}

/// What a worker does, and who watches it.
pub(super) fn watched(executors: Executors, telemetry: &Arc<Telemetry>) -> (Executors, Observers) {
    if !telemetry.is_wanted() {
        return (executors, Observers::default());
    }
    let executors = executors.watched(Arc::clone(telemetry) as Arc<dyn Watch>);
    (executors, Observers::default().and(Arc::clone(telemetry) as Arc<dyn Observer>))
}

/// Serves until `stop`; connects again where the server goes away.
pub(super) async fn serve(
    endpoint: &Endpoint,
    plans: Arc<Plans>,
    executors: &Executors,
    options: &Options,
    stop: impl Future<Output = ()>,
) -> Result<(), Failure> {
    tokio::pin!(stop);
    let mut pause = FIRST_PAUSE;
    loop {
        let connection = tokio::select! {
            connected = Connection::open(endpoint) => connected,
            () = &mut stop => return Ok(()),
        };
        let ended = match connection {
            Ok(connection) => {
                let (names, queue) = (plans.names().join(", "), &options.task_queue);
                complain(&format!("serving {names} on the task queue `{queue}` of {}", endpoint.address));
                pause = FIRST_PAUSE;
                let worker =
                    Worker::new(&connection, Arc::clone(&plans), executors.clone(), options.clone())?;
                let mut is_asked = false;
                let asked = async {
                    (&mut stop).await;
                    is_asked = true;
                };
                let ended = worker.run(asked).await;
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

/// What files declare.
pub(super) struct Found {
    /// The files, and those that they import, as the working folder names them.
    pub(super) files: Vec<PathBuf>,
    /// The plans of all workflows; none where the files have errors, which were told.
    pub(super) plans: Option<Vec<Arc<Plan>>>,
}

/// The plans of all workflows of files.
pub(super) fn found(paths: &[PathBuf]) -> Result<Found, Failure> {
    let (mut files, mut plans) = (Vec::new(), Some(Vec::new()));
    for job in jobs(paths)? {
        let mut compilation = compile::check(&job.disk, &job.files);
        files.extend(compilation.sources.iter().map(|source| source.path.clone()));
        if let Some(unreadable) = compilation.unreadable.pop() {
            return Err(unreadable.into());
        }
        match compilation.plans() {
            Ok(found) => plans.iter_mut().for_each(|plans| plans.extend(found.iter().cloned().map(Arc::new))),
            Err(PlanError::Refused) => {
                let compilations = [compilation];
                print(&compilations, Format::Human, std::io::stderr().lock()).map_err(Failure::Output)?;
                complain(&summary(&compilations));
                plans = None;
            }
            Err(other) => return Err(Failure::Defect(other.to_string())),
        }
    }
    match plans {
        Some(plans) if plans.is_empty() => {
            Err(Failure::Usage("there is no workflow to serve: name files that declare one".to_owned()))
        }
        plans => Ok(Found { files, plans }),
    }
}
