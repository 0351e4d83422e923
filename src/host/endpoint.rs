use std::path::Path;

use crate::config::{self, Secret, Temporal};
use crate::driver::temporal::{Endpoint, Tls};

/// The server that is configured, with its certificates and keys, which `read` gives.
pub(crate) fn endpoint<E>(
    temporal: &Temporal,
    read: impl Fn(&Path) -> Result<Vec<u8>, E>,
) -> Result<Endpoint, E> {
    Ok(Endpoint {
        address: temporal.address().to_owned(),
        namespace: temporal.namespace().to_owned(),
        tls: temporal.tls().as_ref().map(|configured| tls(configured, read)).transpose()?,
        api_key: temporal.api_key().map(Secret::expose).map(str::to_owned),
    })
}

fn tls<E>(configured: &config::Tls, read: impl Fn(&Path) -> Result<Vec<u8>, E>) -> Result<Tls, E> {
    let config::Tls { server_name, ca_file, cert_file, key_file } = configured;
    let client = match (cert_file, key_file) {
        (Some(cert), Some(key)) => Some((read(cert)?, read(key)?)),
        // One without the other is no configuration.
        _ => None,
    };
    let authority = ca_file.as_deref().map(read).transpose()?;
    Ok(Tls { server_name: server_name.clone(), authority, client })
}
