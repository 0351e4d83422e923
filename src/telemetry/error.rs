use std::net::SocketAddr;

use thiserror::Error;

/// Why nothing can be told.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The address of the metrics is taken, or isn't ours.
    #[error("metrics can't be served on {address}: {reason}")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// Why.
        reason: String,
    },
    /// No exporter of spans.
    #[error("spans can't be sent where `OTEL_EXPORTER_OTLP_ENDPOINT` says: {0}")]
    Spans(String),
    /// The levels of the log.
    #[error("`CITADEL_LOG` can't be read: {0}")]
    Levels(String),
}
