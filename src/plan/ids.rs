use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a place in one of a workflow's tables, as a number of its own type.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in its table.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<usize> for $name {
            /// The id of a position; tables are far shorter than 2³² entries.
            fn from(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "#{}", self.0)
            }
        }
    };
}

id! {
    /// A workflow of [`Program::workflows`](super::Program::workflows).
    WorkflowId
}
id! {
    /// A callee of [`Workflow::callees`](super::Workflow::callees).
    CalleeId
}
id! {
    /// A node of [`Workflow::nodes`](super::Workflow::nodes).
    NodeId
}
id! {
    /// A graph of [`Workflow::graphs`](super::Workflow::graphs); the first is the workflow's own.
    GraphId
}
id! {
    /// An expression of [`Workflow::codes`](super::Workflow::codes).
    CodeId
}
id! {
    /// A retry policy of [`Workflow::retries`](super::Workflow::retries).
    RetryId
}
id! {
    /// An error table of [`Workflow::errors`](super::Workflow::errors).
    ErrorsId
}
id! {
    /// A circuit breaker of [`Workflow::breakers`](super::Workflow::breakers).
    BreakerId
}
id! {
    /// A remote activity of [`Workflow::remotes`](super::Workflow::remotes).
    RemoteId
}
id! {
    /// A limit of [`Workflow::limits`](super::Workflow::limits).
    LimitId
}
