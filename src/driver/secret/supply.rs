use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::driver::{Environment, GivenError};
use crate::nodes::{Context, Egress, NodeError, Secrets};
use crate::plan::{Secret, SecretSource};

/// What the attempts of a workflow's activities are made with: each gets the secrets as they are when it begins. A clone
/// is the same.
#[derive(Clone)]
pub(in crate::driver) struct Supply(Arc<Inner>);

struct Inner {
    environment: Environment,
    egress: Egress,
    secrets: Vec<Secret>,
    /// The last context, which is used again while the secrets are the same.
    last: Mutex<Option<Context>>,
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.secrets.iter().map(|secret| &secret.name)).finish()
    }
}

impl Supply {
    pub(in crate::driver) fn new(environment: &Environment, egress: &Egress, secrets: &[Secret]) -> Self {
        let (environment, egress, secrets) = (environment.clone(), egress.clone(), secrets.to_vec());
        Self(Arc::new(Inner { environment, egress, secrets, last: Mutex::default() }))
    }

    /// What an attempt is made with that begins now.
    ///
    /// # Errors
    /// `MissingSecret`, before anything can have happened.
    pub(in crate::driver) async fn context(&self) -> Result<Context, NodeError> {
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = last.filter(|_| !self.changes()) {
            return Ok(last);
        }
        let found = self.found().await;
        let secrets =
            found.map_err(|error| NodeError::new("MissingSecret", error.to_string()).before_effect())?;
        let mut last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| *last.secrets() == secrets) {
            return Ok(last.clone());
        }
        Ok(last.insert(Context::new(secrets, self.0.egress.clone())).clone())
    }

    /// Whether one may be another now than it was: the variables of a process never change.
    fn changes(&self) -> bool {
        self.0.secrets.iter().any(|secret| !matches!(secret.source, SecretSource::Env(_)))
    }

    async fn found(&self) -> Result<Secrets, GivenError> {
        if !self.changes() {
            return self.0.environment.secrets_of(&self.0.secrets);
        }
        // Files and commands may keep a thread waiting.
        let inner = Arc::clone(&self.0);
        let found = tokio::task::spawn_blocking(move || inner.environment.secrets_of(&inner.secrets)).await;
        found.unwrap_or_else(|_| Err(GivenError::MissingSecrets(vec!["all".to_owned()])))
    }
}
