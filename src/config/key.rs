use std::fmt;

/// One thing that can be configured about Temporal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the getters of `Temporal` say what they are")]
pub enum Key {
    Address,
    Namespace,
    TaskQueue,
    WorkflowTimeout,
    ActivityTimeout,
    HeartbeatTimeout,
    RetryAttempts,
    MaxConcurrentTasks,
    Tls,
    TlsServerName,
    TlsCaFile,
    TlsCertFile,
    TlsKeyFile,
    ApiKeyEnv,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `host:port`.
    Address,
    /// A text that is not empty.
    Name,
    /// A positive time, such as `10m`.
    Time,
    /// A positive whole number.
    Count,
    /// `true` or `false`.
    Switch,
    /// The path of a file.
    Path,
}

/// What the names of all variables begin with.
pub(super) const PREFIX: &str = "CITADEL_TEMPORAL_";

impl Key {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 14] = [
        Self::Address,
        Self::Namespace,
        Self::TaskQueue,
        Self::WorkflowTimeout,
        Self::ActivityTimeout,
        Self::HeartbeatTimeout,
        Self::RetryAttempts,
        Self::MaxConcurrentTasks,
        Self::Tls,
        Self::TlsServerName,
        Self::TlsCaFile,
        Self::TlsCertFile,
        Self::TlsKeyFile,
        Self::ApiKeyEnv,
    ];

    /// Its name under `[temporal]`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Namespace => "namespace",
            Self::TaskQueue => "task_queue",
            Self::WorkflowTimeout => "workflow_timeout",
            Self::ActivityTimeout => "activity_timeout",
            Self::HeartbeatTimeout => "heartbeat_timeout",
            Self::RetryAttempts => "retry_attempts",
            Self::MaxConcurrentTasks => "max_concurrent_tasks",
            Self::Tls => "tls",
            Self::TlsServerName => "tls_server_name",
            Self::TlsCaFile => "tls_ca_file",
            Self::TlsCertFile => "tls_cert_file",
            Self::TlsKeyFile => "tls_key_file",
            Self::ApiKeyEnv => "api_key_env",
        }
    }

    /// The one with that name under `[temporal]`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.name() == name)
    }

    /// Its variable, such as `CITADEL_TEMPORAL_ADDRESS`.
    #[must_use]
    pub fn variable(self) -> String {
        format!("{PREFIX}{}", self.name().to_uppercase())
    }

    /// Its flag, such as `--task-queue`.
    #[must_use]
    pub fn flag(self) -> String {
        format!("--{}", self.name().replace('_', "-"))
    }

    /// How its value is written.
    #[must_use]
    pub fn form(self) -> Form {
        match self {
            Self::Address => Form::Address,
            Self::Namespace | Self::TaskQueue | Self::TlsServerName | Self::ApiKeyEnv => Form::Name,
            Self::WorkflowTimeout | Self::ActivityTimeout | Self::HeartbeatTimeout => Form::Time,
            Self::RetryAttempts | Self::MaxConcurrentTasks => Form::Count,
            Self::Tls => Form::Switch,
            Self::TlsCaFile | Self::TlsCertFile | Self::TlsKeyFile => Form::Path,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
