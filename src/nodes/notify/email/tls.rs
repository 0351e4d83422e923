use std::io;
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::Verifier;
use tokio_rustls::TlsConnector;

use super::line::{Line, Stream};
use crate::nodes::NodeError;

/// What encrypts conversations: it trusts whom `http_request` trusts.
#[derive(Default)]
pub(super) struct Tls(OnceLock<Arc<ClientConfig>>);

impl Tls {
    /// The same line, encrypted, to a server that proves to be `host`.
    pub(super) async fn wrap(
        &self,
        stream: impl Stream + 'static,
        host: &str,
        to: &str,
    ) -> Result<Line, NodeError> {
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|_| failed(to, "the host is no name of a server"))?;
        let config = self.config().map_err(|error| failed(to, &error.to_string()))?;
        match TlsConnector::from(config).connect(name, stream).await {
            Ok(stream) => Ok(Line::new(stream)),
            Err(error) => Err(of_handshake(&error, to)),
        }
    }

    fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(known) = self.0.get() {
            return Ok(known.clone());
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Verifier::new(provider.clone())?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(self.0.get_or_init(|| Arc::new(config)).clone())
    }
}

/// That a conversation can't be encrypted. Nothing was said in it.
pub(super) fn failed(to: &str, reason: &str) -> NodeError {
    NodeError::new("TlsFailed", format!("{to}: {reason}")).before_effect()
}

fn of_handshake(error: &io::Error, to: &str) -> NodeError {
    let reason = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match reason {
        Some(reason) => failed(to, &reason.to_string()),
        None => {
            let message = format!("{to}: {} while the encryption was set up", error.kind());
            NodeError::new("ConnectionFailed", message).before_effect()
        }
    }
}
