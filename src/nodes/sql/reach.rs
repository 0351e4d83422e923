use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use url::Host;

use super::address::{Place, Server};
use super::fault;
use crate::nodes::{Egress, NodeError};

/// Where a connection is made to: what was judged, and nothing that is looked up again.
pub(super) enum Target {
    Addresses { host: String, addresses: Vec<IpAddr> },
    Socket(PathBuf),
}

/// Looks a server up once, and refuses it where it may not be reached.
pub(super) async fn target(server: &Server, egress: &Egress) -> Result<Target, NodeError> {
    match &server.place {
        Place::Socket(path) => socket(path, egress),
        Place::Host(name) => {
            let host = Host::parse(name).map_err(|_| fault::invalid("its host is none"))?;
            if !egress.allows_host(&host_ref(&host)) {
                return Err(denied());
            }
            let addresses = addresses(&host, server.port).await?;
            // A name with one private address is a private name.
            if addresses.iter().any(|address| !egress.allows(*address)) {
                return Err(denied());
            }
            let host = host.to_string().trim_matches(['[', ']']).to_owned();
            Ok(Target::Addresses { host, addresses })
        }
    }
}

fn host_ref(host: &Host<String>) -> Host<&str> {
    match host {
        Host::Domain(name) => Host::Domain(name),
        Host::Ipv4(address) => Host::Ipv4(*address),
        Host::Ipv6(address) => Host::Ipv6(*address),
    }
}

/// A socket is this machine, as its own address is.
fn socket(path: &Path, egress: &Egress) -> Result<Target, NodeError> {
    match egress.allows(Ipv4Addr::LOCALHOST.into()) {
        true => Ok(Target::Socket(path.to_owned())),
        false => Err(denied()),
    }
}

async fn addresses(host: &Host<String>, port: u16) -> Result<Vec<IpAddr>, NodeError> {
    let name = match host {
        Host::Ipv4(address) => return Ok(vec![(*address).into()]),
        Host::Ipv6(address) => return Ok(vec![(*address).into()]),
        Host::Domain(name) => name,
    };
    let found = tokio::net::lookup_host((name.as_str(), port)).await;
    let found: Vec<IpAddr> = found.into_iter().flatten().map(|address| address.ip()).collect();
    if found.is_empty() {
        return Err(fault::connection_failed("its host has no address").before_effect());
    }
    Ok(found)
}

/// The host is a part of a secret, so nobody is told it.
fn denied() -> NodeError {
    let message = "the database is not at an address of the public internet; --allow-private-network lets nodes reach it";
    NodeError::new("EgressDenied", message).before_effect()
}
