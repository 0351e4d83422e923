//! How far a connection is protected, by its `sslmode`.

use std::net::TcpListener as Listener;
use std::sync::Arc;

use citadel::nodes::{Context, Egress, Executors, Secrets};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::command::Folder;
use crate::sql_call::executed;

/// A server of PostgreSQL as far as TLS, which tells who comes in that it has no place: by that it is known that
/// somebody came in.
struct Server {
    port: u16,
    root: String,
}

impl Server {
    /// One whose certificate is for a name.
    fn start(name: &str, folder: &Folder) -> Self {
        let authority_key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(Vec::<String>::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&authority_key).expect("a certificate");
        let issuer = Issuer::from_params(&authority, &authority_key);
        let key = KeyPair::generate().expect("a key");
        let own = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let own: CertificateDer<'static> = own.signed_by(&key, &issuer).expect("a certificate").der().clone();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own], key)
            .expect("a certificate and its key");
        let path = folder.path().join(format!("{name}.pem"));
        std::fs::write(&path, root.pem()).expect("a file");
        let listener = Listener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a socket");
        let listener = TcpListener::from_std(listener).expect("a socket");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, acceptor.clone()));
            }
        });
        Self { port, root: path.display().to_string() }
    }

    /// What an attempt with these options fails with.
    async fn failure(&self, host: &str, options: &str) -> String {
        let url = format!("postgres://u:p@{host}:{}/d?{options}", self.port);
        let context = Context::new(Secrets::default(), Egress::allow_private());
        let call = executed(&url, "select :id");
        Executors::standard().run(&call, &context).await.expect_err("it has no place").name.to_string()
    }
}

async fn serve(mut stream: TcpStream, acceptor: TlsAcceptor) {
    let mut request = [0; 8];
    if stream.read_exact(&mut request).await.is_err() || stream.write_all(b"S").await.is_err() {
        return;
    }
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let mut rest = [0; 1_000];
    let _ = stream.read(&mut rest).await;
    let fields = b"SFATAL\0C53300\0Mfull\0\0";
    let length = u32::try_from(fields.len() + 4).expect("it is short").to_be_bytes();
    let _ = stream.write_all(&[b"E", &length[..], fields].concat()).await;
    let _ = stream.shutdown().await;
}

#[tokio::test]
async fn a_certificate_is_believed_as_far_as_the_mode_says() {
    let folder = Folder::new("sql-tls");
    let server = Server::start("localhost", &folder);
    let other = Server::start("db.example.com", &folder);
    let root = format!("&sslrootcert={}", server.root);
    let wrong = format!("&sslrootcert={}", other.root);
    for (host, options, name) in [
        ("localhost", "sslmode=prefer".to_owned(), "ConnectionFailed"),
        ("localhost", "sslmode=require".to_owned(), "ConnectionFailed"),
        ("localhost", format!("sslmode=verify-full{root}"), "ConnectionFailed"),
        ("127.0.0.1", format!("sslmode=verify-ca{root}"), "ConnectionFailed"),
        ("127.0.0.1", format!("sslmode=verify-full{root}"), "TlsFailed"),
        ("localhost", format!("sslmode=verify-full{wrong}"), "TlsFailed"),
        ("localhost", format!("sslmode=verify-ca{wrong}"), "TlsFailed"),
        ("localhost", "sslmode=verify-full".to_owned(), "TlsFailed"),
        ("localhost", "sslmode=verify-full&sslrootcert=/no/such/file".to_owned(), "InvalidUrl"),
    ] {
        assert_eq!(server.failure(host, &options).await, name, "{host} {options}");
    }
}
