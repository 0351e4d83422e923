use std::sync::Arc;

use super::{Egress, Scrubber, Secrets};

/// What the activities of a workflow use of this process. A clone is the same.
#[derive(Clone, Debug)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    secrets: Secrets,
    scrubber: Scrubber,
    egress: Egress,
}

impl Context {
    /// A context with these secrets, from which only these addresses are reached.
    #[must_use]
    pub fn new(secrets: Secrets, egress: Egress) -> Self {
        let scrubber = Scrubber::new(&secrets);
        Self(Arc::new(Inner { secrets, scrubber, egress }))
    }

    /// The values of the secrets.
    #[must_use]
    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }

    /// What takes secrets out of what is recorded.
    #[must_use]
    pub fn scrubber(&self) -> &Scrubber {
        &self.0.scrubber
    }

    /// The addresses that may be reached.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.0.egress
    }
}
