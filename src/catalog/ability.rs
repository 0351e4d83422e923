/// What a kind can do beyond what its class and its fields tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ability {
    /// It connects to what its fields name.
    Network,
    /// The other side gets the key of the execution, the same on every attempt.
    SendsKey,
    /// `transactional: true` writes effect and key together.
    ExactlyOnce,
    /// It is checked and planned, and no engine of this version runs it.
    CheckedOnly,
}

impl Ability {
    /// What programs call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::SendsKey => "sends_key",
            Self::ExactlyOnce => "exactly_once",
            Self::CheckedOnly => "checked_only",
        }
    }

    /// What it means, in one sentence.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Network => "Private addresses are refused unless `--allow-private-network` is given.",
            Self::SendsKey => "The idempotency key goes with it, the same on every attempt.",
            Self::ExactlyOnce => "With `transactional: true` it takes effect exactly once.",
            Self::CheckedOnly => "It is checked and planned, but no engine of this version runs it yet.",
        }
    }
}
