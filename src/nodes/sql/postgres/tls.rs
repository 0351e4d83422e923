use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::nodes::NodeError;
use crate::nodes::sql::address::{Server, Tls};
use crate::nodes::sql::fault;

/// What makes the connections to a server safe, as far as its address asks for it.
pub(super) fn connector(server: &Server) -> Result<MakeRustlsConnect, NodeError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let failed = |reason: String| NodeError::new("TlsFailed", reason).before_effect();
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?;
    let verifier = verifier(server, provider)?;
    let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(server: &Server, provider: Arc<CryptoProvider>) -> Result<Arc<Verifier>, NodeError> {
    let authorities = match server.tls {
        Tls::VerifyCa | Tls::VerifyFull => Some(authorities(server.root.as_deref(), provider.clone())?),
        Tls::Disable | Tls::Prefer | Tls::Require => None,
    };
    Ok(Arc::new(Verifier { provider, authorities, names: server.tls == Tls::VerifyFull }))
}

/// Those of a file, else those that this machine believes.
fn authorities(
    file: Option<&Path>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, NodeError> {
    let Some(file) = file else {
        let verifier = rustls_platform_verifier::Verifier::new(provider)
            .map_err(|error| fault::invalid(format!("this machine has no certificates: {error}")))?;
        return Ok(Arc::new(verifier));
    };
    let unusable = |reason: String| fault::invalid(format!("`sslrootcert` can't be used: {reason}"));
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    Ok(verifier.map_err(|error| unusable(error.to_string()))?)
}

/// Believes the server's certificate as far as the mode says: PostgreSQL's `require` encrypts and asks no more.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    /// Who signs certificates that are believed; all do where nobody is named.
    authorities: Option<Arc<dyn ServerCertVerifier>>,
    /// Whether the certificate must be the host's.
    names: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else { return Ok(ServerCertVerified::assertion()) };
        let verified =
            authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let is_name = |error: &CertificateError| {
            matches!(
                error,
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            )
        };
        match verified {
            Err(Error::InvalidCertificate(error)) if !self.names && is_name(&error) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
