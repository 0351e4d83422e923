use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use super::arguments::{Means, Place, Running, RunsCommand};
use super::{approve, list, resume, run, serve, show, tell, upkeep};
use crate::cli::config::{project, project_file};
use crate::cli::failure::Failure;
use crate::cli::terminal::complain;
use crate::config::{BreakerStore, Engines, ProjectFile};
use crate::driver::embedded::journal::{Access, Journal, JournalError};
use crate::driver::embedded::{Engine, EngineError, Options};
use crate::driver::gates::{Gates, Store};
use crate::driver::{Environment, Observer};
use crate::nodes::{Egress, Executors, Watch};
use crate::telemetry::Telemetry;

/// Performs a command that runs workflows, or looks at what ran.
pub(in crate::cli) fn perform(command: Running) -> Result<ExitCode, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Thread)?;
    let performed = runtime.block_on(async {
        match command {
            Running::Run(arguments) => run::run(&arguments).await,
            Running::Resume(arguments) => resume::resume(&arguments).await,
            Running::Runs(arguments) => match &arguments.command {
                Some(RunsCommand::Prune { older_than, place }) => upkeep::prune(older_than, place).await,
                None => list::list(&arguments).await,
            },
            Running::Show(arguments) => show::show(&arguments).await,
            Running::Cancel(arguments) => tell::cancel(&arguments).await,
            Running::Signal(arguments) => tell::signal(&arguments).await,
            Running::Approve(arguments) => approve::approve(&arguments).await,
            Running::Journal(arguments) => upkeep::journal(&arguments).await,
            Running::Serve(arguments) => serve::serve(&arguments).await,
        }
    });
    // What still runs has been told to stop, and the journal has what it did.
    runtime.shutdown_background();
    performed
}

/// The folder of the journal: as it was said, else `.citadel` beside the nearest `citadel.toml`, else in the working
/// folder.
pub(super) fn folder(place: &Place) -> Result<PathBuf, Failure> {
    if let Some(folder) = &place.journal {
        return Ok(folder.clone());
    }
    Ok(project()?.join(".citadel"))
}

/// The journal, to be looked at.
pub(super) fn read(place: &Place) -> Result<Journal, Failure> {
    Ok(Journal::open(&folder(place)?, Access::Read).map_err(EngineError::Journal)?)
}

/// The journal, to be written, if there is one.
pub(super) fn write(place: &Place) -> Result<Journal, Failure> {
    let folder = folder(place)?;
    if !folder.join("journal.db").exists() {
        return Err(EngineError::Journal(JournalError::Missing(folder.join("journal.db"))).into());
    }
    Ok(Journal::open(&folder, Access::Write).map_err(EngineError::Journal)?)
}

/// An engine over the journal. With `is_new` there may be none yet.
pub(super) fn engine(means: &Means, is_new: bool, telemetry: &Arc<Telemetry>) -> Result<Engine, Failure> {
    let folder = folder(&means.place)?;
    if !is_new && !folder.join("journal.db").exists() {
        return Err(EngineError::Journal(JournalError::Missing(folder.join("journal.db"))).into());
    }
    let egress = if means.allow_private_network { Egress::allow_private() } else { Egress::deny_private() };
    let environment = environment(means.profile.as_deref())?;
    let gates = gates(&environment)?;
    let options = Options { journal: folder, environment, egress, gates };
    let executors = Executors::in_folder(project()?);
    if !telemetry.is_wanted() {
        return Ok(Engine::open(options, executors)?);
    }
    telemetry.follow(&options.gates);
    let engine = Engine::open(options, executors.watched(Arc::clone(telemetry) as Arc<dyn Watch>))?;
    engine.observe(Arc::clone(telemetry) as Arc<dyn Observer>);
    Ok(engine)
}

/// After how many milliseconds runs that ended are forgotten: `[journal] retention` of `citadel.toml`, else 30 days.
pub(super) fn retention() -> Result<i64, Failure> {
    const DAYS_30: i64 = 30 * 24 * 3_600_000;
    let time = right_file()?.and_then(|file| file.retention);
    Ok(time.map_or(DAYS_30, |time| i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}

/// The circuit breakers and limits of this process, shared through the store that `citadel.toml` names.
pub(in crate::cli) fn gates(environment: &Environment) -> Result<Gates, Failure> {
    let Some(file) = right_file()? else { return Ok(Gates::default()) };
    let address = match &file.breaker_store {
        None => return Ok(Gates::default()),
        Some(BreakerStore::At(address)) => address,
        Some(BreakerStore::Variable(name)) => environment.variables.get(name).ok_or_else(|| {
            Failure::Environment(format!(
                "the variable {name} is to say where the store of breakers is, and it is not set"
            ))
        })?,
    };
    let store = Store::at(address, file.folder()).map_err(|error| Failure::Environment(error.to_string()))?;
    Ok(Gates::shared(store, complain))
}

/// Which engine runs which workflow, as `citadel.toml` says it.
pub(super) fn engines() -> Result<Engines, Failure> {
    Ok(right_file()?.unwrap_or_default().engines())
}

/// `citadel.toml`, where there is one and nothing is wrong with it.
fn right_file() -> Result<Option<ProjectFile>, Failure> {
    let Some(file) = project_file()? else { return Ok(None) };
    file.validate()?;
    Ok(Some(file))
}

/// What the process's environment and the chosen profile give.
pub(in crate::cli) fn environment(profile: Option<&str>) -> Result<Environment, Failure> {
    let mut environment = Environment::of_process();
    let file = right_file()?.unwrap_or_default();
    environment.approval_link.clone_from(&file.approval_link);
    if let Some(name) = profile {
        environment.settings.extend(file.profile(name)?.settings.clone());
    }
    environment.age_identity = environment.age_identity.or(file.age_identity);
    Ok(environment)
}
