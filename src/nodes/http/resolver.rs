use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::client::denied;
use crate::nodes::{Egress, NodeError};

/// Looks a name up once for each connection, and hands out only addresses that may be reached: the connection is
/// made to the very address that was judged.
pub(super) struct Resolver {
    egress: Egress,
}

/// That a name leads where nobody may go.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Denied(pub(super) String);

impl Resolver {
    pub(super) fn new(egress: Egress) -> Self {
        Self { egress }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.egress.clone();
        Box::pin(async move {
            let found = looked_up(&egress, name.as_str(), 0).await??;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a host that may be reached, for a connection that is made to one of these very addresses.
///
/// # Errors
/// `EgressDenied`, or `ConnectionFailed` where the name leads nowhere.
pub(in crate::nodes) async fn addresses(
    egress: &Egress,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, NodeError> {
    match looked_up(egress, host, port).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(Denied(host))) => Err(denied(&host)),
        Err(_) => {
            let message = format!("{host}: the name can't be resolved");
            Err(NodeError::new("ConnectionFailed", message).before_effect())
        }
    }
}

async fn looked_up(egress: &Egress, host: &str, port: u16) -> io::Result<Result<Vec<SocketAddr>, Denied>> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    // A name with one private address is a private name.
    let is_denied = found.iter().any(|address| !egress.allows(address.ip()));
    Ok(if is_denied { Err(Denied(host.to_owned())) } else { Ok(found) })
}
