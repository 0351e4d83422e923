//! Mail and messages as workflows send them, on both engines, through a real mail server and to servers that fail.

use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use crate::both_engines::on_each;
use crate::command::Folder;
use crate::http_server::{Server, answer};
use crate::mail_server::{MailServer, Say};
use crate::notify::verified;
use crate::tree;

/// A mail server of another make.
struct Real {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    port: u64,
}

impl Real {
    /// One that trusts nobody but `user`; its certificate is of the authority in `folder`.
    fn start(folder: &Path, how: &str) -> Self {
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/mail/bin/python3");
        assert!(
            python.is_file(),
            "there is no mail server: run `tests/run`, which installs it under target/tools"
        );
        let mut process = Command::new(python)
            .arg(tree::path("tests/python/mail_server.py"))
            .args([folder.join("server.pem"), folder.join("server.key")])
            .args(["shop@example.com", "p/w: 1", how])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let lines = BufReader::new(process.stdout.take().expect("it speaks")).lines();
        let mut server = Self { process, lines, port: 0 };
        server.port = server.told().as_u64().expect("a port");
        server
    }

    fn told(&mut self) -> Json {
        let line = self.lines.next().expect("it says more").expect("it speaks");
        serde_json::from_str(&line).expect("JSON")
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An authority, and a server for `localhost` that it vouches for.
fn certificates(folder: &Folder) -> PathBuf {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut authority = rcgen::CertificateParams::new(Vec::new()).expect("an authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let own = authority.self_signed(&key).expect("an authority");
    let issuer = rcgen::Issuer::new(authority, key);
    let server_key = rcgen::KeyPair::generate().expect("a key");
    let server = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
    let server = server.signed_by(&server_key, &issuer).expect("a certificate");
    let write = |file: &str, text: String| std::fs::write(folder.path().join(file), text).expect("a file");
    write("server.pem", pem("CERTIFICATE", server.der()));
    write("server.key", pem("PRIVATE KEY", &server_key.serialize_der()));
    write("authority.pem", pem("CERTIFICATE", own.der()));
    folder.path().join("authority.pem")
}

fn pem(kind: &str, der: &[u8]) -> String {
    let digits = STANDARD.encode(der).into_bytes();
    let lines = digits.chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN {kind}-----\n{}-----END {kind}-----\n", lines.collect::<String>())
}

const REPORT: &str = r#"
secret mail = env("SMTP_URL")

workflow report {
  input { rows: list<string> }
  node send: notification {
    channel: email
    smtp: mail
    from: "Shop <shop@example.com>"
    to: ["Ada <ada@example.com>", "bob@example.com"]
    cc: "eve@example.com"
    subject: "Bericht für ${size(input.rows)} Tage"
    text: "Im Anhang.\n.\nGrüße"
    html: "<p>Im Anhang.</p>"
    attachments: [
      { "name": "tage.csv", "content_type": "text/csv", "content": bytes(input.rows.join("\n")) },
      { "name": "logo.png", "content": base64.decode("iVBORw0KGgo=") }
    ]
    retry_attempts: 1
  }
  output { id: send.id, to: send.delivered_to, refused: send.refused }
}
"#;

#[test]
fn a_real_server_takes_all_of_a_mail() {
    let keys = Folder::new("mail-keys");
    let authority = certificates(&keys);
    for (how, scheme) in [("starttls", "smtp"), ("wrapped", "smtps")] {
        let mut server = Real::start(keys.path(), how);
        let address = format!("{scheme}://shop%40example.com:p%2Fw%3A%201@localhost:{}", server.port);
        let trusted = authority.to_str().expect("a path");
        let variables = [("SMTP_URL", address.as_str()), ("SSL_CERT_FILE", trusted)];
        let server = std::cell::RefCell::new(&mut server);
        on_each(
            &format!("mail-{how}"),
            REPORT,
            &variables,
            |folder| folder,
            |engine| {
                let ended = engine.run("report", &["--input", r#"{"rows": ["Mo", "Di"]}"#]).ends_with(0);
                let output: Json = serde_json::from_str(&ended.stdout).expect("JSON");
                let mail = server.borrow_mut().told();
                assert_eq!(mail["headers"]["message-id"], output["id"]);
                let to = serde_json::json!(["ada@example.com", "bob@example.com", "eve@example.com"]);
                assert_eq!((&output["to"], &output["refused"]), (&to, &serde_json::json!([])));
                assert_eq!(mail["to"], to);
                assert_eq!(
                    (&mail["tls"], &mail["login"]),
                    (&Json::from(true), &Json::from("shop@example.com"))
                );
                assert_eq!(mail["headers"]["subject"], "Bericht für 2 Tage");
                assert_eq!(mail["headers"]["cc"], "eve@example.com");
                let part = |index: usize, field: &str| {
                    mail["parts"][index][field].as_str().unwrap_or_default().to_owned()
                };
                assert_eq!(part(0, "text").replace("\r\n", "\n").trim_end(), "Im Anhang.\n.\nGrüße");
                assert_eq!(
                    (part(1, "type"), part(1, "text").trim_end()),
                    ("text/html".into(), "<p>Im Anhang.</p>")
                );
                assert_eq!(
                    (part(2, "type"), part(2, "name"), part(2, "text")),
                    ("text/csv".into(), "tage.csv".into(), "Mo\nDi".into())
                );
                let logo = "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6";
                assert_eq!(
                    (part(3, "type"), part(3, "sha256")),
                    ("application/octet-stream".into(), logo.into())
                );
            },
        );
    }
}

#[test]
fn a_wrong_password_and_an_unknown_authority_are_told_without_the_password() {
    let keys = Folder::new("mail-wrong-keys");
    let authority = certificates(&keys);
    let server = Real::start(keys.path(), "starttls");
    let address = format!("smtp://shop%40example.com:hunter2hunter2@localhost:{}", server.port);
    let trusted = authority.to_str().expect("a path");
    let rejected = [("SMTP_URL", address.as_str()), ("SSL_CERT_FILE", trusted)];
    for (test, variables, error) in
        [("mail-rejected", &rejected[..], "Rejected"), ("mail-untrusted", &rejected[..1], "TlsFailed")]
    {
        on_each(
            test,
            REPORT,
            variables,
            |folder| folder,
            |engine| {
                let ended = engine.run("report", &["--input", r#"{"rows": []}"#]).ends_with(1);
                assert!(ended.stderr.contains(&format!("error[{error}]")), "{}", ended.stderr);
                assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
            },
        );
    }
}

fn telling(effect: &str) -> String {
    format!(
        "secret mail = env(\"SMTP_URL\")
         retry soon {{ initial_interval: 10ms, maximum_attempts: 3 }}
         workflow tell {{
           node send: notification {{
             channel: email, smtp: mail, from: \"a@example.com\", to: \"b@example.com\", subject: \"s\", text: \"t\"
             effect: {effect}, retry: soon
           }}
           output {{ id: send.id }}
         }}"
    )
}

#[test]
fn a_mail_whose_fate_nobody_knows_is_sent_again_or_not_at_all() {
    for (effect, code, mails) in [("idempotent", 0, 2), ("once", 1, 1)] {
        let count = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&count);
        // The first mail of each engine is lost after its last line.
        let server = MailServer::start(move |heard| {
            let is_first = heard == "." && counted.fetch_add(1, Ordering::SeqCst).is_multiple_of(mails);
            is_first.then_some(Say::Cut)
        });
        let address = server.clear();
        let variables = [("SMTP_URL", address.as_str())];
        let before = AtomicUsize::new(0);
        on_each(
            &format!("mail-lost-{effect}"),
            &telling(effect),
            &variables,
            |folder| folder,
            |engine| {
                let ended = engine.run("tell", &[]).ends_with(code);
                let ids: Vec<_> = server.said().iter().map(|mail| mail.header("Message-ID")).collect();
                let own = &ids[before.swap(ids.len(), Ordering::SeqCst)..];
                assert_eq!(own.len(), mails, "{}", engine.name);
                assert!(own.iter().all(|id| id.is_some() && *id == own[0]), "{own:?}");
                if code == 1 {
                    assert!(ended.stderr.contains("error[Indeterminate]"), "{}", ended.stderr);
                }
            },
        );
    }
}

#[test]
fn what_surely_did_not_happen_is_tried_again_even_once() {
    let count = AtomicUsize::new(0);
    let server = MailServer::start(move |heard| {
        let is_first = heard == "DATA" && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        is_first.then_some(Say::Cut)
    });
    let address = server.clear();
    on_each(
        "mail-surely",
        &telling("once"),
        &[("SMTP_URL", &address)],
        |folder| folder,
        |engine| {
            engine.run("tell", &[]).ends_with(0);
        },
    );
    assert_eq!(server.said().len(), server.taken().len());
}

#[test]
fn a_server_that_says_later_is_left_alone_for_minutes() {
    let server =
        MailServer::start(|heard| heard.starts_with("RCPT").then(|| Say::Text("451 later\r\n".to_owned())));
    let address = server.clear();
    // A minute is beyond the time for all attempts, so there is no second one.
    let text = telling("idempotent").replace("retry: soon", "retry: soon, total_timeout: 30s");
    on_each(
        "mail-later",
        &text,
        &[("SMTP_URL", &address)],
        |folder| folder,
        |engine| {
            let before = server.heard().len();
            let ended = engine.run("tell", &[]).ends_with(1);
            assert!(ended.stderr.contains("DeliveryFailed"), "{}", ended.stderr);
            let heard = server.heard();
            let named = heard[before..].iter().filter(|line| line.starts_with("RCPT")).count();
            assert_eq!(named, 1, "{}", engine.name);
        },
    );
}

/// A receiver for chats and webhooks that says `ok` to all.
fn receiver(runtime: &tokio::runtime::Runtime) -> Server {
    runtime.block_on(Server::start(|_| answer("200 OK", &[], b"ok")))
}

#[test]
fn the_example_tells_everybody() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (receiver, mail) = (receiver(&runtime), MailServer::start(|_| None));
    let (hook, address, partner) = (receiver.url("/team"), mail.clear(), receiver.url(""));
    let variables = [
        ("SMTP_URL", address.as_str()),
        ("TEAM_HOOK", hook.as_str()),
        ("PARTNER_KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("CITADEL_SET_PARTNER", partner.as_str()),
    ];
    let text = tree::read(&tree::path("examples/13_messages.citadel"));
    let input = tree::read(&tree::path("examples/13_messages.json"));
    on_each(
        "mail-example",
        &text,
        &variables,
        |folder| folder,
        |engine| {
            let ended = engine.run("tell", &["--input", &input]).ends_with(0);
            assert!(ended.stdout.contains("ada@example.com"), "{}", ended.stdout);
            let (mail, seen) = (mail.taken().pop().expect("a mail"), receiver.seen());
            assert!(mail.data.contains("o-1.csv"), "{}", mail.data);
            let last: Vec<&str> = seen.iter().rev().take(2).map(|seen| seen.target.as_str()).collect();
            assert!(last.contains(&"/team") && last.contains(&"/orders"), "{last:?}");
        },
    );
    assert!(
        receiver
            .seen()
            .iter()
            .filter(|seen| seen.target == "/orders")
            .all(|seen| verified(seen, variables[2].1))
    );
}
