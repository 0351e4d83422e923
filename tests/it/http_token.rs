//! Tokens of OAuth 2.0: asked for once, kept while they hold, and never told.

use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use citadel::nodes::{Call, Context, Egress, Executors, Secrets};
use citadel::value::Value;

use crate::http_call::{call, form, list, part, run_with, secret, secrets, text};
use crate::http_server::{Answer, Seen, Server, answer, json, redirect};

/// A server that gives tokens `token-number-1`, `token-number-2` … and takes those that `takes` says.
async fn server(takes: fn(usize) -> bool) -> Server {
    let given = AtomicUsize::new(0);
    Server::start(move |seen| match seen.target.as_str() {
        "/token" => {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            json(&format!(r#"{{"access_token": "token-number-{number}", "expires_in": 3600}}"#))
        }
        _ => api(seen, takes),
    })
    .await
}

fn api(seen: &Seen, takes: fn(usize) -> bool) -> Answer {
    let proof = seen.header("authorization").unwrap_or_default();
    let number = proof.strip_prefix("Bearer token-number-").and_then(|number| number.parse().ok());
    let status = if number.is_some_and(takes) { "200 OK" } else { "401 No" };
    answer(status, &[], proof.as_bytes())
}

fn proven(server: &Server, path: &str) -> Call {
    let scopes = list([text("read"), text("write")]);
    let auth = form("oauth2", [text(server.url("/token")), text("the id"), secret("key"), scopes]);
    call([("url", text(server.url(path))), ("auth", auth)])
}

fn key() -> Secrets {
    secrets([("key", "se:cret-1")])
}

fn targets(server: &Server) -> Vec<String> {
    server.seen().iter().map(|seen| seen.target.clone()).collect()
}

#[tokio::test]
async fn a_token_is_asked_for_once() {
    let server = server(|_| true).await;
    let (executors, context) = (Executors::standard(), Context::new(key(), Egress::allow_private()));
    let call = proven(&server, "/a");
    let (first, second) = tokio::join!(executors.run(&call, &context), executors.run(&call, &context));
    let output = first.expect("an answer");
    second.expect("an answer");
    executors.run(&call, &context).await.expect("an answer");
    assert_eq!(targets(&server), ["/token", "/a", "/a", "/a"]);
    let asked = &server.seen()[0];
    assert_eq!(
        (asked.method.as_str(), asked.text().as_str()),
        ("POST", "grant_type=client_credentials&scope=read+write")
    );
    let pair = STANDARD.encode("the+id:se%3Acret-1");
    assert_eq!(asked.header("authorization"), Some(&*format!("Basic {pair}")));
    assert_eq!(part(&output, "body"), text("Bearer [secret access token]"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let server = server(|number| number == 2).await;
    let (executors, context) = (Executors::standard(), Context::new(key(), Egress::allow_private()));
    for _ in 0..2 {
        let output = executors.run(&proven(&server, "/a"), &context).await.expect("an answer");
        assert!(!output.to_json().expect("JSON").to_string().contains("token-number"), "{output:?}");
    }
    assert_eq!(targets(&server), ["/token", "/a", "/token", "/a", "/a"]);
}

#[tokio::test]
async fn a_request_that_is_refused_twice_has_failed() {
    let server = server(|_| false).await;
    let error = run_with(&proven(&server, "/a"), key()).await.expect_err("it is refused");
    assert_eq!((error.name.as_str(), error.before_effect), ("HttpClientError", false));
    assert_eq!(part(&error.details, "status"), Value::Int(401));
    assert_eq!(part(&error.details, "body"), text("Bearer [secret new access token]"));
    assert_eq!(targets(&server), ["/token", "/a", "/token", "/a"]);
}

#[tokio::test]
async fn a_token_goes_to_no_other_host() {
    let other = Server::start(|seen| answer("401 No", &[], seen.whole().as_bytes())).await;
    let there = other.url("/there");
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/token" => json(r#"{"access_token": "token-number-1"}"#),
        _ => redirect("302 Found", &there),
    })
    .await;
    let error = run_with(&proven(&server, "/a"), key()).await.expect_err("it is refused");
    assert_eq!(part(&error.details, "status"), Value::Int(401));
    assert_eq!(other.only().header("authorization"), None);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    for (answered, name) in [
        (|| answer("503 Busy", &[("Retry-After", "9")], b"se:cret-1"), "HttpServerError"),
        (|| answer("429 Slow", &[("Retry-After", "9")], b"se%3Acret-1"), "RateLimited"),
        (|| answer("400 No", &[], b"{}"), "HttpClientError"),
        (|| json("{\"token\": 1}"), "HttpClientError"),
        (|| answer("302 On", &[("Location", "/other")], b""), "HttpClientError"),
        (|| Answer::Endless(crate::http_server::head("200 OK", &[]), vec![b'x'; 4_096]), "ResponseTooLarge"),
    ] as [(fn() -> Answer, &str); 6]
    {
        let server = Server::start(move |_| answered()).await;
        let error = run_with(&proven(&server, "/a"), key()).await.expect_err("there is no token");
        assert_eq!((error.name.as_str(), error.before_effect), (name, true));
        assert!(error.message.starts_with(&format!("POST {}", server.url("/token"))), "{}", error.message);
        assert!(!format!("{error:?}").contains("cret-1"), "{error:?}");
        assert!(!targets(&server).contains(&"/a".to_owned()));
        if name == "RateLimited" || name == "HttpServerError" {
            assert_eq!(error.retry_after, Some(std::time::Duration::from_secs(9)));
        }
    }
}

#[tokio::test]
async fn the_token_url_is_held_to_the_same_addresses() {
    let auth = form("oauth2", [text("http://169.254.169.254/token"), text("id"), secret("key")]);
    let call = call([("url", text("https://example.com/")), ("auth", auth)]);
    let context = Context::new(key(), Egress::deny_private());
    let error = Executors::standard().run(&call, &context).await.expect_err("it is refused");
    assert_eq!(error.name, "EgressDenied");
}

#[tokio::test]
async fn a_token_is_used_until_it_ends() {
    for (said, asked) in [("3", 2), ("3600", 1), ("99999999999999999999", 1), ("-1", 1), ("\"soon\"", 1)] {
        let server = Server::start(move |seen| match seen.target.as_str() {
            "/token" => json(&format!(r#"{{"access_token": "token-number-1", "expires_in": {said}}}"#)),
            _ => api(seen, |_| true),
        })
        .await;
        let (executors, context) = (Executors::standard(), Context::new(key(), Egress::allow_private()));
        for _ in 0..2 {
            executors.run(&proven(&server, "/a"), &context).await.expect("an answer");
        }
        let count = targets(&server).iter().filter(|target| *target == "/token").count();
        assert_eq!(count, asked, "{said}");
    }
}

#[tokio::test]
async fn another_secret_gets_another_token() {
    let server = server(|_| true).await;
    let executors = Executors::standard();
    for secret in ["one", "two", "one"] {
        let context = Context::new(secrets([("key", secret)]), Egress::allow_private());
        executors.run(&proven(&server, "/a"), &context).await.expect("an answer");
    }
    assert_eq!(targets(&server), ["/token", "/a", "/token", "/a", "/a"]);
}
