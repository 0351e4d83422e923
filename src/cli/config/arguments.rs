use std::collections::BTreeMap;

use clap::Args;

use crate::config::Key;

/// Where the Temporal server is. Values are read by the configuration, which says what is wrong with them.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Temporal server")]
pub(in crate::cli) struct ConnectionFlags {
    /// Host and port of the server [env: CITADEL_TEMPORAL_ADDRESS]
    #[arg(long, value_name = "HOST:PORT")]
    pub address: Option<String>,
    /// The namespace [env: CITADEL_TEMPORAL_NAMESPACE]
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// The task queue [env: CITADEL_TEMPORAL_TASK_QUEUE]
    #[arg(long, value_name = "NAME")]
    pub task_queue: Option<String>,
    /// Secure the connection [env: CITADEL_TEMPORAL_TLS]
    #[arg(long, value_name = "true|false", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub tls: Option<String>,
    /// The name in the server's certificate, where it is not the host's [env: CITADEL_TEMPORAL_TLS_SERVER_NAME]
    #[arg(long, value_name = "NAME")]
    pub tls_server_name: Option<String>,
    /// The authority that signed the server's certificate, as PEM [env: CITADEL_TEMPORAL_TLS_CA_FILE]
    #[arg(long, value_name = "FILE")]
    pub tls_ca_file: Option<String>,
    /// The client's certificate, as PEM [env: CITADEL_TEMPORAL_TLS_CERT_FILE]
    #[arg(long, value_name = "FILE")]
    pub tls_cert_file: Option<String>,
    /// The client's key, as PEM [env: CITADEL_TEMPORAL_TLS_KEY_FILE]
    #[arg(long, value_name = "FILE")]
    pub tls_key_file: Option<String>,
    /// The variable that holds the API key [env: CITADEL_TEMPORAL_API_KEY_ENV]
    #[arg(long, value_name = "VARIABLE")]
    pub api_key_env: Option<String>,
}

/// What holds for work on the server.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Limits on the Temporal server")]
pub(in crate::cli) struct LimitFlags {
    /// How long a run of a workflow that no file declares may take [env: CITADEL_TEMPORAL_WORKFLOW_TIMEOUT]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub workflow_timeout: Option<String>,
    /// How long an attempt of an activity that no plan describes may take [env: CITADEL_TEMPORAL_ACTIVITY_TIMEOUT]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub activity_timeout: Option<String>,
    /// How long such an activity may give no sign of life [env: CITADEL_TEMPORAL_HEARTBEAT_TIMEOUT]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub heartbeat_timeout: Option<String>,
    /// How often such an activity is tried [env: CITADEL_TEMPORAL_RETRY_ATTEMPTS]
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub retry_attempts: Option<String>,
    /// How many activities a worker performs at once [env: CITADEL_TEMPORAL_MAX_CONCURRENT_TASKS]
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub max_concurrent_tasks: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigArguments {
    /// Take it from this profile of `citadel.toml`
    #[arg(long, value_name = "NAME", env = "CITADEL_PROFILE")]
    pub profile: Option<String>,
    /// One JSON document
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub connection: ConnectionFlags,
    #[command(flatten)]
    pub limits: LimitFlags,
}

impl ConnectionFlags {
    /// The flags that were given.
    pub(in crate::cli) fn given(&self) -> BTreeMap<Key, String> {
        given([
            (Key::Address, &self.address),
            (Key::Namespace, &self.namespace),
            (Key::TaskQueue, &self.task_queue),
            (Key::Tls, &self.tls),
            (Key::TlsServerName, &self.tls_server_name),
            (Key::TlsCaFile, &self.tls_ca_file),
            (Key::TlsCertFile, &self.tls_cert_file),
            (Key::TlsKeyFile, &self.tls_key_file),
            (Key::ApiKeyEnv, &self.api_key_env),
        ])
    }
}

impl LimitFlags {
    /// The flags that were given.
    pub(in crate::cli) fn given(&self) -> BTreeMap<Key, String> {
        given([
            (Key::WorkflowTimeout, &self.workflow_timeout),
            (Key::ActivityTimeout, &self.activity_timeout),
            (Key::HeartbeatTimeout, &self.heartbeat_timeout),
            (Key::RetryAttempts, &self.retry_attempts),
            (Key::MaxConcurrentTasks, &self.max_concurrent_tasks),
        ])
    }
}

fn given<const N: usize>(flags: [(Key, &Option<String>); N]) -> BTreeMap<Key, String> {
    flags.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))).collect()
}
