use serde::{Deserialize, Serialize};

use crate::engine::machine::{Event, Signal};

/// What one process has to say to the run of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Note {
    /// A signal.
    Signal(Signal),
    /// The run is to stop.
    Cancel,
}

impl Note {
    /// What the run hears.
    pub(super) fn event(self) -> Event {
        match self {
            Self::Signal(signal) => Event::Signalled(signal),
            Self::Cancel => Event::Cancelled,
        }
    }
}
