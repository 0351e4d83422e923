use std::path::Path;
use std::time::Duration;

use super::address;
use super::file::BreakerStore;
use super::key::Key;
use super::problem::Problem;
use super::source::Source;
use super::temporal::Temporal;
use crate::value::{self, DurationError};

/// The nanoseconds of a second.
const NANOS: u128 = 1_000_000_000;

impl Temporal {
    /// Takes a value that somebody wrote; `folder` is what relative paths are relative to.
    pub(super) fn take(
        &mut self,
        key: Key,
        text: &str,
        source: Source,
        folder: &Path,
    ) -> Result<(), Problem> {
        let path = || Ok(Some(folder.join(name(text)?)));
        match key {
            Key::Address => self.address.set(address(text)?, source),
            Key::Namespace => self.namespace.set(name(text)?, source),
            Key::TaskQueue => self.task_queue.set(name(text)?, source),
            Key::WorkflowTimeout => self.workflow_timeout.set(time(text)?, source),
            Key::ActivityTimeout => self.activity_timeout.set(time(text)?, source),
            Key::HeartbeatTimeout => self.heartbeat_timeout.set(time(text)?, source),
            Key::RetryAttempts => self.retry_attempts.set(count(text)?, source),
            Key::MaxConcurrentTasks => self.max_concurrent_tasks.set(count(text)?, source),
            Key::Tls => self.tls.set(Some(switch(text)?), source),
            Key::TlsServerName => self.tls_server_name.set(Some(name(text)?), source),
            Key::TlsCaFile => self.tls_ca_file.set(path()?, source),
            Key::TlsCertFile => self.tls_cert_file.set(path()?, source),
            Key::TlsKeyFile => self.tls_key_file.set(path()?, source),
            Key::ApiKeyEnv => self.api_key_env.set(name(text)?, source),
        }
        Ok(())
    }
}

/// Why a text can't be a value of a key.
pub(super) fn check(key: Key, text: &str) -> Result<(), Problem> {
    Temporal::default().take(key, text, Source::Default, Path::new(""))
}

fn address(text: &str) -> Result<String, Problem> {
    address::check(text)?;
    Ok(text.to_owned())
}

/// A text that says something.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() { Err(Problem::Empty) } else { Ok(text.to_owned()) }
}

/// The form of a link to a question.
pub(super) fn link(text: &str) -> Result<String, Problem> {
    let is_address = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
    let is_whole = text.contains("{run}") && text.contains("{node}");
    if is_address && is_whole { Ok(text.to_owned()) } else { Err(Problem::Link) }
}

/// A positive time.
fn time(text: &str) -> Result<Duration, Problem> {
    let time = age(text)?;
    if time.is_zero() { Err(Problem::NoTime(text.to_owned())) } else { Ok(time) }
}

/// A time, which may be none.
pub(super) fn age(text: &str) -> Result<Duration, Problem> {
    let time = value::Duration::parse(text).map_err(|error| match error {
        DurationError::Form => Problem::Time(text.to_owned()),
        DurationError::Range => Problem::LongTime(text.to_owned()),
    })?;
    let nanos = u128::try_from(time.as_nanos()).map_err(|_| Problem::NoTime(text.to_owned()))?;
    // The seconds of the longest time fit, and what is left of one does.
    let seconds = u64::try_from(nanos / NANOS).unwrap_or(u64::MAX);
    Ok(Duration::new(seconds, u32::try_from(nanos % NANOS).unwrap_or_default()))
}

/// An address of a store, or the variable that holds it. What may be read by everybody holds no password.
pub(super) fn store(text: &str) -> Result<BreakerStore, Problem> {
    if let Some(variable) = text.strip_prefix("env:").filter(|name| !name.trim().is_empty()) {
        return Ok(BreakerStore::Variable(variable.to_owned()));
    }
    let server = ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match server {
        Some(rest) if has_password(rest) => Err(Problem::Password),
        Some(_) => Ok(BreakerStore::At(text.to_owned())),
        None if text.strip_prefix("sqlite:").is_some_and(|path| !path.trim().is_empty()) => {
            Ok(BreakerStore::At(text.to_owned()))
        }
        None => Err(Problem::Store(text.to_owned())),
    }
}

/// Whether a URL without its scheme holds a password: before its host, or as a parameter.
fn has_password(rest: &str) -> bool {
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = place.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let in_parameters = parameters.split('&').any(|parameter| parameter.starts_with("password="));
    user.is_some_and(|user| user.contains(':')) || in_parameters
}

fn count(text: &str) -> Result<u32, Problem> {
    match text.parse::<u32>() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Problem::Count(text.to_owned())),
    }
}

fn switch(text: &str) -> Result<bool, Problem> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Problem::Switch(text.to_owned())),
    }
}
