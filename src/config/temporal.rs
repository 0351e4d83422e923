use std::path::PathBuf;
use std::time::Duration;

use super::mistake::Mistakes;
use super::secret::Secret;
use super::setting::Setting;
use super::source::Source;
use super::validate;

/// Where the Temporal server is, and what holds for work on it.
///
/// ```
/// use citadel::config::Temporal;
///
/// let temporal = Temporal::default().with_address("temporal.example.com:7233").with_namespace("orders");
/// assert!(temporal.validate().is_ok());
/// assert_eq!(temporal.task_queue(), "citadel-agent-workflows");
/// assert!(temporal.with_address("temporal.example.com").validate().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Temporal {
    pub(super) address: Setting<String>,
    pub(super) namespace: Setting<String>,
    pub(super) task_queue: Setting<String>,
    pub(super) workflow_timeout: Setting<Duration>,
    pub(super) activity_timeout: Setting<Duration>,
    pub(super) heartbeat_timeout: Setting<Duration>,
    pub(super) retry_attempts: Setting<u32>,
    pub(super) max_concurrent_tasks: Setting<u32>,
    /// What was said of TLS in so many words.
    pub(super) tls: Setting<Option<bool>>,
    pub(super) tls_server_name: Setting<Option<String>>,
    pub(super) tls_ca_file: Setting<Option<PathBuf>>,
    pub(super) tls_cert_file: Setting<Option<PathBuf>>,
    pub(super) tls_key_file: Setting<Option<PathBuf>>,
    pub(super) api_key_env: Setting<String>,
    pub(super) api_key: Setting<Option<Secret>>,
}

/// How a connection is secured.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// The name in the server's certificate, where it is not the host's.
    pub server_name: Option<String>,
    /// The PEM file of the authority that signed the server's certificate; the system's where there is none.
    pub ca_file: Option<PathBuf>,
    /// The PEM file of the client's certificate.
    pub cert_file: Option<PathBuf>,
    /// The PEM file of the client's key.
    pub key_file: Option<PathBuf>,
}

const MINUTE: u64 = 60;

impl Default for Temporal {
    fn default() -> Self {
        let minutes = |minutes: u64| Setting::default(Duration::from_secs(minutes * MINUTE));
        Self {
            address: Setting::default("localhost:7233".to_owned()),
            namespace: Setting::default("default".to_owned()),
            task_queue: Setting::default("citadel-agent-workflows".to_owned()),
            workflow_timeout: minutes(60),
            activity_timeout: minutes(10),
            heartbeat_timeout: minutes(5),
            retry_attempts: Setting::default(3),
            max_concurrent_tasks: Setting::default(100),
            tls: Setting::default(None),
            tls_server_name: Setting::default(None),
            tls_ca_file: Setting::default(None),
            tls_cert_file: Setting::default(None),
            tls_key_file: Setting::default(None),
            api_key_env: Setting::default("CITADEL_TEMPORAL_API_KEY".to_owned()),
            api_key: Setting::default(None),
        }
    }
}

impl Temporal {
    /// Host and port of the server; `localhost:7233`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address.value
    }

    /// The namespace; `default`.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace.value
    }

    /// The task queue; `citadel-agent-workflows`.
    #[must_use]
    pub fn task_queue(&self) -> &str {
        &self.task_queue.value
    }

    /// How long a run of a workflow that no file declares may take; 60 minutes.
    #[must_use]
    pub fn workflow_timeout(&self) -> Duration {
        self.workflow_timeout.value
    }

    /// How long an attempt of an activity may take that no plan describes; 10 minutes.
    #[must_use]
    pub fn activity_timeout(&self) -> Duration {
        self.activity_timeout.value
    }

    /// How long an activity that no plan describes may give no sign of life; 5 minutes.
    #[must_use]
    pub fn heartbeat_timeout(&self) -> Duration {
        self.heartbeat_timeout.value
    }

    /// How often an activity that no plan describes is tried; 3 times.
    #[must_use]
    pub fn retry_attempts(&self) -> u32 {
        self.retry_attempts.value
    }

    /// How many activities a worker performs at once; 100.
    #[must_use]
    pub fn max_concurrent_tasks(&self) -> u32 {
        self.max_concurrent_tasks.value
    }

    /// Whether somebody says where the server is.
    #[must_use]
    pub fn is_located(&self) -> bool {
        [&self.address.source, &self.namespace.source].into_iter().any(|source| *source != Source::Default)
    }

    /// The [`Self::workflow_timeout`], where somebody gave one: a run that only waits is not to end by a default.
    #[must_use]
    pub fn time_limit(&self) -> Option<Duration> {
        (self.workflow_timeout.source != Source::Default).then_some(self.workflow_timeout.value)
    }

    /// How the connection is secured; `None` for not at all. It is secured where `tls` says so, and where a field of
    /// TLS or an API key is given.
    #[must_use]
    pub fn tls(&self) -> Option<Tls> {
        self.is_secured().value.then(|| Tls {
            server_name: self.tls_server_name.value.clone(),
            ca_file: self.tls_ca_file.value.clone(),
            cert_file: self.tls_cert_file.value.clone(),
            key_file: self.tls_key_file.value.clone(),
        })
    }

    /// The key of an account in Temporal's cloud, where there is one.
    #[must_use]
    pub fn api_key(&self) -> Option<&Secret> {
        self.api_key.value.as_ref()
    }

    /// Everything that is wrong with it.
    ///
    /// # Errors
    /// When the address is no `host:port`, a name is empty, a time or a count is not positive, a certificate has no key
    /// or a key no certificate, or TLS is off where it is needed.
    pub fn validate(&self) -> Result<(), Mistakes> {
        validate::all(self).or(())
    }

    /// Whether the connection is secured, and who says so.
    pub(super) fn is_secured(&self) -> Setting<bool> {
        if let Some(value) = self.tls.value {
            return Setting { value, source: self.tls.source.clone() };
        }
        let source = self.asks_for_tls().next().map(|(_, source)| source.clone());
        Setting { value: source.is_some(), source: source.unwrap_or(Source::Default) }
    }

    /// What is given that needs TLS.
    pub(super) fn asks_for_tls(&self) -> impl Iterator<Item = (&'static str, &Source)> {
        let name = &self.tls_server_name;
        let files = [
            ("`tls_ca_file`", &self.tls_ca_file),
            ("`tls_cert_file`", &self.tls_cert_file),
            ("`tls_key_file`", &self.tls_key_file),
        ];
        let key = &self.api_key;
        std::iter::once(("`tls_server_name`", name.value.is_some(), &name.source))
            .chain(files.map(|(key, file)| (key, file.value.is_some(), &file.source)))
            .chain(std::iter::once(("an API key", key.value.is_some(), &key.source)))
            .filter_map(|(key, is_given, source)| is_given.then_some((key, source)))
    }
}

/// What a program says itself.
impl Temporal {
    /// With this `host:port`.
    #[must_use]
    pub fn with_address(mut self, address: impl Into<String>) -> Self {
        self.address.set(address.into(), Source::Code);
        self
    }

    /// In this namespace.
    #[must_use]
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace.set(namespace.into(), Source::Code);
        self
    }

    /// On this task queue.
    #[must_use]
    pub fn with_task_queue(mut self, queue: impl Into<String>) -> Self {
        self.task_queue.set(queue.into(), Source::Code);
        self
    }

    /// With another [`Self::workflow_timeout`].
    #[must_use]
    pub fn with_workflow_timeout(mut self, timeout: Duration) -> Self {
        self.workflow_timeout.set(timeout, Source::Code);
        self
    }

    /// With another [`Self::activity_timeout`].
    #[must_use]
    pub fn with_activity_timeout(mut self, timeout: Duration) -> Self {
        self.activity_timeout.set(timeout, Source::Code);
        self
    }

    /// With another [`Self::heartbeat_timeout`].
    #[must_use]
    pub fn with_heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.heartbeat_timeout.set(timeout, Source::Code);
        self
    }

    /// With other [`Self::retry_attempts`].
    #[must_use]
    pub fn with_retry_attempts(mut self, attempts: u32) -> Self {
        self.retry_attempts.set(attempts, Source::Code);
        self
    }

    /// With other [`Self::max_concurrent_tasks`].
    #[must_use]
    pub fn with_max_concurrent_tasks(mut self, tasks: u32) -> Self {
        self.max_concurrent_tasks.set(tasks, Source::Code);
        self
    }

    /// Secured.
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls.set(Some(true), Source::Code);
        self.tls_server_name.set(tls.server_name, Source::Code);
        self.tls_ca_file.set(tls.ca_file, Source::Code);
        self.tls_cert_file.set(tls.cert_file, Source::Code);
        self.tls_key_file.set(tls.key_file, Source::Code);
        self
    }

    /// With the key of an account in Temporal's cloud.
    #[must_use]
    pub fn with_api_key(mut self, key: Secret) -> Self {
        self.api_key.set(Some(key), Source::Code);
        self
    }
}
