//! Mail by SMTP, to servers as they should be and as they should not.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use citadel::nodes::{Call, Context, Egress, Executors, NodeError, Secrets};
use citadel::value::Value;

use crate::http_call::{call, list, map, part, secret, secrets, text};
use crate::http_egress::own_certificate;
use crate::mail_server::{MailServer, Say, say};

/// A mail to one person with these fields more or instead.
fn mail<const N: usize>(smtp: Value, more: [(&str, Value); N]) -> Call {
    let fields = [
        ("channel", text("email")),
        ("smtp", smtp),
        ("from", text("Shop <shop@example.com>")),
        ("to", text("ada@example.com")),
        ("subject", text("Hello")),
        ("text", text("Dear Ada")),
    ];
    let mut input = map(fields);
    if let Value::Map(map) = &mut input {
        for (name, value) in more {
            map.insert(name.into(), value);
        }
    }
    Call { path: "tell".into(), kind: "notification".into(), input, ..call([]) }
}

async fn run_with(call: &Call, secrets: Secrets) -> Result<Value, NodeError> {
    Executors::standard().run(call, &Context::new(secrets, Egress::allow_private())).await
}

async fn run(call: &Call) -> Result<Value, NodeError> {
    run_with(call, Secrets::default()).await
}

async fn failure(call: &Call) -> NodeError {
    run(call).await.expect_err("it fails")
}

/// How a server fails a mail that answers so to a command.
async fn failure_of(command: &'static str, answer: fn() -> Say) -> (NodeError, MailServer) {
    let server = MailServer::start(move |heard| heard.starts_with(command).then(answer));
    let call = Call { timeout: Duration::from_millis(400), ..mail(text(server.clear()), []) };
    (failure(&call).await, server)
}

fn line(text: &str) -> Say {
    Say::Text(format!("{text}\r\n"))
}

#[tokio::test]
async fn a_mail_is_delivered_once_to_each() {
    let server = MailServer::start(|_| None);
    let to = list([text("ada@example.com"), text("Bob Ross <bob@example.org>")]);
    let cc = list([text("ada@example.com"), text("eve@example.net")]);
    let call = mail(text(server.clear()), [("to", to), ("cc", cc), ("subject", text("Grüße, 日本"))]);
    let output = run(&call).await.expect("it is taken");
    let all = ["ada@example.com", "bob@example.org", "eve@example.net"];
    assert_eq!(part(&output, "delivered_to"), list(all.map(text)));
    assert_eq!(part(&output, "refused"), list([]));
    assert_eq!(part(&output, "id"), text("<key-of-the-execution@example.com>"));
    let taken = server.taken();
    assert_eq!((taken.len(), taken[0].from.as_str()), (1, "shop@example.com"));
    assert_eq!(taken[0].to, all);
    let header = |name| taken[0].header(name).unwrap_or_default();
    assert_eq!(header("Message-ID"), "<key-of-the-execution@example.com>");
    assert!(header("From").contains("Shop") && header("To").contains("bob@example.org"), "{taken:?}");
    assert!(
        header("Cc").contains("eve@example.net") && header("Subject").starts_with("=?utf-8?"),
        "{taken:?}"
    );
    assert!(!header("Date").is_empty());
    assert_eq!(server.heard().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn all_that_a_mail_holds_arrives() {
    let server = MailServer::start(|_| None);
    let body = ".\r\nQUIT\n.\nend\r.\r";
    let bytes: Vec<u8> = (0..=255).collect();
    let files = list([map([
        ("name", text("a b \"ü\".bin")),
        ("content_type", Value::some(text("image/png"))),
        ("content", Value::Bytes(bytes.iter().copied().collect())),
    ])]);
    let more = [("text", text(body)), ("html", text("<p>Dear Ada</p>")), ("attachments", files)];
    run(&mail(text(server.clear()), more)).await.expect("it is taken");
    let data = &server.taken()[0].data;
    for piece in [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "<p>Dear Ada</p>",
        "image/png",
    ] {
        assert!(data.contains(piece), "{piece} in {data}");
    }
    let flat = data.replace("\r\n", "");
    assert!(flat.contains(&STANDARD.encode(&bytes)), "{data}");
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn no_field_makes_a_header_or_a_command() {
    let server = MailServer::start(|_| None);
    let evil = ["a\r\nBcc: eve@example.com", "a\nX: b", "a\rX: b", "a\0b", "a\u{85}b"];
    let file = |name: &str, kind: &str| {
        list([map([
            ("name", text(name)),
            ("content_type", Value::some(text(kind))),
            ("content", Value::Bytes([].into_iter().collect())),
        ])])
    };
    for evil in evil {
        let address = format!("{evil} <ada@example.com>");
        for more in [
            ("subject", text(evil)),
            ("from", text(&*address)),
            ("to", text(&*address)),
            ("cc", list([text(&*address)])),
            ("to", text(format!("ada@example.com>{evil}"))),
            ("attachments", file(evil, "text/plain")),
            ("attachments", file("a", &format!("text/plain; x={evil}"))),
        ] {
            let error = failure(&mail(text(server.clear()), [more.clone()])).await;
            assert_eq!((error.name.as_str(), error.before_effect), ("Rejected", true), "{more:?}");
        }
    }
    for address in [
        "ada@example.com, eve@example.com",
        "ada@example.com> SIZE=1",
        "",
        "ada",
        "<>",
        "ada@example.com\r\nRCPT TO:<eve@example.com>",
    ] {
        let error = failure(&mail(text(server.clear()), [("to", text(address))])).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("Rejected", true), "{address}");
    }
    assert_eq!(server.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn quotes_of_addresses_and_names_stay_what_they_are() {
    let server = MailServer::start(|_| None);
    let names = [
        ("\"Ada, Eve\" <ada@example.com>", "ada@example.com"),
        ("Ada <ada@bücher.example>", "ada@xn--bcher-kva.example"),
        ("<ada@example.com>", "ada@example.com"),
    ];
    for (index, (written, address)) in names.into_iter().enumerate() {
        let output = run(&mail(text(server.clear()), [("to", text(written))])).await.expect(written);
        assert_eq!(part(&output, "delivered_to"), list([text(address)]));
        assert_eq!(server.taken()[index].to, [address]);
    }
}

#[tokio::test]
async fn no_for_now_is_tried_again_after_minutes_and_no_for_good_is_not() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        let (error, server) = failure_of(command, || line("451 4.3.0 come again")).await;
        let known =
            (error.name.as_str(), error.before_effect, error.retry_after.map(|pause| pause.as_secs()));
        assert_eq!(known, ("DeliveryFailed", true, Some(60)), "{command}");
        assert_eq!(part(&error.details, "status"), Value::some(Value::Int(451)));
        assert_eq!(part(&error.details, "reply"), text("4.3.0 come again"));
        assert_eq!(server.taken().len(), 0);
        let (error, server) = failure_of(command, || line("554 5.7.1 never")).await;
        let known = (error.name.as_str(), error.before_effect, error.retry_after);
        assert_eq!(known, ("Rejected", true, None), "{command}");
        assert_eq!(server.taken().len(), 0);
    }
}

#[tokio::test]
async fn who_is_refused_is_said_and_the_others_have_the_mail() {
    let server = MailServer::start(|heard| heard.contains("bob").then(|| line("550 no such user")));
    let to = list([text("ada@example.com"), text("bob@example.com")]);
    let output = run(&mail(text(server.clear()), [("to", to)])).await.expect("one is taken");
    assert_eq!(part(&output, "delivered_to"), list([text("ada@example.com")]));
    assert_eq!(part(&output, "refused"), list([text("bob@example.com")]));
    assert_eq!(server.taken()[0].to, ["ada@example.com"]);
}

#[tokio::test]
async fn nobody_gets_a_mail_twice_because_another_waits() {
    let server = MailServer::start(|heard| heard.contains("bob").then(|| line("450 later")));
    let to = list([text("ada@example.com"), text("bob@example.com")]);
    let error = failure(&mail(text(server.clear()), [("to", to)])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("DeliveryFailed", true));
    assert!(server.taken().is_empty() && !server.heard().contains(&"DATA".to_owned()));
}

#[tokio::test]
async fn a_lost_connection_is_certain_until_the_last_line() {
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"] {
        let (error, _) = failure_of(command, || Say::Cut).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true), "{command}");
    }
    let (error, server) = failure_of(".", || Say::Cut).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", false));
    assert!(server.taken().is_empty());
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    for say in [|| Say::Silence, || Say::Drip(b"2"), || Say::Drip(b"220-still here\r\n")] as [fn() -> Say; 3]
    {
        for command in ["CONNECT", "RCPT"] {
            let (error, _) = failure_of(command, say).await;
            assert_eq!((error.name.as_str(), error.before_effect), ("Timeout", true), "{command}");
        }
        let (error, _) = failure_of(".", say).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("Timeout", false));
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_kept() {
    for endless in
        [|| Say::Endless(&[b'2'; 4_096]), || Say::Endless(b"220-more to come\r\n")] as [fn() -> Say; 2]
    {
        for command in ["CONNECT", "EHLO", "."] {
            let (error, _) = failure_of(command, endless).await;
            assert_eq!(error.name, "DeliveryFailed", "{command}");
            assert!(error.message.ends_with("the server's answer is too long"), "{}", error.message);
            assert_eq!(error.before_effect, command != ".");
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_is_no_success() {
    for nonsense in ["HTTP/1.1 200 OK", "hello", "999 what", "", "2", "354 go on"] {
        let server = MailServer::start(move |heard| (heard == ".").then(|| line(nonsense)));
        let error = failure(&mail(text(server.clear()), [])).await;
        assert_eq!(error.name, "DeliveryFailed", "{nonsense}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_reached() {
    let error = failure(&mail(text("smtp://127.0.0.1:1"), [])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("ConnectionFailed", true));
}

#[tokio::test]
async fn private_servers_are_refused() {
    let server = MailServer::start(|_| None);
    let port = server.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "127.1",
        "0x7f000001",
        "10.0.0.1",
    ] {
        let call = mail(text(format!("smtp://{host}:{port}?tls=none")), []);
        let context = Context::new(Secrets::default(), Egress::deny_private());
        let error = Executors::standard().run(&call, &context).await.expect_err("it is refused");
        assert_eq!((error.name.as_str(), error.before_effect), ("EgressDenied", true), "{host}");
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn nothing_is_said_in_clear_that_should_not_be() {
    // A server that offers no encryption, or one from whose answer somebody took the offer away.
    let server = MailServer::start(|_| None);
    let port = server.port();
    for address in [
        format!("smtp://user:hunter2@127.0.0.1:{port}"),
        format!("smtp+starttls://127.0.0.1:{port}"),
        format!("smtp://127.0.0.1:{port}?tls=required"),
    ] {
        let error = failure(&mail(text(&*address), [])).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("TlsFailed", true), "{address}");
        assert!(error.message.contains("STARTTLS"), "{}", error.message);
    }
    let heard = server.heard();
    assert!(heard.iter().all(|line| line == "CONNECT" || line.starts_with("EHLO")), "{heard:?}");
    // Without a password and to this machine it may go on.
    run(&mail(text(format!("smtp://127.0.0.1:{port}")), [])).await.expect("it is taken");
}

#[tokio::test]
async fn what_came_before_the_encryption_is_not_heard_after_it() {
    let more = "220 go on\r\n250-mail.example.com\r\n250 AUTH PLAIN\r\n";
    let server = MailServer::start_tls(own_certificate(), move |heard| {
        (heard == "STARTTLS").then(|| Say::Encrypt(more.to_owned()))
    });
    let address = format!("smtp://user:hunter2@127.0.0.1:{}", server.port());
    let error = failure(&mail(text(address), [])).await;
    assert_eq!((error.name.as_str(), error.before_effect), ("TlsFailed", true));
    assert!(error.message.contains("before the encryption"), "{}", error.message);
    assert!(!server.heard().iter().any(|line| line.contains("AUTH")));
}

#[tokio::test]
async fn a_server_proves_who_it_is() {
    let upgraded = MailServer::start_tls(own_certificate(), |_| None);
    let wrapped = MailServer::start_wrapped(own_certificate());
    let clear = MailServer::start(|_| None);
    let refuses =
        MailServer::start_tls(own_certificate(), |heard| (heard == "STARTTLS").then(|| line("454 not now")));
    for address in [
        format!("smtp+starttls://user:hunter2@localhost:{}", upgraded.port()),
        format!("smtps://user:hunter2@localhost:{}", wrapped.port()),
        format!("smtps://user:hunter2@localhost:{}", clear.port()),
        format!("smtp://user:hunter2@localhost:{}", refuses.port()),
    ] {
        let error = failure(&mail(text(&*address), [])).await;
        assert_eq!((error.name.as_str(), error.before_effect), ("TlsFailed", true), "{address}");
    }
    for server in [upgraded, wrapped, refuses] {
        assert!(!server.heard().iter().any(|line| line.contains("AUTH")), "{:?}", server.heard());
    }
}

#[tokio::test]
async fn a_login_is_made_the_way_that_the_server_knows() {
    for (offer, commands) in [
        ("AUTH LOGIN PLAIN", vec![format!("AUTH PLAIN {}", STANDARD.encode("\0a@b.c\0p/w:1"))]),
        ("auth=PLAIN", vec![format!("AUTH PLAIN {}", STANDARD.encode("\0a@b.c\0p/w:1"))]),
        ("AUTH LOGIN", vec!["AUTH LOGIN".into(), STANDARD.encode("a@b.c"), STANDARD.encode("p/w:1")]),
    ] {
        let user = STANDARD.encode("a@b.c");
        let server = MailServer::start(move |heard| match heard {
            "AUTH LOGIN" => say("334 VXNlcm5hbWU6"),
            heard if heard.starts_with("EHLO") => say(&format!("250-mail\r\n250 {offer}")),
            heard if heard == user => say("334 what else"),
            _ => None,
        });
        let address = format!("smtp://a%40b.c:p%2Fw%3A1@127.0.0.1:{}?tls=none", server.port());
        run(&mail(text(address), [])).await.expect(offer);
        let heard = server.heard();
        assert_eq!(heard[2..2 + commands.len()], commands);
    }
    let server =
        MailServer::start(|heard| heard.starts_with("EHLO").then(|| line("250-mail\r\n250 AUTH GSSAPI")));
    let address = format!("smtp://a:b@127.0.0.1:{}?tls=none", server.port());
    assert_eq!(failure(&mail(text(address), [])).await.name, "Rejected");
}

#[tokio::test]
async fn a_server_that_tells_the_password_on_is_not_repeated() {
    let server = MailServer::start(|heard| {
        let proof = heard.strip_prefix("AUTH PLAIN ")?.to_owned();
        let plain = STANDARD.decode(&proof).unwrap_or_default();
        let plain = String::from_utf8_lossy(&plain).replace('\0', " ");
        say(&format!("535-{proof}\r\n535-{plain}\r\n535 {}", STANDARD.encode("hunter2/x")))
    });
    let address = format!("smtp://user:hunter2%2Fx@127.0.0.1:{}?tls=none", server.port());
    let result = run_with(&mail(secret("server"), []), secrets([("server", &address)])).await;
    let error = result.expect_err("it is refused");
    assert_eq!((error.name.as_str(), error.before_effect), ("Rejected", true));
    let left = format!("{error:?}");
    assert!(left.contains("[secret server]"), "{left}");
    for form in ["hunter2", &STANDARD.encode("hunter2")[..8], &STANDARD.encode("\0user\0hunter2/x")] {
        assert!(!left.contains(form), "{form} in {left}");
    }
}

#[tokio::test]
async fn a_mail_has_one_id_on_all_attempts() {
    let server = MailServer::start(|_| None);
    for attempt in [1, 2] {
        run(&Call { attempt, ..mail(text(server.clear()), []) }).await.expect("it is taken");
    }
    let ids: Vec<_> = server.taken().iter().map(|mail| mail.header("Message-ID")).collect();
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
}

#[tokio::test]
async fn a_server_need_not_say_goodbye() {
    let server = MailServer::start(|heard| (heard == "QUIT").then_some(Say::Silence));
    run(&mail(text(server.clear()), [])).await.expect("it is taken");
    assert_eq!(server.taken().len(), 1);
}
