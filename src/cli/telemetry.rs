use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::failure::Failure;
use crate::telemetry::{Format, Telemetry, Wishes};

/// How operators are told what runs do.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Told {
    /// Serve metrics for Prometheus on this address, such as localhost:9464
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub metrics: Option<SocketAddr>,
    /// Write what runs do to standard error; `CITADEL_LOG` says how much
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
}

/// How a log looks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines of text
    Text,
    /// One JSON object a line
    Json,
}

impl Told {
    /// Begins to tell.
    pub(super) fn begin(&self) -> Result<Arc<Telemetry>, Failure> {
        let log = self.log.map(|format| match format {
            LogFormat::Text => Format::Text,
            LogFormat::Json => Format::Json,
        });
        let wishes = Wishes { metrics: self.metrics, log };
        Telemetry::begin(wishes).map_err(|error| Failure::Environment(error.to_string()))
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found =
        text.to_socket_addrs().map_err(|_| "it wants a host and a port, such as localhost:9464")?;
    found.next().ok_or_else(|| "no such host is known".to_owned())
}
