use std::path::PathBuf;
use std::time::Duration;

use super::config::Config;
use super::setting::Setting;
use super::source::Source;
use super::temporal::Temporal;
use crate::value;

/// A value, as it is shown to people and to programs, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'a> {
    /// The key in its section.
    pub name: &'a str,
    /// The value.
    pub value: Shown,
    /// Who gave it.
    pub source: Source,
}

/// A value as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A text, a time, a path.
    Text(String),
    /// A number.
    Count(u32),
    /// On or off.
    Switch(bool),
    /// There is one, and it is a secret.
    Hidden,
    /// There is none.
    Absent,
}

impl Config {
    /// What holds of Temporal.
    pub fn temporal_rows(&self) -> impl Iterator<Item = Row<'_>> {
        let temporal = self.temporal();
        names(temporal).into_iter().chain(amounts(temporal)).chain(security(temporal))
    }

    /// The engines of workflows, after the one of those that are not named.
    pub fn engine_rows(&self) -> impl Iterator<Item = Row<'_>> {
        let engines = self.engines();
        let named = engines.workflows.iter().map(|(name, engine)| (name.as_str(), engine));
        std::iter::once(("default", &engines.default))
            .chain(named)
            .map(|(name, engine)| row(name, engine, |engine| Shown::Text(engine.to_string())))
    }
}

fn row<'a, T>(name: &'a str, setting: &Setting<T>, shown: impl FnOnce(&T) -> Shown) -> Row<'a> {
    Row { name, value: shown(&setting.value), source: setting.source.clone() }
}

fn names(temporal: &Temporal) -> [Row<'static>; 3] {
    let text = |name, setting| row(name, setting, |text: &String| Shown::Text(text.clone()));
    [
        text("address", &temporal.address),
        text("namespace", &temporal.namespace),
        text("task_queue", &temporal.task_queue),
    ]
}

fn amounts(temporal: &Temporal) -> [Row<'static>; 5] {
    let count = |name, setting| row(name, setting, |count: &u32| Shown::Count(*count));
    let time = |name, setting| row(name, setting, |time: &Duration| Shown::Text(printed(*time)));
    [
        time("workflow_timeout", &temporal.workflow_timeout),
        time("activity_timeout", &temporal.activity_timeout),
        time("heartbeat_timeout", &temporal.heartbeat_timeout),
        count("retry_attempts", &temporal.retry_attempts),
        count("max_concurrent_tasks", &temporal.max_concurrent_tasks),
    ]
}

fn security(temporal: &Temporal) -> [Row<'static>; 7] {
    let optional = |text: Option<String>| text.map_or(Shown::Absent, Shown::Text);
    let path = |name, setting| {
        row(name, setting, |path: &Option<PathBuf>| {
            optional(path.as_ref().map(|path| path.display().to_string()))
        })
    };
    [
        row("tls", &temporal.is_secured(), |is_secured| Shown::Switch(*is_secured)),
        row("tls_server_name", &temporal.tls_server_name, |name| optional(name.clone())),
        path("tls_ca_file", &temporal.tls_ca_file),
        path("tls_cert_file", &temporal.tls_cert_file),
        path("tls_key_file", &temporal.tls_key_file),
        row("api_key_env", &temporal.api_key_env, |name| Shown::Text(name.clone())),
        row("api_key", &temporal.api_key, |key| if key.is_some() { Shown::Hidden } else { Shown::Absent }),
    ]
}

/// A time as the language writes it.
fn printed(time: Duration) -> String {
    let nanos = i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
    value::Duration::from_nanos(nanos)
        .map_or_else(|| format!("{}s", time.as_secs()), |time| time.print().into())
}
