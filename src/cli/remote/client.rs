use super::arguments::Server;
use crate::cli::failure::Failure;
use crate::driver::temporal::{Client, Connection, Endpoint};

const ADDRESS: &str = "localhost:7233";
const NAMESPACE: &str = "default";
pub(super) const TASK_QUEUE: &str = "citadel-agent-workflows";

/// Whether a flag names a server.
pub(in crate::cli) fn is_meant(server: &Server) -> bool {
    server.address.is_some() || server.namespace.is_some()
}

/// The server that is meant.
pub(super) fn endpoint(server: &Server) -> Endpoint {
    let or = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
    Endpoint {
        address: or(&server.address, ADDRESS),
        namespace: or(&server.namespace, NAMESPACE),
        tls: None,
        api_key: None,
    }
}

/// The task queue that is meant.
pub(super) fn task_queue(server: &Server) -> String {
    server.task_queue.clone().unwrap_or_else(|| TASK_QUEUE.to_owned())
}

/// A client of the server that is meant.
pub(super) async fn connected(server: &Server) -> Result<Client, Failure> {
    Ok(Client::new(Connection::open(&endpoint(server)).await?, task_queue(server)))
}
