use ecow::EcoString;

use crate::check::typed::ExprId;

/// A span of time in milliseconds, the finest unit that the language writes.
pub type Millis = u64;

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// Known before a run.
    Fixed(Millis),
    /// Evaluated when the node or the run starts.
    Computed(ExprId),
}

impl TimeLimit {
    /// How long, where that is known before a run.
    #[must_use]
    pub fn millis(self) -> Option<Millis> {
        match self {
            Self::Fixed(span) => Some(span),
            Self::Computed(_) => None,
        }
    }
}

/// A breaker, by its index in [`Program::breakers`](super::Program::breakers).
pub type BreakerIx = usize;
/// A limit, by its index in [`Program::limits`](super::Program::limits).
pub type LimitIx = usize;

/// When a failed attempt is made again; every default is filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// The delay before the second attempt.
    pub initial_interval: Millis,
    /// What each further delay is multiplied by, at least 1.
    pub backoff_coefficient: f64,
    /// The longest delay.
    pub maximum_interval: Millis,
    /// How many attempts there are in all, at least 1; `None` where only a time-out bounds them.
    pub maximum_attempts: Option<u32>,
    /// Errors that end the attempts at once, sorted, each once.
    pub non_retryable_errors: Vec<EcoString>,
}

impl Retry {
    /// What holds where no policy is given: three attempts.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            initial_interval: 1_000,
            backoff_coefficient: 2.0,
            maximum_interval: 60_000,
            maximum_attempts: Some(3),
            non_retryable_errors: Vec::new(),
        }
    }

    /// `retry: none`.
    #[must_use]
    pub fn none() -> Self {
        Self { maximum_attempts: Some(1), ..Self::standard() }
    }

    /// An empty `retry` block: what each field is that isn't written.
    #[must_use]
    pub fn block() -> Self {
        Self { maximum_interval: 100_000, maximum_attempts: None, ..Self::standard() }
    }
}

/// What a second execution of an activity does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The same as one.
    Idempotent,
    /// Harm: there is none, and an unknown outcome is an error.
    Once,
}

/// A circuit breaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// Its name.
    pub name: EcoString,
    /// How many failures within the window open it.
    pub failure_threshold: u32,
    /// The window.
    pub window: Millis,
    /// How long it stays open.
    pub cooldown: Millis,
    /// How many successes close it again.
    pub half_open_probes: u32,
}

/// A limit of rate or concurrency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: EcoString,
    /// How many starts it lets through in a period, and the period.
    pub rate: Option<(u32, Millis)>,
    /// How many may run at once.
    pub concurrency: Option<u32>,
}

/// The use of a breaker or limit, with the key that tells one circuit from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keyed<Ix> {
    /// Which.
    pub policy: Ix,
    /// `None` where there is one for all.
    pub key: Option<ExprId>,
}
