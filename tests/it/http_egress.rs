//! Where `http_request` goes, and where it never does: private addresses, in any spelling and behind any redirect,
//! and servers that can't prove who they are.

use std::net::IpAddr;
use std::sync::Arc;

use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Secrets};
use citadel::value::Value;

use crate::http_call::{call, failure, form, map, part, run, run_with, secret, secrets, text};
use crate::http_server::{Server, json, redirect};

/// Makes one attempt that may reach the public internet, and the first address of this machine.
async fn run_denied(call: &Call) -> Result<Value, NodeError> {
    let egress = Egress::deny_private().and(IpAddr::from([127, 0, 0, 1]));
    Executors::standard().run(call, &Context::new(Secrets::default(), egress)).await
}

/// Hosts that are this machine, its network, or nobody's.
const PRIVATE: [&str; 63] = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.0.0.2",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0X7F000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.0.0.0x1",
    "00000177.0.0.1",
    "%31%32%37.0.0.1",
    "127%2E0%2E0%2E1",
    "１２７.０.０.１",
    "１２７。０。０。１",
    "①②⑦.⓪.⓪.①",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "loc%61lhost",
    "ⓛocalhost",
    "0",
    "0.0.0.0",
    "0x0",
    "0.1.2.3",
    "10.0.0.1",
    "10.1",
    "167772161",
    "100.64.0.1",
    "169.254.169.254",
    "0xA9FEA9FE",
    "2852039166",
    "169.254.43518",
    "0251.0376.0251.0376",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "3232235777",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[64:ff9b::169.254.169.254]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
];

/// Hosts that are none.
const INVALID: [&str; 9] = [
    "",
    "127.0.0.1:99999",
    "256.0.0.1",
    "127.0.0.0.1",
    "0x7f.0.0.0x100",
    "[::1",
    "[fe80::1%25eth0]",
    "a b",
    "127.0.0.08",
];

#[tokio::test]
async fn no_spelling_of_a_private_address_is_reached() {
    let server = Server::start(|_| json("1")).await;
    let executors = Executors::standard();
    let context = Context::new(Secrets::default(), Egress::deny_private());
    for host in PRIVATE {
        let url = format!("http://{host}:{}/", server.port());
        let error = executors.run(&call([("url", text(&*url))]), &context).await.expect_err(host);
        assert_eq!(error.name, "EgressDenied", "{host}: {}", error.message);
        assert!(error.before_effect);
        assert!(error.message.contains("--allow-private-network"), "{}", error.message);
    }
    for host in INVALID {
        let url = format!("http://{host}/");
        let error = executors.run(&call([("url", text(&*url))]), &context).await.expect_err(host);
        assert_eq!(error.name, "InvalidUrl", "{host}: {}", error.message);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn only_http_is_spoken() {
    for url in [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://127.0.0.1/",
        "data:,a",
        "//a",
        "a",
        "",
        "http:",
    ] {
        let error = failure(&call([("url", text(url))])).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("InvalidUrl", true), "{url}");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_no_private_address() {
    let server = Server::start(|seen| redirect("302 Found", seen.target.trim_start_matches("/to/"))).await;
    for target in
        ["http://127.0.0.2/", "http://169.254.169.254/latest/meta-data", "//[::1]/", "http://2130706434/"]
    {
        let error = run_denied(&call([("url", text(server.url(&format!("/to/{target}"))))])).await;
        let error = error.expect_err(target);
        assert_eq!(error.name, "EgressDenied", "{target}: {}", error.message);
        assert!(!error.before_effect, "the first server has seen the request");
    }
}

#[tokio::test]
async fn a_redirect_leads_to_nothing_but_http() {
    let server = Server::start(|seen| redirect("302 Found", seen.target.trim_start_matches("/to/"))).await;
    for target in ["file:///etc/passwd", "ftp://a/", "javascript:1", "http://", "http://[::1"] {
        let error = failure(&call([("url", text(server.url(&format!("/to/{target}"))))])).await;
        assert_eq!(error.name, "InvalidUrl", "{target}: {}", error.message);
    }
}

#[tokio::test]
async fn a_failure_behind_a_redirect_comes_after_the_effect() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("it");
    let server = Server::start(move |_| redirect("307 On", &format!("http://{free}/"))).await;
    let error = failure(&call([("url", text(server.url("/"))), ("method", text("POST"))])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", false));
}

#[tokio::test]
async fn redirects_end() {
    let server = Server::start(|seen| match seen.target.trim_start_matches('/').parse::<u32>() {
        Ok(0) => json("\"there\""),
        Ok(left) => redirect("302 Found", &format!("/{}", left - 1)),
        Err(_) => redirect("302 Found", "/round"),
    })
    .await;
    let to = |path: &str| ("url", text(server.url(path)));
    assert_eq!(part(&run(&call([to("/5")])).await.expect("an answer"), "body"), text("there"));
    let error = failure(&call([to("/6")])).await;
    assert_eq!(error.name, "TooManyRedirects");
    assert_eq!(error.message, format!("GET {} redirects on after 5 redirects", server.url("/1")));
    assert_eq!(failure(&call([to("/round")])).await.name, "TooManyRedirects");
    assert!(run(&call([to("/9"), ("follow_redirects", Value::Int(9))])).await.is_ok());
    let error = failure(&call([to("/1"), ("follow_redirects", Value::Int(0))])).await;
    assert_eq!(error.name, "HttpClientError");
    assert_eq!(part(&error.details, "headers.location"), text("/0"));
    let accept = ("accept", [Value::Int(302)].into_iter().collect());
    let output = run(&call([to("/1"), accept])).await.expect("an answer");
    assert_eq!(part(&output, "status"), Value::Int(302));
}

#[tokio::test]
async fn methods_and_bodies_change_as_in_browsers() {
    for (status, method, then) in [
        ("301 A", "POST", "GET"),
        ("302 A", "POST", "GET"),
        ("303 A", "PUT", "GET"),
        ("301 A", "PUT", "PUT"),
        ("307 A", "POST", "POST"),
        ("308 A", "POST", "POST"),
        ("303 A", "HEAD", "HEAD"),
    ] {
        let server = Server::start(move |seen| match seen.target.as_str() {
            "/" => redirect(status, "/there"),
            _ => json(""),
        })
        .await;
        let fields = [("url", text(server.url("/"))), ("method", text(method)), ("json", Value::Int(1))];
        run(&call(fields)).await.expect("an answer");
        let seen = server.seen();
        assert_eq!(seen[1].method, then, "{status} {method}");
        let is_kept = then == method;
        assert_eq!(seen[1].text(), if is_kept { "1" } else { "" }, "{status} {method}");
        assert_eq!(seen[1].header("content-type").is_some(), is_kept);
    }
}

#[tokio::test]
async fn what_proves_who_sends_stays_with_its_host() {
    let other = Server::start(|_| json("1")).await;
    let there = format!("http://user:pass@localhost:{}/there", other.port());
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/" => redirect("302 Found", "/same"),
        _ => redirect("302 Found", &there),
    })
    .await;
    let headers = [
        ("Cookie", text("a=b")),
        ("X-Api-Key", text("not a secret, but a key")),
        ("X-Told", secret("key")),
        ("X-Own", text("public")),
    ];
    for auth in [form("bearer", [secret("key")]), form("api_key", [text("X-Api"), secret("key")])] {
        let fields = [("url", text(server.url("/"))), ("headers", map(headers.clone())), ("auth", auth)];
        run_with(&call(fields), secrets([("key", "canary-1")])).await.expect("an answer");
    }
    for seen in server.seen() {
        assert_eq!(seen.header("x-told"), Some("canary-1"));
        assert!(
            seen.header("authorization").or(seen.header("x-api")).is_some_and(|it| it.contains("canary-1"))
        );
    }
    assert_eq!(other.seen().len(), 2);
    for seen in other.seen() {
        assert!(!seen.whole().contains("canary"), "{seen:?}");
        for name in ["authorization", "cookie", "x-api-key", "x-told"] {
            assert_eq!(seen.header(name), None, "{name}");
        }
        assert_eq!(seen.header("x-own"), Some("public"));
    }
}

#[tokio::test]
async fn a_body_with_a_secret_goes_to_no_other_host() {
    let other = Server::start(|_| json("1")).await;
    let there = other.url("/");
    let server = Server::start(move |_| redirect("307 On", &there)).await;
    let post = |body: Value| {
        let call = call([("url", text(server.url("/"))), ("method", text("POST")), ("json", body)]);
        async move { run_with(&call, secrets([("key", "canary-1")])).await }
    };
    let error = post(map([("key", secret("key"))])).await.expect_err("it is refused");
    assert_eq!(error.name, "EgressDenied");
    assert_eq!(other.seen().len(), 0);
    post(map([("key", text("public"))])).await.expect("an answer");
    assert_eq!(other.only().text(), r#"{"key":"public"}"#);
}

pub(crate) fn own_certificate() -> tokio_rustls::TlsAcceptor {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der());
    let config = tokio_rustls::rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.expect("a key"))
        .expect("a certificate with its key");
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_told_nothing() {
    let server = Server::start_tls(own_certificate(), |_| json("1")).await;
    let url = format!("https://localhost:{}/", server.port());
    let error = failure(&call([("url", text(&*url))])).await;
    assert_eq!(error.name, "TlsFailed", "{}", error.message);
    assert!(error.message.starts_with(&format!("GET {url}: invalid peer certificate")), "{}", error.message);
    assert!(error.before_effect);
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_fails_so() {
    let server = Server::start(|_| json("1")).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let greeting = b"HTTP/1.1 400 Bad Request\r\n\r\n";
            drop(tokio::io::AsyncWriteExt::write_all(&mut stream, greeting).await);
        }
    });
    let error = failure(&call([("url", text(format!("https://127.0.0.1:{port}/")))])).await;
    assert_eq!(error.name, "TlsFailed", "{}", error.message);
    assert_eq!(server.seen().len(), 0);
}
