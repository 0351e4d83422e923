use std::str::FromStr;
use std::time::Duration;

use temporalio_client::errors::ClientConnectError;
use temporalio_client::grpc::WorkflowService;
use temporalio_client::{ClientTlsOptions, ConnectionOptions, GrpcCompression, TlsOptions, Url};
use temporalio_protos::temporal::api::workflowservice::v1::DescribeNamespaceRequest;
use tonic::Code;

use super::TemporalError;

/// How long a server may take to answer before it counts as unreachable.
const PATIENCE: Duration = Duration::from_secs(4);

/// Where a Temporal server is, and who talks to it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Host and port.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// TLS, where the server wants it.
    pub tls: Option<Tls>,
    /// The key of an account in Temporal's cloud.
    pub api_key: Option<String>,
}

/// How a connection is secured.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// The name in the server's certificate, where it is not the host's.
    pub server_name: Option<String>,
    /// The certificate of the authority that signed the server's, as PEM; the system's where there is none.
    pub authority: Option<Vec<u8>>,
    /// The client's own certificate and key, as PEM.
    pub client: Option<(Vec<u8>, Vec<u8>)>,
}

/// A connection to a server that has answered, and has the namespace. A clone is the same.
#[derive(Clone)]
pub struct Connection {
    pub(super) inner: temporalio_client::Connection,
    pub(super) endpoint: Endpoint,
}

impl Connection {
    /// Connects, and asks for the namespace.
    ///
    /// # Errors
    /// Within five seconds, when there is no server, or it has no such namespace.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, TemporalError> {
        let unreachable =
            |reason: String| TemporalError::Unreachable { address: endpoint.address.clone(), reason };
        let options = endpoint.options()?;
        let connecting = temporalio_client::Connection::connect(options);
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        let connected = connected.map_err(|_| unreachable("it doesn't answer".to_owned()))?;
        let inner = connected.map_err(|error| unreachable(reason(&error)))?;
        let connection = Self { inner, endpoint: endpoint.clone() };
        connection.expect_namespace().await?;
        Ok(connection)
    }

    async fn expect_namespace(&self) -> Result<(), TemporalError> {
        let namespace = self.endpoint.namespace.clone();
        let request = DescribeNamespaceRequest { namespace: namespace.clone(), ..Default::default() };
        match self.service().describe_namespace(tonic::Request::new(request)).await {
            Err(status) if status.code() == Code::NotFound => Err(TemporalError::UnknownNamespace(namespace)),
            // A client may be allowed to start runs and not to look at the namespace.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub(super) fn service(&self) -> Box<dyn WorkflowService> {
        self.inner.workflow_service()
    }
}

impl Endpoint {
    fn options(&self) -> Result<ConnectionOptions, TemporalError> {
        let scheme = if self.tls.is_some() || self.api_key.is_some() { "https" } else { "http" };
        let bad = || TemporalError::Address(self.address.clone());
        let url = Url::from_str(&format!("{scheme}://{}", self.address)).map_err(|_| bad())?;
        if url.host_str().is_none() || url.port_or_known_default().is_none() {
            return Err(bad());
        }
        Ok(ConnectionOptions::new(url)
            .identity(identity())
            .maybe_tls_options(self.tls.as_ref().map(Tls::options))
            .maybe_api_key(self.api_key.clone())
            .connect_timeout(PATIENCE)
            .grpc_compression(GrpcCompression::None)
            .dns_load_balancing(None)
            .build())
    }
}

/// Who this process is, for whoever looks at the server.
pub(super) fn identity() -> String {
    let host = rustix::system::uname();
    format!("citadel-{}@{}", std::process::id(), host.nodename().to_string_lossy())
}

impl Tls {
    fn options(&self) -> TlsOptions {
        let client = self.client.clone().map(|(certificate, key)| {
            ClientTlsOptions::builder().client_cert(certificate).client_private_key(key).build()
        });
        let mut options = TlsOptions::default();
        options.server_root_ca_cert = self.authority.clone();
        options.domain = self.server_name.clone();
        options.client_tls_options = client;
        options
    }
}

/// What libraries say that know nothing of a Temporal server, and what it means here. They have no codes for it.
const FOREIGN: [(&str, &str); 4] = [
    ("InvalidContentType", "it doesn't secure its connections, and TLS is on here"),
    ("http2 error", "what answers there is no Temporal server, or it wants TLS"),
    ("operation was canceled", "what answers there is no Temporal server, or it wants TLS"),
    ("invalid peer certificate", "its certificate isn't trusted here, or is for another name"),
];

/// Why a server can't be talked to.
fn reason(error: &ClientConnectError) -> String {
    let ClientConnectError::SystemInfoCallError(status) = error else { return innermost(error) };
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => {
            "it turns away who asks; it may want an API key, or a certificate".to_owned()
        }
        Code::Unimplemented => "what answers there is no Temporal server".to_owned(),
        _ => plain(status.message()),
    }
}

/// What really went wrong, behind all that wraps it.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let said = error.to_string();
    let meant = FOREIGN.iter().find(|(words, _)| said.contains(words));
    meant.map_or_else(|| plain(&said), |(_, meaning)| (*meaning).to_owned())
}

/// The first line of what a system says, without its number.
fn plain(said: &str) -> String {
    let line = said.lines().next().unwrap_or_default();
    line.split_once(" (os error").map_or(line, |(line, _)| line).to_lowercase()
}
