//! No value of a secret is found anywhere, in whatever form: after nodes of all kinds that take one have sent it to
//! services that tell it on, with success and with failure, on both engines, with the logs at their loudest.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::Value as Json;

use crate::both_engines::{Engine, on_each};
use crate::command::Folder;
use crate::http_server::{Answer, Seen, Server, head};
use crate::mail_server::{MailServer, Say, say};

/// What every value has in it: letters and digits, which no encoding of text changes.
const CORES: [&str; 7] = [
    "c4n4ryVariable",
    "c4n4ryFile",
    "c4n4ryCommand",
    "c4n4rySealed",
    "c4n4ryHook",
    "c4n4ryPassword",
    "c4n4ryToken",
];

/// A piece of an address that is a secret.
const PIECE: &str = "c4n4ryHookc4n4ryHook";

/// A value with what encodings change around its core.
fn value(core: &str) -> String {
    format!("{core}/Ü \"&+*~<end>")
}

/// The ways in which services tell a value on.
fn told(value: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(value).to_string();
    let form: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        value.to_owned(),
        quoted.replace('Ü', "\\u00dc").replace('/', "\\/"),
        quoted,
        lower_escapes(&form),
        form.replace('+', "%20"),
        form,
        hex.to_uppercase(),
        hex,
    ];
    for before in ["", "a", "ab"] {
        forms.push(STANDARD.encode(format!("{before}{value}{before}")));
        forms.push(URL_SAFE.encode(format!("{before}{value}{before}")));
    }
    forms
}

fn lower_escapes(form: &str) -> String {
    let mut after = 3;
    let lowered = form.chars().map(|c| {
        after = if c == '%' { 0 } else { after + 1 };
        if after < 3 { c.to_ascii_lowercase() } else { c }
    });
    lowered.collect()
}

/// All that a service may know of the secrets.
fn all_told() -> String {
    let cores = ["c4n4ryVariable", "c4n4ryFile", "c4n4ryCommand", "c4n4rySealed", "c4n4ryPassword"];
    let mut values: Vec<String> = cores.map(value).into();
    values.push(PIECE.to_owned());
    values.iter().map(|value| told(value).join("\n") + "\n").collect()
}

/// What must be nowhere: the cores as they are, in hexadecimal digits, and in base64 wherever they begin.
fn needles() -> Vec<String> {
    let mut needles = Vec::new();
    for core in CORES {
        needles.push(core.to_owned());
        let hex: String = core.bytes().map(|byte| format!("{byte:02x}")).collect();
        needles.extend([hex.to_uppercase(), hex]);
        for before in 0..3 {
            let digits = STANDARD.encode([vec![0; before], core.as_bytes().to_vec()].concat());
            let digits = digits.trim_end_matches('=');
            needles.push(digits[(before * 8).div_ceil(6)..digits.len() - 1].to_owned());
        }
    }
    needles
}

/// An answer that tells all values on, and what was asked, a few bytes at a time.
fn echo(seen: &Seen) -> Answer {
    let text = format!("{}\n{}", seen.whole(), all_told());
    let status = if seen.target.starts_with("/fail") { "403" } else { "200" };
    let status = format!("{status} {}", STANDARD.encode(value("c4n4ryVariable")));
    let proof = seen.header("authorization").unwrap_or_default().to_owned();
    let mut bytes = head(
        &status,
        &[("Transfer-Encoding", "chunked"), ("X-Echo", &proof), ("X-Proof", &value("c4n4rySealed"))],
    );
    for piece in text.as_bytes().chunks(7) {
        bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
        bytes.extend(piece);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    Answer::Bytes(bytes)
}

/// Services of all kinds; those of chats take what they are told under `/ok`.
fn answer(seen: &Seen) -> Answer {
    let said = serde_json::json!(value("c4n4ryFile"));
    match seen.target.as_str() {
        "/token" => crate::http_server::json(r#"{"access_token": "c4n4ryToken"}"#),
        target if target.starts_with("/ok/slack") => crate::http_server::answer("200 OK", &[], b"ok"),
        target if target.starts_with("/ok/teams") => crate::http_server::answer("200 OK", &[], b"1"),
        target if target.starts_with("/ok/discord") => {
            crate::http_server::json(&format!(r#"{{"id": {said}, "channel_id": {said}}}"#))
        }
        target if target.starts_with("/ok/telegram") => {
            crate::http_server::json(&format!(r#"{{"ok": true, "result": {{"message_id": {said}}}}}"#))
        }
        _ => echo(seen),
    }
}

/// A mail server that repeats what it hears, and refuses whom `refuses` says.
fn mail_server(refuses: &'static str) -> MailServer {
    MailServer::start(move |heard| {
        let text = [heard.to_owned(), all_told()].join(" ").replace(['\r', '\n'], " ");
        match heard.split([' ', ':']).next().unwrap_or_default() {
            "CONNECT" => say(&format!("220 {text}")),
            "EHLO" => say(&format!("250-{text}\r\n250 AUTH PLAIN")),
            word if word == refuses => Some(Say::Text(format!("550-{text}\r\n550 {text}\r\n"))),
            "AUTH" => say(&format!("235 {text}")),
            _ => None,
        }
    })
}

/// A database server of PostgreSQL's protocol that asks for the password, and tells it on.
fn database() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || refuse(stream));
        }
    });
    port
}

fn refuse(mut stream: TcpStream) -> Option<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut rest = vec![0; u32::from_be_bytes(length) as usize - 4];
    stream.read_exact(&mut rest).ok()?;
    stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).ok()?;
    let mut kind = [0; 5];
    stream.read_exact(&mut kind).ok()?;
    let mut password = vec![0; u32::from_be_bytes([kind[1], kind[2], kind[3], kind[4]]) as usize - 4];
    stream.read_exact(&mut password).ok()?;
    let password = String::from_utf8_lossy(&password).replace('\0', "");
    let fields = format!("SERROR\0C28P01\0Mno: {password}\0D{}\0\0", all_told());
    stream.write_all(b"E").ok()?;
    stream.write_all(&u32::try_from(fields.len() + 4).ok()?.to_be_bytes()).ok()?;
    stream.write_all(fields.as_bytes()).ok()
}

/// Nodes of all kinds that take secrets, twice: the services of one half take what they get.
fn program(url: &str) -> String {
    let mut nodes = String::new();
    let mut outputs = String::new();
    for half in ["ok", "fail"] {
        let to = |path: &str| format!("\"{url}/{half}/{path}\"");
        let mut node = |name: &str, kind: &str, fields: &str, output: &str| {
            nodes += &format!("  node {half}_{name}: {kind} {{ {fields}, retry: quick }}\n");
            outputs += &format!("    {half}_{name}: {half}_{name}.?{output}\n");
        };
        let mut http = |name: &str, fields: &str| {
            let fields =
                format!("method: POST, url: {}, effect: idempotent, response: string, {fields}", to(name));
            node(name, "http_request", &fields, "body");
        };
        http("bearer", "auth: bearer(by_variable)");
        http("basic", "auth: basic(\"user\", by_file)");
        http("api_key", "auth: api_key(\"X-Api-Key\", by_command)");
        http("headers", "headers: { \"X-Proof\": \"v1 \" + by_sealed }");
        http("json", "json: { \"key\": by_variable, \"all\": [by_file, \"k-${by_command}\"] }");
        http("form", "form: { \"key\": by_sealed }");
        http("body", "body: \"${by_variable} and ${by_file}\"");
        http("token", &format!("auth: oauth2(\"{url}/token\", by_command, by_sealed)"));
        for chat in ["slack", "discord", "teams"] {
            let fields = format!("channel: {chat}, webhook_url: {half}_{chat}_url, text: \"hi\"");
            node(chat, "notification", &fields, "delivered_to");
        }
        let fields = format!(
            "channel: telegram, bot_token: by_sealed, chat_id: 7, text: \"hi\", base_url: {}",
            to("telegram")
        );
        node("telegram", "notification", &fields, "id");
        let fields =
            format!("channel: webhook, url: {}, json: {{ \"a\": 1 }}, sign_with: key", to("webhook"));
        node("webhook", "notification", &fields, "id");
        let fields = format!(
            "channel: email, smtp: {half}_mail, from: \"a@example.com\", to: \"b@example.com\", subject: \"s\", text: \"t\""
        );
        node("email", "notification", &fields, "id");
    }
    nodes +=
        "  node fail_database: database_query { connection: database, query: \"select 1\", retry: quick }\n";
    let urls: String = ["ok", "fail"]
        .iter()
        .flat_map(|half| {
            ["slack_url", "discord_url", "teams_url", "mail"].map(|name| format!("{half}_{name}"))
        })
        .map(|name| format!("secret {name} = env(\"{}\")\n", name.to_uppercase()))
        .collect();
    format!(
        "secret by_variable = env(\"BY_VARIABLE\")
secret by_file = file(\"canary.txt\")
secret by_command = command(\"cat\", \"printed.txt\")
secret by_sealed = age(\"canary.age\")
secret key = env(\"SIGNING_KEY\")
secret database = env(\"DATABASE\")
{urls}
retry quick {{ initial_interval: 1ms, maximum_attempts: 2 }}
workflow all {{
  on_error: continue
{nodes}
  output {{
{outputs}  }}
}}
"
    )
}

fn variables(url: &str, mail: &[MailServer; 2], database: u16) -> Vec<(String, String)> {
    let encoded: String = url::form_urlencoded::byte_serialize(value("c4n4ryPassword").as_bytes()).collect();
    let password = encoded.replace('+', "%20");
    let mut variables = vec![
        ("BY_VARIABLE".to_owned(), value("c4n4ryVariable")),
        ("SIGNING_KEY".to_owned(), format!("whsec_{}", STANDARD.encode(value("c4n4ryHook")))),
        (
            "DATABASE".to_owned(),
            format!("postgres://user:{password}@127.0.0.1:{database}/shop?sslmode=disable"),
        ),
        ("CITADEL_LOG".to_owned(), "trace".to_owned()),
    ];
    for (half, server) in ["ok", "fail"].iter().zip(mail) {
        for chat in ["slack", "discord", "teams"] {
            let name = format!("{half}_{chat}_url").to_uppercase();
            variables.push((name, format!("{url}/{half}/{chat}/services/{PIECE}?sig={PIECE}")));
        }
        let address = format!("smtp://user:{password}@127.0.0.1:{}?tls=none", server.port());
        variables.push((format!("{half}_mail").to_uppercase(), address));
    }
    variables
}

#[test]
fn no_canary_is_anywhere() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(answer));
    let mail = [mail_server("none"), mail_server("AUTH")];
    let variables = variables(&server.url(""), &mail, database());
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let identity = age::x25519::Identity::generate();
    let sealed = age::encrypt(&identity.to_public(), value("c4n4rySealed").as_bytes()).expect("encrypted");
    // What the secrets are kept in lies where nobody looks for them.
    let sources = Folder::new("canary-sources");
    let program = program(&server.url(""));
    let at = |file: &str| sources.path().join(file).to_str().expect("a path").to_owned();
    let program = ["canary.txt", "printed.txt", "canary.age"]
        .iter()
        .fold(program, |program, file| program.replace(&format!("\"{file}\""), &format!("\"{}\"", at(file))));
    let key = { age::secrecy::ExposeSecret::expose_secret(&identity.to_string()).to_owned() };
    let sources = sources
        .with("canary.txt", value("c4n4ryFile"))
        .with("printed.txt", value("c4n4ryCommand"))
        .with("canary.age", sealed)
        .with("identity.txt", key);
    let configuration =
        format!("[secrets]\nage_identity = \"{}\"\n", sources.path().join("identity.txt").display());
    let prepare = |folder: Folder| folder.with("citadel.toml", &configuration);
    on_each("canary", &program, &variables, prepare, |engine| {
        look(engine);
        let seen = server.seen();
        let reached = |core: &str| {
            let digits = STANDARD.encode(format!("user:{}", value(core)));
            seen.iter().any(|seen| seen.whole().contains(core) || seen.whole().contains(&digits))
        };
        for core in &CORES[..5] {
            assert!(reached(core), "{core} was never sent on the {} engine", engine.name);
        }
    });
    assert!(mail.iter().all(|server| server.heard().iter().any(|line| line.starts_with("AUTH PLAIN"))));
}

/// Runs the workflow, and looks for the canaries in all that is left of it.
fn look(engine: &Engine) {
    let run = engine.run("all", &["--id", "canary", "--log", "json"]);
    assert!(run.stdout.contains("[secret by_variable]"), "{}\n{}", run.stdout, tail(&run.stderr));
    assert!(run.stderr.contains("fail_email"), "{}", tail(&run.stderr));
    let finder = AhoCorasick::new(needles()).expect("needles");
    clean(&finder, "standard output", run.stdout.as_bytes());
    clean(&finder, "standard error", run.stderr.as_bytes());
    let commands: &[&[&str]] = match engine.is_temporal() {
        true => &[
            &["show", "canary"],
            &["show", "canary", "--trace"],
            &["status", "canary"],
            &["result", "canary"],
            &["list", "--json"],
        ],
        false => {
            &[&["show", "canary"], &["show", "canary", "--trace"], &["runs", "--json"], &["resume", "canary"]]
        }
    };
    for command in commands {
        let ended = engine.citadel(command);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(!said.is_empty(), "{command:?} says nothing");
        clean(&finder, &format!("{command:?}"), said.as_bytes());
    }
    assert!(files(&finder, engine.folder.path()) > 50_000, "neither a journal nor a log is there");
    #[cfg(feature = "temporal")]
    if let Some(history) =
        engine.temporal_client(&["workflow", "show", "--workflow-id", "canary", "--output", "json"])
    {
        assert!(history.stdout.contains("EVENT_TYPE_ACTIVITY_TASK_COMPLETED"), "{}", tail(&history.stderr));
        clean(&finder, "the history", history.stdout.as_bytes());
        let json: Json = serde_json::from_str(&history.stdout).expect("JSON");
        let mut payloads = Vec::new();
        decode(&json, &mut payloads);
        assert!(String::from_utf8_lossy(&payloads).contains("[secret by_file]"), "it decodes nothing");
        clean(&finder, "the payloads of the history", &payloads);
    }
}

/// The bytes of all texts that are base64.
fn decode(json: &Json, into: &mut Vec<u8>) {
    match json {
        Json::String(text) => into.extend(STANDARD.decode(text).unwrap_or_default()),
        Json::Array(items) => items.iter().for_each(|item| decode(item, into)),
        Json::Object(fields) => fields.values().for_each(|item| decode(item, into)),
        _ => {}
    }
}

/// All files of a folder: the journal with what is not in its main file yet, logs, whatever was left. Gives how many
/// bytes there were.
fn files(finder: &AhoCorasick, folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten();
    let sizes = entries.map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return files(finder, &path);
        }
        let bytes = std::fs::read(&path).expect("a file");
        clean(finder, &path.display().to_string(), &bytes);
        bytes.len()
    });
    sizes.sum()
}

fn clean(finder: &AhoCorasick, place: &str, bytes: &[u8]) {
    if let Some(found) = finder.find(bytes) {
        let around = &bytes[found.start().saturating_sub(300)..bytes.len().min(found.end() + 100)];
        panic!("a canary is in {place}: {}", String::from_utf8_lossy(around));
    }
}

fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(3_000);
    (start..=text.len()).find_map(|start| text.get(start..)).unwrap_or_default()
}
