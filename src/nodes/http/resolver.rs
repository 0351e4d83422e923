use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::nodes::Egress;

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
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // A name with one private address is a private name.
            if found.iter().any(|address| !egress.allows(address.ip())) {
                return Err(Box::new(Denied(host)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
