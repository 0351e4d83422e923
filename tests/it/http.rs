//! What `http_request` sends, and what it makes of answers.

use std::io::Write as _;
use std::time::Duration;

use citadel::nodes::Call;
use citadel::value::{Shape, Value};

use crate::http_call::{INT, STRING, answered_by, call, failure, list, map, part, record, run, secret, text};
use crate::http_server::{Answer, Server, answer, head, json};

async fn body_of(server: &Server) -> Value {
    part(&run(&call([("url", text(server.url("/")))])).await.expect("an answer"), "body")
}

#[tokio::test]
async fn an_answer_is_status_headers_and_body() {
    let server = Server::start(|_| {
        let headers = [("Content-Type", "application/json"), ("X-Twice", "a"), ("X-TWICE", "b")];
        answer("201 Created", &headers, br#"{"id": 7}"#)
    })
    .await;
    let output = run(&call([("url", text(server.url("/orders")))])).await.expect("an answer");
    assert_eq!(part(&output, "status"), Value::Int(201));
    assert_eq!(part(&output, "headers.x-twice"), text("a, b"));
    assert_eq!(part(&output, "body.id"), Value::Int(7));
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/orders"));
    assert_eq!(seen.header("idempotency-key"), None);
}

#[tokio::test]
async fn without_a_type_the_content_type_says_what_a_body_is() {
    let of = |kind: &'static str, body: &'static [u8]| async move {
        let server = Server::start(move |_| answer("200 OK", &[("Content-Type", kind)], body)).await;
        body_of(&server).await
    };
    assert_eq!(of("application/problem+json", b"\xEF\xBB\xBF[1]").await, list([Value::Int(1)]));
    assert_eq!(of("application/json", b"").await, Value::Null);
    assert_eq!(of("text/plain", b"[1]").await, text("[1]"));
    assert_eq!(of("text/plain", b"").await, Value::Null);
    for (kind, body, reason) in [
        ("application/json", &b"{"[..], "the body is not JSON"),
        ("text/plain", b"\xff", "the body is not UTF-8; `response: bytes` takes it as it is"),
    ] {
        let server = Server::start(move |_| answer("200 OK", &[("Content-Type", kind)], body)).await;
        let error = failure(&call([("url", text(server.url("/a")))])).await;
        assert_eq!(error.name, "TypeMismatch");
        assert_eq!(error.message, format!("GET {}: {reason}", server.url("/a")));
    }
}

#[tokio::test]
async fn a_type_decides_what_a_body_is() {
    let server = Server::start(|_| answer("200 OK", &[], br#"{"id":"a","cents":5}"#)).await;
    let of = |shape: Shape| {
        let call = answered_by(call([("url", text(server.url("/")))]), shape);
        async move { run(&call).await.map(|output| part(&output, "body")) }
    };
    assert_eq!(of(Shape::String).await.expect("a text"), text(r#"{"id":"a","cents":5}"#));
    assert!(matches!(of(Shape::Bytes).await.expect("bytes"), Value::Bytes(bytes) if bytes.len() == 20));
    let fits = of(record([("id", STRING), ("cents", INT)])).await.expect("a record");
    assert_eq!(fits, map([("id", text("a")), ("cents", Value::Int(5))]));
    let error = of(record([("id", INT), ("cents", STRING), ("at", INT)])).await.expect_err("no such record");
    assert_eq!(error.name, "TypeMismatch");
    for place in ["`id`: expected int", "`cents`: expected string", "`at`: expected int, found nothing"] {
        assert!(error.message.contains(place), "{}", error.message);
    }
}

#[tokio::test]
async fn a_long_list_of_mismatches_is_cut() {
    let rows = vec!["\"x\""; 1_000].join(",");
    let server = Server::start(move |_| json(&format!("[{rows}]"))).await;
    let error = failure(&answered_by(call([("url", text(server.url("/")))]), Shape::List(INT))).await;
    assert!(error.message.ends_with("; and 980 more"), "{}", error.message);
}

#[tokio::test]
async fn queries_bodies_and_headers_are_sent_as_written() {
    let server = Server::start(|_| answer("204 No Content", &[], b"")).await;
    let send = |fields: [(&'static str, Value); 3]| {
        let [a, b, c] = fields;
        let call = call([("url", text(server.url("/a?x=1"))), a, b, c]);
        async move { run(&call).await.expect("an answer") }
    };
    let query = map([
        ("list", list([text("a b"), text("&")])),
        ("n", Value::Int(3)),
        ("none", Value::NONE),
        ("some", Value::some(Value::Bool(true))),
    ]);
    let body = map([("a", Value::some(Value::Int(1)))]);
    send([("query", query), ("json", body), ("method", text("POST"))]).await;
    let form = map([("a b", text("c&d")), ("n", Value::Double(1.5))]);
    send([("query", map([])), ("form", form), ("method", text("PUT"))]).await;
    let headers = map([("content-type", text("text/csv")), ("X-Own", text("grün"))]);
    send([("headers", headers), ("body", text("a;b")), ("method", text("DELETE"))]).await;
    let seen = server.seen();
    assert_eq!(seen[0].target, "/a?x=1&list=a+b&list=%26&n=3&some=true");
    assert_eq!(
        (seen[0].text().as_str(), seen[0].header("content-type")),
        (r#"{"a":1}"#, Some("application/json"))
    );
    assert_eq!(seen[1].text(), "a+b=c%26d&n=1.5");
    assert_eq!(seen[1].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((seen[2].text().as_str(), seen[2].header("content-type")), ("a;b", Some("text/csv")));
    assert_eq!(seen[2].header("x-own"), Some("grün"));
}

#[tokio::test]
async fn a_header_that_frames_or_splits_a_request_is_refused() {
    let server = Server::start(|_| json("1")).await;
    for (name, value) in [
        ("x-a", "b\r\nx-c: d"),
        ("x-a", "b\nc"),
        ("x-a", "\0"),
        ("x a", "b"),
        ("x:a", "b"),
        ("", "b"),
        ("Content-Length", "0"),
        ("transfer-encoding", "chunked"),
        ("Connection", "upgrade"),
    ] {
        let headers = map([(name, text(value))]);
        let error = failure(&call([("url", text(server.url("/"))), ("headers", headers)])).await;
        assert_eq!(error.name, "ExpressionError", "{name}: {value}");
        assert!(error.before_effect);
        assert_eq!(part(&error.details, "reason"), text(error.message.clone()));
        assert!(!error.message.contains(['\r', '\n', '\0']));
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn the_key_is_the_same_on_each_attempt_unless_the_author_has_one() {
    let server = Server::start(|_| answer("204 No Content", &[], b"")).await;
    let fields = |method| [("url", text(server.url("/"))), ("method", text(method))];
    for (attempt, method) in [(1, "POST"), (2, "POST"), (1, "PATCH"), (1, "GET"), (1, "HEAD"), (1, "OPTIONS")]
    {
        run(&Call { attempt, ..call(fields(method)) }).await.expect("an answer");
    }
    let [url, method] = fields("GET");
    run(&call([url, method, ("idempotency_key", text("own"))])).await.expect("an answer");
    let [url, method] = fields("PUT");
    let headers = ("headers", map([("Idempotency-Key", text("header"))]));
    run(&call([url, method, headers, ("idempotency_key", text("own"))])).await.expect("an answer");
    let seen = server.seen();
    let keys: Vec<Option<&str>> = seen.iter().map(|seen| seen.header("idempotency-key")).collect();
    let key = Some("key-of-the-execution");
    assert_eq!(keys, [key, key, key, None, None, None, Some("own"), Some("header")]);
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start(|_| json("1")).await;
    let executors = citadel::nodes::Executors::standard();
    for number in 0..5 {
        let context = citadel::nodes::Context::new(
            citadel::nodes::Secrets::default(),
            citadel::nodes::Egress::allow_private(),
        );
        let call = call([("url", text(server.url(&format!("/{number}"))))]);
        executors.run(&call, &context).await.expect("an answer");
    }
    assert_eq!((server.seen().len(), server.connections()), (5, 1));
}

#[tokio::test]
async fn each_status_has_its_error() {
    let server = Server::start(|seen| {
        let status = format!("{} Whatever", &seen.target[1..4]);
        answer(&status, &[("X-Trace", "t1"), ("Retry-After", "7")], b"why")
    })
    .await;
    for (status, name, retry_after) in [
        (400, "HttpClientError", None),
        (404, "HttpClientError", None),
        (304, "HttpClientError", None),
        (300, "HttpClientError", None),
        (429, "RateLimited", Some(7)),
        (500, "HttpServerError", None),
        (503, "HttpServerError", Some(7)),
        (599, "HttpServerError", None),
    ] {
        let error = failure(&call([("url", text(server.url(&format!("/{status}?token=x#y"))))])).await;
        assert_eq!(error.name, name, "{status}");
        assert_eq!(error.message, format!("GET {} answered {status}", server.url(&format!("/{status}"))));
        assert_eq!(part(&error.details, "status"), Value::Int(status));
        assert_eq!(part(&error.details, "headers.x-trace"), text("t1"));
        let body = if status == 304 { "" } else { "why" };
        assert_eq!(part(&error.details, "body"), text(body));
        assert_eq!(error.retry_after, retry_after.map(Duration::from_secs), "{status}");
        assert!(!error.before_effect);
    }
}

#[tokio::test]
async fn accepted_statuses_are_no_errors() {
    let server = Server::start(|_| answer("404 Not Found", &[], b"none")).await;
    let with = |accept: Value| call([("url", text(server.url("/"))), ("accept", accept)]);
    for accept in [list([Value::Int(404)]), list([text("2xx"), text("4xx")])] {
        let output = run(&with(accept)).await.expect("an answer");
        assert_eq!(part(&output, "status"), Value::Int(404));
        assert_eq!(part(&output, "body"), text("none"));
    }
    assert_eq!(failure(&with(list([text("5xx")]))).await.name, "HttpClientError");
}

#[tokio::test]
async fn an_error_holds_the_beginning_of_a_body() {
    let server = Server::start(|_| answer("500 No", &[], "ä".repeat(9_999).as_bytes())).await;
    let error = failure(&call([("url", text(server.url("/")))])).await;
    assert_eq!(part(&error.details, "body"), text("ä".repeat(2_048)));
    let endless = Server::start(|_| Answer::Endless(head("500 No", &[]), vec![b'x'; 4_096])).await;
    let error = failure(&call([("url", text(endless.url("/")))])).await;
    assert_eq!(part(&error.details, "body"), text("x".repeat(4_096)));
}

#[tokio::test]
async fn a_body_is_as_large_as_allowed() {
    let server = Server::start(|_| answer("200 OK", &[], &[b'x'; 1_000])).await;
    let most = |most| call([("url", text(server.url("/"))), ("max_response", Value::Int(most))]);
    assert!(run(&most(1_000)).await.is_ok());
    let error = failure(&most(999)).await;
    assert_eq!(error.name, "ResponseTooLarge");
    assert_eq!(error.message, format!("GET {}: the body is larger than 999 bytes", server.url("/")));
}

#[tokio::test]
async fn an_endless_body_ends() {
    let chunked = b"1000\r\n".iter().chain(&[b'x'; 4_096]).chain(b"\r\n").copied().collect::<Vec<u8>>();
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/plain" => Answer::Endless(head("200 OK", &[]), vec![b'x'; 4_096]),
        _ => Answer::Endless(head("200 OK", &[("Transfer-Encoding", "chunked")]), chunked.clone()),
    })
    .await;
    for path in ["/plain", "/chunked"] {
        assert_eq!(failure(&call([("url", text(server.url(path)))])).await.name, "ResponseTooLarge");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A frame of one block: as it is, or one byte again and again (RFC 8878).
fn zstd(block: &[u8], repeated: Option<u32>) -> Vec<u8> {
    let (kind, size) = repeated.map_or((0, block.len() as u32), |size| (1, size));
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x80, 0x58];
    frame.extend(size.to_le_bytes());
    frame.extend(&(size << 3 | kind << 1 | 1).to_le_bytes()[..3]);
    frame.extend(block);
    frame
}

async fn packed(encoding: &'static str, body: Vec<u8>) -> Result<Value, String> {
    let server = Server::start(move |_| answer("200 OK", &[("Content-Encoding", encoding)], &body)).await;
    let result = run(&call([("url", text(server.url("/")))])).await;
    assert!(server.only().header("accept-encoding").is_some_and(|known| known.contains(encoding)));
    result.map(|output| part(&output, "body")).map_err(|error| error.name.to_string())
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    assert_eq!(packed("gzip", gzip(b"hello")).await, Ok(text("hello")));
    assert_eq!(packed("deflate", deflate(b"hello")).await, Ok(text("hello")));
    assert_eq!(packed("zstd", zstd(b"hello", None)).await, Ok(text("hello")));
    assert_eq!(packed("br", b"\x0b\x02\x80hello\x03".to_vec()).await, Ok(text("hello")));
    assert_eq!(packed("gzip", b"no gzip at all".to_vec()).await, Err("ConnectionFailed".to_owned()));
}

#[tokio::test]
async fn what_unpacks_without_end_is_too_large() {
    let zeros = vec![b'0'; 64 << 20];
    let bomb = gzip(&zeros);
    assert!(bomb.len() < 100_000);
    assert_eq!(packed("gzip", bomb).await, Err("ResponseTooLarge".to_owned()));
    assert_eq!(packed("deflate", deflate(&zeros)).await, Err("ResponseTooLarge".to_owned()));
    let repeated = (0..20).flat_map(|_| zstd(b"0", Some(128 << 10))).collect();
    assert_eq!(packed("zstd", repeated).await, Err("ResponseTooLarge".to_owned()));
}

#[tokio::test]
async fn an_answer_without_a_body_may_speak_of_one() {
    let server = Server::start(|_| {
        Answer::Bytes(head("200 OK", &[("Content-Encoding", "gzip"), ("Content-Length", "99999999")]))
    })
    .await;
    let output = run(&call([("url", text(server.url("/"))), ("method", text("HEAD"))])).await;
    assert_eq!(part(&output.expect("an answer"), "body"), Value::Null);
}

#[tokio::test]
async fn time_runs_out_for_a_silent_and_for_a_slow_server() {
    let server = Server::start(|seen| match seen.target.as_str() {
        "/silent" => Answer::Hang(Vec::new()),
        "/slow" => Answer::Hang([head("200 OK", &[("Content-Length", "9")]), b"half".to_vec()].concat()),
        _ => Answer::Hang(head("500 No", &[("Content-Length", "9")])),
    })
    .await;
    for path in ["/silent", "/slow", "/refused"] {
        let call = call([("url", text(server.url(path)))]);
        let error = failure(&Call { timeout: Duration::from_millis(150), ..call }).await;
        assert_eq!((error.name.as_str(), error.message.as_str()), ("Timeout", "no answer within 0.15 s"));
        assert!(!error.before_effect, "the server has seen the request");
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_or_cut_has_failed() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("it");
    let error = failure(&call([("url", text(format!("http://{free}/")))])).await;
    assert_eq!(error.name, "ConnectionFailed");
    assert_eq!(error.message, format!("GET http://{free}/: connection refused"));
    assert!(error.before_effect);
    let server = Server::start(|seen| match seen.target.as_str() {
        "/early" => Answer::Cut(Vec::new()),
        "/late" => Answer::Cut([head("200 OK", &[("Content-Length", "9")]), b"half".to_vec()].concat()),
        _ => Answer::Cut(b"nonsense\r\n\r\n".to_vec()),
    })
    .await;
    for path in ["/early", "/late", "/nonsense"] {
        let error = failure(&call([("url", text(server.url(path))), ("method", text("POST"))])).await;
        assert_eq!(error.name, "ConnectionFailed", "{path}");
        assert!(error.message.starts_with(&format!("POST {}: ", server.url(path))), "{}", error.message);
        assert!(!error.before_effect, "the server has seen the request");
    }
    let error = failure(&call([("url", text("http://no-such-host.invalid/"))])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true));
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_never_an_empty_text() {
    let server = Server::start(|_| json("1")).await;
    let headers = map([("x-key", secret("absent"))]);
    let error = failure(&call([("url", text(server.url("/"))), ("headers", headers)])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("MissingSecret", true));
    assert_eq!(server.seen().len(), 0);
}
