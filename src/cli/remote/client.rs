use std::path::Path;

use super::arguments::Server;
use crate::cli::config::configuration;
use crate::cli::failure::Failure;
use crate::config::{Config, Temporal};
use crate::driver::temporal::{Client, Connection, Endpoint};

/// What every block of PEM begins with.
const PEM: &[u8] = b"-----BEGIN ";

/// What is configured, once it is right.
pub(super) fn configured(server: &Server) -> Result<Config, Failure> {
    configuration(&server.flags.given(), server.profile.as_deref())
}

/// Whether somebody says where the server is.
pub(in crate::cli) fn is_meant(server: &Server) -> Result<bool, Failure> {
    Ok(configured(server)?.temporal().is_located())
}

/// The server that is meant. Certificates and keys are read here.
pub(super) fn endpoint(temporal: &Temporal) -> Result<Endpoint, Failure> {
    crate::host::endpoint(temporal, pem)
}

/// What a file holds that a certificate or a key is to be in.
fn pem(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path).map_err(Failure::io(path))?;
    if bytes.windows(PEM.len()).any(|window| window == PEM) {
        return Ok(bytes);
    }
    Err(Failure::Usage(format!("{}: there is no certificate or key in PEM in it", path.display())))
}

/// A client of the server that is meant.
pub(super) async fn connected(server: &Server) -> Result<Client, Failure> {
    let config = configured(server)?;
    let temporal = config.temporal();
    let connection = Connection::open(&endpoint(temporal)?).await?;
    Ok(Client::new(connection, temporal.task_queue()).with_time_limit(temporal.time_limit()))
}
