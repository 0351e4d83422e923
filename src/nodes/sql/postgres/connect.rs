use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{CancelToken, Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{fault, tls};
use crate::nodes::sql::address::{Server, Tls};
use crate::nodes::sql::fault::connection_failed;
use crate::nodes::sql::reach::{Target, target};
use crate::nodes::{Egress, NodeError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long it may take to tell a server that nobody waits any more.
const CANCEL: Duration = Duration::from_secs(5);

/// A connection, and what is needed to end it.
pub(in crate::nodes::sql) struct Link {
    pub(super) client: Client,
    tls: MakeRustlsConnect,
    task: AbortHandle,
}

impl Link {
    /// Connects to a server that may be reached.
    pub(in crate::nodes::sql) async fn open(
        server: &Server,
        egress: &Egress,
        time: Duration,
    ) -> Result<Self, NodeError> {
        let opened = tokio::time::timeout(time.min(CONNECT), Self::connect(server, egress)).await;
        opened
            .unwrap_or_else(|_| Err(connection_failed("no connection in time")))
            .map_err(NodeError::before_effect)
    }

    async fn connect(server: &Server, egress: &Egress) -> Result<Self, NodeError> {
        let config = config(server, target(server, egress).await?);
        let tls = tls::connector(server)?;
        let (client, mut connection) =
            config.connect(tls.clone()).await.map_err(|error| fault::of_connect(&error))?;
        // What a server tells beside its answers is nobody's.
        let task = tokio::spawn(async move {
            while let Some(Ok(_)) = std::future::poll_fn(|context| connection.poll_message(context)).await {}
        });
        Ok(Self { client, tls, task: task.abort_handle() })
    }

    /// The connection alone, which ends when this is dropped.
    pub(in crate::nodes::sql) fn into_client(self) -> Client {
        self.client
    }

    /// Ends the connection and what the server does for it.
    pub(super) fn cancel(self) {
        let Self { client, tls, task } = self;
        let token: CancelToken = client.cancel_token();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return task.abort() };
        runtime.spawn(async move {
            // When it can't be told, the time that it gave the statement ends it.
            let _ = tokio::time::timeout(CANCEL, token.cancel_query(tls)).await;
            drop(client);
            task.abort();
        });
    }
}

fn config(server: &Server, target: Target) -> Config {
    let mut config = Config::new();
    match target {
        Target::Socket(path) => drop(config.host_path(path)),
        Target::Addresses { host, addresses } => {
            for address in addresses {
                config.host(&host).hostaddr(address);
            }
        }
    }
    config.port(server.port).connect_timeout(CONNECT);
    config.ssl_mode(match server.tls {
        Tls::Disable => SslMode::Disable,
        Tls::Prefer => SslMode::Prefer,
        Tls::Require | Tls::VerifyCa | Tls::VerifyFull => SslMode::Require,
    });
    config.application_name(server.application.as_deref().unwrap_or("citadel"));
    if let Some(user) = &server.user {
        config.user(user);
    }
    if let Some(password) = &server.password {
        config.password(password);
    }
    if let Some(database) = &server.database {
        config.dbname(database);
    }
    if let Some(options) = &server.options {
        config.options(options);
    }
    config
}
