//! Messages to chats and webhooks: what is sent, and what of the answers is a success.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Secrets};
use citadel::value::Value;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value as Json, json};

use crate::http_call::{call, list, map, part, run, secret, secrets, text};
use crate::http_server::{Answer, Seen, Server, answer, json as json_answer};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn tell<const N: usize>(channel: &str, fields: [(&str, Value); N]) -> Call {
    let mut input = map(fields);
    if let Value::Map(map) = &mut input {
        map.insert("channel".into(), text(channel));
    }
    Call { path: "tell".into(), kind: "notification".into(), input, ..call([]) }
}

/// A message to a chat's webhook at this path.
fn chat(channel: &str, server: &Server, message: &str) -> Call {
    tell(channel, [("webhook_url", text(server.url("/hook?a=b"))), ("text", text(message))])
}

fn body(seen: &Seen) -> Json {
    serde_json::from_slice(&seen.body).expect("JSON")
}

async fn served(answers: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |_| answers()).await
}

/// What comes of a message when the service answers so.
async fn answered(channel: &str, status: &'static str, said: &'static str) -> Result<Value, NodeError> {
    let server = served(move || answer(status, &[("Retry-After", "7")], said.as_bytes())).await;
    let telegram = [("bot_token", text("1:A")), ("chat_id", Value::Int(42)), ("text", text("hi"))];
    let call = match channel {
        "telegram" => {
            let [token, chat, message] = telegram;
            tell(channel, [token, chat, message, ("base_url", text(server.url("")))])
        }
        "webhook" => tell(channel, [("url", text(server.url("/"))), ("json", map([]))]),
        chat => self::chat(chat, &server, "hi"),
    };
    run(&call).await
}

#[tokio::test]
async fn slack_takes_text_in_which_data_is_no_link() {
    let server = served(|| answer("200 OK", &[], b"ok")).await;
    let output = run(&chat("slack", &server, "a <!channel> & <https://x|y>")).await.expect("it is taken");
    assert_eq!(part(&output, "delivered_to"), list([text("slack")]));
    let seen = server.only();
    assert_eq!(body(&seen), json!({ "text": "a &lt;!channel&gt; &amp; &lt;https://x|y&gt;" }));
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/hook?a=b"));
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("idempotency-key"), Some("key-of-the-execution"));
}

#[tokio::test]
async fn discord_pings_nobody_and_says_when_it_has_the_message() {
    let server = served(|| json_answer(r#"{"id": "7", "channel_id": "9", "content": "@everyone"}"#)).await;
    let output = run(&chat("discord", &server, "@everyone")).await.expect("it is taken");
    assert_eq!(output, map([("id", text("7")), ("delivered_to", list([text("9")])), ("refused", list([]))]));
    let seen = server.only();
    assert_eq!(seen.target, "/hook?a=b&wait=true");
    assert_eq!(body(&seen), json!({ "content": "@everyone", "allowed_mentions": { "parse": [] } }));
}

#[tokio::test]
async fn teams_takes_a_card() {
    let server = served(|| answer("202 Accepted", &[], b"")).await;
    run(&chat("teams", &server, "hi\n\"there\"")).await.expect("it is taken");
    let body = body(&server.only());
    assert_eq!(body["type"], "message");
    let card = &body["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(card["content"]["type"], "AdaptiveCard");
    assert_eq!(card["content"]["body"][0]["text"], "hi\n\"there\"");
}

#[tokio::test]
async fn telegram_takes_a_message_for_a_chat() {
    let server = served(|| json_answer(r#"{"ok": true, "result": {"message_id": 17}}"#)).await;
    for (chat, shown) in [(Value::Int(-42), json!(-42)), (text("@shop"), json!("@shop"))] {
        let fields = [
            ("bot_token", text("123:AbC")),
            ("chat_id", chat),
            ("text", text("hi *you*")),
            ("base_url", text(server.url("/"))),
        ];
        let output = run(&tell("telegram", fields)).await.expect("it is taken");
        assert_eq!(part(&output, "id"), text("17"));
        let seen = server.seen().pop().expect("a request");
        assert_eq!(seen.target, "/bot123:AbC/sendMessage");
        assert_eq!(body(&seen), json!({ "chat_id": shown, "text": "hi *you*" }));
    }
}

#[tokio::test]
async fn a_token_of_telegram_leads_nowhere_else_and_is_never_shown() {
    let server = Server::start(|seen| answer("404 No", &[], seen.whole().as_bytes())).await;
    let token = "1:s3cr3t/../x?y#z";
    let fields = [
        ("bot_token", secret("bot")),
        ("chat_id", text("1")),
        ("text", text("hi")),
        ("base_url", text(server.url(""))),
    ];
    let context = Context::new(secrets([("bot", token)]), Egress::allow_private());
    let error =
        Executors::standard().run(&tell("telegram", fields), &context).await.expect_err("it is refused");
    assert_eq!(error.name, "Rejected");
    assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    assert_eq!(server.only().target, "/bot1:s3cr3t%2F..%2Fx%3Fy%23z/sendMessage");
}

#[tokio::test]
async fn a_text_that_is_too_long_is_not_cut() {
    for (channel, most) in [("slack", 40_000), ("discord", 2_000)] {
        let server = served(|| json_answer("{\"id\": \"1\"}")).await;
        let error = run(&chat(channel, &server, &"ä".repeat(most + 1))).await.expect_err("it is too long");
        assert_eq!((error.name.as_str(), error.before_effect), ("Rejected", true), "{channel}");
        assert!(server.seen().is_empty());
        let _ = run(&chat(channel, &server, &"ä".repeat(most))).await;
        assert_eq!(server.seen().len(), 1, "{channel}");
    }
    let server = served(|| json_answer("{}")).await;
    let fields = |length| {
        [
            ("bot_token", text("1:A")),
            ("chat_id", text("1")),
            ("text", text("a".repeat(length))),
            ("base_url", text(server.url(""))),
        ]
    };
    assert_eq!(run(&tell("telegram", fields(4_097))).await.expect_err("it is too long").name, "Rejected");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_long_message_that_comes_back_is_taken() {
    let long = "é".repeat(2_000);
    let said = json!({ "id": "1", "content": long }).to_string().replace('é', "\\u00e9");
    let server = Server::start(move |_| json_answer(&said)).await;
    run(&chat("discord", &server, &"é".repeat(2_000))).await.expect("it is taken");
}

#[tokio::test]
async fn success_is_what_the_service_calls_so() {
    for (channel, status, said, name) in [
        ("slack", "200 OK", "invalid_token", "Rejected"),
        ("slack", "200 OK", "", "DeliveryFailed"),
        ("slack", "200 OK", "<html>Please log in</html>", "DeliveryFailed"),
        ("discord", "200 OK", "<html>", "DeliveryFailed"),
        ("discord", "200 OK", "{}", "DeliveryFailed"),
        (
            "teams",
            "200 OK",
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x",
            "RateLimited",
        ),
        (
            "teams",
            "200 OK",
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId x",
            "Rejected",
        ),
        (
            "teams",
            "200 OK",
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 500 with ContextId x",
            "DeliveryFailed",
        ),
        ("teams", "200 OK", "Summary or Text is required.", "DeliveryFailed"),
        ("telegram", "200 OK", r#"{"ok": false, "description": "no"}"#, "Rejected"),
        ("telegram", "200 OK", "{}", "DeliveryFailed"),
        ("telegram", "200 OK", "ok", "DeliveryFailed"),
    ] {
        let error = answered(channel, status, said).await.expect_err(said);
        assert_eq!(error.name, name, "{channel}: {said}");
        assert_eq!(
            part(&error.details, "status"),
            Value::some(Value::Int(if name == "RateLimited" { 429 } else { status_of(&error) }))
        );
    }
    for (channel, status, said) in [
        ("slack", "200 OK", "ok"),
        ("discord", "204 No Content", ""),
        ("teams", "200 OK", "1"),
        ("teams", "200 OK", ""),
        ("teams", "202 Accepted", "queued"),
        ("webhook", "204 No Content", ""),
        ("webhook", "200 OK", "anything"),
    ] {
        answered(channel, status, said).await.expect(said);
    }
}

fn status_of(error: &NodeError) -> i64 {
    match error.details.field("status") {
        Some(Value::Optional(Some(status))) => match status.as_ref() {
            Value::Int(status) => *status,
            other => panic!("no status: {other:?}"),
        },
        other => panic!("no status: {other:?}"),
    }
}

#[tokio::test]
async fn refusals_have_their_names() {
    for channel in ["slack", "discord", "teams", "telegram", "webhook"] {
        for (status, name, is_certain, pause) in [
            ("400 No", "Rejected", true, None),
            ("403 No", "Rejected", true, None),
            ("404 No", "Rejected", true, None),
            ("410 Gone", "Rejected", true, None),
            ("302 Elsewhere", "Rejected", true, None),
            ("429 Slow", "RateLimited", true, Some(7)),
            ("500 Oh", "DeliveryFailed", false, None),
            ("503 Busy", "DeliveryFailed", false, Some(7)),
        ] {
            let error = answered(channel, status, "no_service").await.expect_err(status);
            let known =
                (error.name.as_str(), error.before_effect, error.retry_after.map(|time| time.as_secs()));
            assert_eq!(known, (name, is_certain, pause), "{channel}: {status}");
            assert_eq!(part(&error.details, "reply"), text("no_service"));
        }
    }
}

#[tokio::test]
async fn a_service_asks_to_wait_in_its_own_way() {
    let discord = r#"{"message": "slow", "retry_after": 64.57, "global": false}"#;
    let error = answered("discord", "429 Slow", discord).await.expect_err("it waits");
    assert_eq!(error.retry_after.map(|time| time.as_millis()), Some(64_570));
    let telegram = r#"{"ok": false, "error_code": 429, "parameters": {"retry_after": 33}}"#;
    let error = answered("telegram", "429 Slow", telegram).await.expect_err("it waits");
    assert_eq!(error.retry_after.map(|time| time.as_secs()), Some(33));
    for absurd in [r#"{"retry_after": 1e300}"#, r#"{"retry_after": -1}"#, r#"{"retry_after": "x"}"#] {
        let error = answered("discord", "429 Slow", absurd).await.expect_err("it waits");
        assert!(error.retry_after.is_some_and(|time| time.as_secs() <= 3_600), "{absurd}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = served(|| answer("200 OK", &[], b"ok")).await;
    let there = other.url("/");
    let server = Server::start(move |_| crate::http_server::redirect("307 On", &there)).await;
    assert_eq!(run(&chat("slack", &server, "hi")).await.expect_err("it leads away").name, "Rejected");
    assert!(other.seen().is_empty());
}

/// A receiver of Standard Webhooks, with its own idea of what is signed.
pub(crate) fn verified(seen: &Seen, key: &str) -> bool {
    let header = |name: &str| seen.header(name).unwrap_or_default().to_owned();
    let key = STANDARD.decode(key.trim_start_matches("whsec_")).expect("base64");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("a key");
    mac.update(
        format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), seen.text()).as_bytes(),
    );
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    header("webhook-signature").split(' ').any(|one| one == format!("v1,{signature}"))
}

#[tokio::test]
async fn a_webhook_is_signed() {
    let server = Server::start(|seen| {
        let status = if verified(seen, KEY) { "200 OK" } else { "401 No" };
        answer(status, &[], b"")
    })
    .await;
    let message = map([("b", text("ü\n")), ("a", Value::Int(1))]);
    let fields = |key: &str| {
        [("url", text(server.url("/in?x=1"))), ("json", message.clone()), ("sign_with", text(key))]
    };
    let output = run(&tell("webhook", fields(KEY))).await.expect("it is taken");
    assert_eq!(part(&output, "id"), text("key-of-the-execution"));
    assert_eq!(part(&output, "delivered_to"), list([text(server.url("/in"))]));
    let seen = server.only();
    assert_eq!(seen.text(), r#"{"a":1,"b":"ü\n"}"#);
    assert_eq!(seen.header("webhook-id"), Some("key-of-the-execution"));
    assert_eq!(seen.header("idempotency-key"), Some("key-of-the-execution"));
    let sent: i64 = seen.header("webhook-timestamp").and_then(|time| time.parse().ok()).expect("seconds");
    assert!((jiff::Timestamp::now().as_second() - sent).abs() < 300);
    assert_eq!(
        run(&tell("webhook", fields("whsec_b3RoZXI="))).await.expect_err("it is refused").name,
        "Rejected"
    );
    run(&tell("webhook", fields(&format!("whsec_b3RoZXI= {KEY}")))).await.expect("one of both is right");
    let error = run(&tell("webhook", fields("no base64!"))).await.expect_err("it is refused");
    assert!(!format!("{error:?}").contains("no base64!"), "{error:?}");
}

#[tokio::test]
async fn private_addresses_are_refused() {
    let context = Context::new(Secrets::default(), Egress::deny_private());
    let server = served(|| answer("200 OK", &[], b"ok")).await;
    let hook = tell("webhook", [("url", text(server.url("/")))]);
    let base = ("base_url", text(server.url("")));
    let telegram =
        tell("telegram", [("bot_token", text("1")), ("chat_id", text("1")), ("text", text("x")), base]);
    for call in [
        chat("slack", &server, "x"),
        chat("discord", &server, "x"),
        chat("teams", &server, "x"),
        hook,
        telegram,
    ] {
        let error = Executors::standard().run(&call, &context).await.expect_err("it is refused");
        assert_eq!((error.name.as_str(), error.before_effect), ("EgressDenied", true));
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn an_address_that_is_a_secret_is_never_shown() {
    let server = Server::start(|seen| {
        let parts: Vec<&str> = seen.target.split('/').collect();
        answer(
            "403 No",
            &[],
            format!("{}\n{}\n{parts:?}", seen.whole(), STANDARD.encode(&seen.target)).as_bytes(),
        )
    })
    .await;
    let hook = server.url("/services/T0123/B0123/c4n4ryc4n4ryc4n4ry?sig=s1gn4tures1gn4ture");
    for channel in ["slack", "discord", "teams"] {
        let call = tell(channel, [("webhook_url", secret("hook")), ("text", text("hi"))]);
        let context = Context::new(secrets([("hook", &hook)]), Egress::allow_private());
        let error = Executors::standard().run(&call, &context).await.expect_err("it is refused");
        let left = format!("{error:?}");
        assert!(left.contains("[secret hook]"), "{left}");
        for piece in ["c4n4ry", "s1gn4", &STANDARD.encode("c4n4ryc4n")[..]] {
            assert!(!left.contains(piece), "{piece} in {left}");
        }
    }
    for nonsense in ["c4n4ry", "ftp://c4n4ry/x", "http://"] {
        let call = tell("slack", [("webhook_url", secret("hook")), ("text", text("hi"))]);
        let context = Context::new(secrets([("hook", nonsense)]), Egress::allow_private());
        let error = Executors::standard().run(&call, &context).await.expect_err("it is no address");
        assert_eq!((error.name.as_str(), error.before_effect), ("InvalidUrl", true), "{nonsense}");
        assert!(!format!("{error:?}").contains("c4n4ry"), "{error:?}");
    }
}
