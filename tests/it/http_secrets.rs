//! Secrets never come back, whatever a server makes of them; and an attempt always ends in an output or an error.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use citadel::nodes::{Call, Context, Egress, Executor, Executors, Future, NodeError, Scrubber, Secrets};
use citadel::value::Value;
use proptest::prelude::{ProptestConfig, proptest};

use crate::http_call::{call, form, map, part, run_with, secret, secret_after, secrets, text};
use crate::http_server::{Answer, Seen, Server, answer, head};

const CANARY: &str = "c4n4ry/Ü \"&+*~end";

/// All that an attempt leaves behind, as one text.
fn left(result: &Result<Value, NodeError>) -> String {
    match result {
        Ok(output) => output.to_json().expect("JSON").to_string(),
        Err(error) => format!("{error:?} {}", error.details.to_json().expect("JSON")),
    }
}

/// That nothing of the canary is left, but for what an encoding shares with its neighbours.
fn expect_clean(result: &Result<Value, NodeError>) {
    let left = left(result);
    assert!(left.contains("[secret key]"), "{left}");
    for piece in ["c4n4ry", "C4N4RY", "Ü", "%C3%9C", "~end", "%7Eend", &STANDARD.encode("c4n4ry/")[..8]] {
        assert!(!left.contains(piece), "{piece} in {left}");
    }
}

/// A request that holds the canary in all places where one may be.
fn telling(server: &Server, path: &str) -> Call {
    call([
        ("url", text(server.url(path))),
        ("method", text("POST")),
        ("headers", map([("X-Key", secret_after("key=", "key"))])),
        ("auth", form("basic", [text("user"), secret("key")])),
        ("form", map([("key", secret("key")), ("both", secret_after("and ", "key"))])),
    ])
}

/// The ways in which a server says what it was told.
fn echo(seen: &Seen) -> Vec<u8> {
    let plain = CANARY.to_owned();
    let quoted = serde_json::Value::from(CANARY).to_string();
    let ascii = quoted.replace('Ü', "\\u00dc").replace('/', "\\/");
    let encoded = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{CANARY}:{CANARY}"));
    let html = CANARY.replace('&', "&amp;").replace('"', "&quot;");
    [seen.whole(), plain, quoted, ascii, encoded, pair, html].join("\n").into_bytes()
}

#[tokio::test]
async fn an_echo_tells_no_secret() {
    let server = Server::start(|seen| {
        let basic = seen.header("authorization").unwrap_or_default().to_owned();
        let headers = [("X-Echo", basic.as_str()), ("X-Plain", seen.header("x-key").unwrap_or_default())];
        let status = if seen.target == "/refused" { "401 No" } else { "200 OK" };
        answer(status, &headers, &echo(seen))
    })
    .await;
    for path in ["/taken", "/refused"] {
        let result = run_with(&telling(&server, path), secrets([("key", CANARY)])).await;
        assert_eq!(result.is_err(), path == "/refused");
        expect_clean(&result);
    }
    let seen = &server.seen()[0];
    assert_eq!(seen.header("x-key"), Some(&*format!("key={CANARY}")));
    let basic = format!("Basic {}", STANDARD.encode(format!("user:{CANARY}")));
    assert_eq!(seen.header("authorization"), Some(&*basic));
}

#[tokio::test]
async fn json_tells_no_secret_in_its_keys_either() {
    let server = Server::start(|_| {
        let quoted = serde_json::Value::from(CANARY).to_string();
        crate::http_server::json(&format!("{{{quoted}: [{quoted}, {{\"a\": {quoted}}}]}}"))
    })
    .await;
    let result = run_with(&telling(&server, "/"), secrets([("key", CANARY)])).await;
    expect_clean(&result);
    let body = part(&result.expect("an answer"), "body");
    let mark = || text("[secret key]");
    assert_eq!(body, map([("[secret key]", [mark(), map([("a", mark())])].into_iter().collect())]));
}

#[tokio::test]
async fn a_redirect_tells_no_secret() {
    let server = Server::start(|_| {
        let told: String = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect();
        crate::http_server::redirect("302 Found", &format!("/{told}/?key={told}"))
    })
    .await;
    let result = run_with(&telling(&server, "/"), secrets([("key", CANARY)])).await;
    assert_eq!(result.as_ref().expect_err("it turns round").name, "TooManyRedirects");
    expect_clean(&result);
}

#[tokio::test]
async fn a_secret_is_not_cut_in_two() {
    let server = Server::start(|_| {
        let body = [b"x".repeat(4_090), CANARY.as_bytes().to_vec(), b"y".repeat(9_000)].concat();
        answer("500 No", &[], &body)
    })
    .await;
    let result = run_with(&telling(&server, "/"), secrets([("key", CANARY)])).await;
    let body = part(&result.expect_err("it fails").details, "body");
    assert_eq!(body, text(format!("{}[secre", "x".repeat(4_090))));
}

#[tokio::test]
async fn a_secret_is_in_no_message() {
    let told = secret_after("a\n", "key");
    let call = call([("url", text("http://127.0.0.1/")), ("headers", map([("X-Key", told)]))]);
    let error = run_with(&call, secrets([("key", CANARY)])).await.expect_err("it is refused");
    assert_eq!(error.name, "ExpressionError");
    assert!(!format!("{error:?}").contains("c4n4ry"), "{error:?}");
    let userinfo = crate::http_call::call([("url", text("http://user:hunter2@127.0.0.1:1/a?token=t#f"))]);
    let error = run_with(&userinfo, Secrets::default()).await.expect_err("it fails");
    assert_eq!(error.message, "GET http://127.0.0.1:1/a: connection refused");
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let secrets = secrets([("key", CANARY)]);
    let context = Context::new(secrets.clone(), Egress::deny_private());
    assert_eq!(format!("{secrets:?}"), "{\"key\"}");
    assert!(!format!("{:?}", context.secrets()).contains("c4n4ry"));
}

/// Executors that do what none should.
struct Wild(fn() -> NodeError);

impl Executor for Wild {
    fn execute<'a>(&'a self, _: &'a Call, _: &'a Context) -> Future<'a> {
        Box::pin(async { Err((self.0)()) })
    }
}

struct PanicsAtOnce;

impl Executor for PanicsAtOnce {
    fn execute<'a>(&'a self, _: &'a Call, _: &'a Context) -> Future<'a> {
        panic!("before there is anything to wait for")
    }
}

struct NeverEnds;

impl Executor for NeverEnds {
    fn execute<'a>(&'a self, _: &'a Call, _: &'a Context) -> Future<'a> {
        Box::pin(std::future::pending())
    }
}

async fn run_as(executor: Arc<dyn Executor>) -> NodeError {
    let mut executors = Executors::default();
    executors.register("wild", executor);
    let context = Context::new(secrets([("key", CANARY)]), Egress::deny_private());
    let timeout = std::time::Duration::from_millis(50);
    let call = Call { kind: "wild".into(), timeout, ..call([]) };
    executors.run(&call, &context).await.expect_err("it fails")
}

#[tokio::test]
async fn a_panic_is_an_error() {
    for executor in [Arc::new(Wild(|| panic!("{CANARY}"))) as Arc<dyn Executor>, Arc::new(PanicsAtOnce)] {
        let error = run_as(executor).await;
        assert_eq!((error.name.as_str(), error.message.as_str()), ("NodePanicked", "the node panicked"));
        assert!(!error.before_effect);
    }
}

#[tokio::test]
async fn every_executor_is_held_to_its_time_and_to_silence() {
    assert_eq!(run_as(Arc::new(NeverEnds)).await.name, "Timeout");
    let told = || NodeError::new("Failed", format!("{CANARY}\n\u{1b}[2J")).with([("key", text(CANARY))]);
    let error = run_as(Arc::new(Wild(told))).await;
    assert_eq!(error.message, "[secret key] \\u{1b}[2J");
    assert_eq!(error.details, map([("key", text("[secret key]"))]));
}

#[tokio::test]
async fn a_kind_without_an_executor_is_named() {
    let call = Call { kind: "teleport".into(), ..call([]) };
    let error = run_with(&call, Secrets::default()).await.expect_err("it fails");
    assert_eq!((error.name.as_str(), error.before_effect), ("UnsupportedKind", true));
    assert!(error.message.contains("`teleport`"), "{}", error.message);
}

#[tokio::test]
async fn a_cut_answer_tells_no_secret() {
    let server = Server::start(|seen| {
        Answer::Cut([head("500 No", &[("Content-Length", "999999")]), echo(seen)].concat())
    })
    .await;
    expect_clean(&run_with(&telling(&server, "/"), secrets([("key", CANARY)])).await);
}

fn encoded(text: &str) -> [String; 5] {
    let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let mut query = url::Url::parse("http://a/").expect("a url");
    query.query_pairs_mut().append_pair("", text);
    let query = query.query().unwrap_or_default().trim_start_matches('=').to_owned();
    let quoted = serde_json::Value::from(text).to_string();
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    [text.to_owned(), form, query, quoted, STANDARD.encode(text)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_encoding_hides_a_secret(
        secret in "[ -~äß漢]{4,20}",
        other in "[a-z]{4,8}",
        before in "[ -~]{0,9}",
        after in "[ -~]{0,9}",
    ) {
        let scrubber = Scrubber::new(&secrets([("a", &*secret), ("b", &*other)]));
        for form in encoded(&secret) {
            let clean = scrubber.text(&format!("{before}{form}{after}"));
            // Alone, so that nothing of the marks or of what stands beside it looks like it.
            proptest::prop_assert!(clean.contains("[secret "), "{form} in {clean}");
            let alone = scrubber.text(&form);
            proptest::prop_assert!(alone == "[secret a]" || alone == "[secret b]", "{form} in {alone}");
        }
        let pair = scrubber.text(&STANDARD.encode(format!("{before}:{secret}{after}")));
        let has_digits_of_its_own = secret.len() > 6;
        proptest::prop_assert!(!has_digits_of_its_own || pair.contains("[secret a]"), "{pair}");
    }
}
