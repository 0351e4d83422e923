/// How a kind is executed, which decides the fields that it has beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Leaves the workflow's logic; retried under a policy.
    Activity {
        /// Whether an attempt reports progress, so that `heartbeat_timeout` means something.
        progress: bool,
    },
    /// Made of other nodes: a loop, a child.
    Composite,
    /// Waits for a time, a signal or a person.
    Waiting,
    /// Computed by the workflow itself.
    Pure,
    /// Ends the run.
    Ending,
}

impl Class {
    /// Whether retry policies apply.
    #[must_use]
    pub fn is_activity(self) -> bool {
        matches!(self, Self::Activity { .. })
    }

    /// What messages call such a kind.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Activity { .. } => "an activity",
            Self::Composite => "made of other nodes",
            Self::Waiting => "a wait",
            Self::Pure => "computed by the workflow itself",
            Self::Ending => "the end of a run",
        }
    }
}

/// What a second execution does, as far as the kind alone tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// There is nothing to repeat.
    Pure,
    /// The same as one.
    Idempotent,
    /// Harm, where a field has one of these words (`method: POST`); the same as one otherwise.
    UnclearWhere {
        /// The field.
        field: &'static str,
        /// Its words that leave it open.
        words: &'static [&'static str],
    },
    /// Only the author knows.
    Unclear,
}
