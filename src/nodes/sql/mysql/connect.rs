use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, DriverError, Error, Opts, OptsBuilder, SslOpts};

use super::fault;
use crate::nodes::sql::address::{Server, Tls};
use crate::nodes::sql::fault::connection_failed;
use crate::nodes::sql::reach::{Target, target};
use crate::nodes::{Egress, NodeError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long it may take to tell a server that nobody waits any more.
const CANCEL: Duration = Duration::from_secs(5);

/// The largest packet that is sent or taken, in bytes: no row can be larger.
const MAX_PACKET: usize = 64 << 20;

/// A connection, and what is needed to end it.
pub(in crate::nodes::sql) struct Link {
    pub(super) conn: Conn,
}

impl Link {
    /// Connects to a server that may be reached.
    pub(super) async fn open(server: &Server, egress: &Egress, time: Duration) -> Result<Self, NodeError> {
        let opened = tokio::time::timeout(time.min(CONNECT), Self::connect(server, egress)).await;
        opened
            .unwrap_or_else(|_| Err(connection_failed("no connection in time")))
            .map_err(NodeError::before_effect)
    }

    async fn connect(server: &Server, egress: &Egress) -> Result<Self, NodeError> {
        let opts = options(server, target(server, egress).await?);
        let encrypted = Opts::from(opts.clone().ssl_opts(encryption(server)));
        let conn = match Conn::new(encrypted).await {
            Err(Error::Driver(DriverError::NoClientSslFlagFromServer)) if server.tls == Tls::Prefer => {
                Conn::new(opts).await
            }
            conn => conn,
        };
        conn.map(|conn| Self { conn }).map_err(|error| fault::of_connect(&error))
    }

    /// Ends the connection and what the server does for it.
    pub(super) fn cancel(self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (opts, id) = (self.conn.opts().clone(), self.conn.id());
        runtime.spawn(async move {
            // When it can't be told, the end of the connection ends it.
            let kill = async {
                let mut other = Conn::new(opts).await?;
                other.query_drop(format!("kill {id}")).await?;
                other.disconnect().await
            };
            let _ = tokio::time::timeout(CANCEL, kill).await;
            let _ = tokio::time::timeout(CANCEL, self.conn.disconnect()).await;
        });
    }
}

fn options(server: &Server, target: Target) -> OptsBuilder {
    // A server that says where its socket is would lead past the address that was judged, and one that asks for a file
    // of this machine gets none.
    let options = OptsBuilder::default()
        .prefer_socket(false)
        .user(server.user.clone())
        .pass(server.password.clone())
        .db_name(server.database.clone())
        .tcp_port(server.port)
        .client_found_rows(true)
        .stmt_cache_size(0)
        .max_allowed_packet(Some(MAX_PACKET));
    match target {
        Target::Socket(path) => options.socket(Some(path.display().to_string())),
        Target::Addresses { host, addresses } => options.ip_or_hostname(host).resolved_ips(Some(addresses)),
    }
}

/// As the names of PostgreSQL's modes say it.
fn encryption(server: &Server) -> Option<SslOpts> {
    let authorities = server.root.iter().map(|file| file.clone().into()).collect::<Vec<_>>();
    let options =
        SslOpts::default().with_disable_built_in_roots(!authorities.is_empty()).with_root_certs(authorities);
    match server.tls {
        Tls::Disable => None,
        Tls::Prefer | Tls::Require => {
            Some(options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true))
        }
        Tls::VerifyCa => Some(options.with_danger_skip_domain_validation(true)),
        Tls::VerifyFull => Some(options),
    }
}
