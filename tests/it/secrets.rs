//! Where the values of secrets come from, and from when on a new one is used.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use citadel::driver::Environment;
use citadel::plan::{Secret, SecretSource};

use crate::both_engines::on_each;
use crate::command::Folder;
use crate::ledger::Ledger;

fn of(source: SecretSource) -> Vec<Secret> {
    vec![Secret { name: "key".to_owned(), source }]
}

/// Why there is no value; it never holds what was read.
fn refusal(environment: &Environment, source: SecretSource) -> String {
    let error = environment.secrets_of(&of(source)).expect_err("there is no value");
    let text = error.to_string();
    assert!(!format!("{text} {error:?}").contains("hunter2"), "{text}");
    text
}

fn path(folder: &Folder, file: &str) -> String {
    folder.path().join(file).to_str().expect("a path").to_owned()
}

/// A workflow that shows its key to the ledger.
fn showing(source: &str, url: &str) -> String {
    format!(
        "secret key = {source}
         workflow show {{
           node first: http_request {{ url: \"{url}/first\", auth: bearer(key) }}
           node held: http_request {{ url: \"{url}/hold/b\" }}
           node last: http_request {{ url: \"{url}/last\", auth: bearer(key) }}
           first -> held -> last
           output {{ status: last.status }}
         }}"
    )
}

fn shown(ledger: &Ledger, path: &str) -> Vec<String> {
    ledger.of(path).into_iter().map(|request| request.authorization.unwrap_or_default()).collect()
}

#[test]
fn every_source_gives_its_value_on_both_engines() {
    let identity = age::x25519::Identity::generate();
    let sealed = age::encrypt(&identity.to_public(), b"hunter2 by age\n").expect("encrypted");
    let armored = age::encrypt_and_armor(&identity.to_public(), b"hunter2 by age").expect("encrypted");
    let key = secrecy(&identity);
    for (test, source, value) in [
        ("env", "env(\"KEY\")", "hunter2 by env"),
        ("file", "file(\"key.txt\")", "hunter2 by file"),
        (
            "command",
            "command(\"printf\", \"hunter2 %s\\n\", \"$HOME; by command\")",
            "hunter2 $HOME; by command",
        ),
        ("age", "age(\"key.age\")", "hunter2 by age"),
        ("armored", "age(\"key.armored\")", "hunter2 by age"),
    ] {
        let ledger = Ledger::open();
        ledger.release("/hold/b");
        let prepare = |folder: Folder| {
            folder
                .with("key.txt", "hunter2 by file\r\n")
                .with("key.age", &sealed)
                .with("key.armored", &armored)
                .with("ids/identity.txt", format!("# an identity\n{key}\n"))
                .with("citadel.toml", "[secrets]\nage_identity = \"ids/identity.txt\"\n")
        };
        let text = showing(source, &ledger.url());
        on_each(&format!("secrets-{test}"), &text, &[("KEY", "hunter2 by env")], prepare, |engine| {
            let ended = engine.run("show", &[]).ends_with(0);
            assert_eq!(ended.stdout, "{\n  \"status\": 200\n}\n");
        });
        assert!(shown(&ledger, "/first").iter().all(|proof| *proof == format!("Bearer {value}")), "{test}");
    }
}

fn secrecy(identity: &age::x25519::Identity) -> String {
    use age::secrecy::ExposeSecret;
    identity.to_string().expose_secret().to_owned()
}

#[test]
fn a_value_that_changes_is_used_from_the_next_attempt_on() {
    let ledger = Ledger::open();
    let text = showing("file(\"key.txt\")", &ledger.url());
    on_each(
        "secrets-rotated",
        &text,
        &[],
        |folder| folder.with("key.txt", "the old one"),
        |engine| {
            let before = ledger.of("/hold/b").len();
            let run = engine.start("show", &[]);
            ledger.await_requests("/hold/b", before + 1);
            fs::write(engine.folder.path().join("key.txt"), "the new one").expect("a file");
            ledger.release("/hold/b");
            assert!(run.wait_with_output().expect("it ends").status.success());
            ledger.hold("/hold/b");
        },
    );
    assert!(shown(&ledger, "/first").iter().all(|proof| proof == "Bearer the old one"));
    let last = shown(&ledger, "/last");
    assert!(!last.is_empty() && last.iter().all(|proof| proof == "Bearer the new one"), "{last:?}");
}

#[test]
fn a_command_is_asked_once_for_some_time() {
    let folder = Folder::new("secrets-kept");
    let environment = Environment::default();
    let script = format!("echo x >> {0}; echo hunter2", path(&folder, "asked.txt"));
    let source = SecretSource::Command(["sh", "-c", &script].map(str::to_owned).into());
    for _ in 0..3 {
        environment.clone().secrets_of(&of(source.clone())).expect("a value");
    }
    assert_eq!(fs::read_to_string(folder.path().join("asked.txt")).expect("a file"), "x\n");
    assert!(!format!("{environment:?}").contains("hunter2"));
    // A failure is not kept.
    let script = format!("test -e {0} && echo hunter2", path(&folder, "there.txt"));
    let source = SecretSource::Command(["sh", "-c", &script].map(str::to_owned).into());
    let refused = refusal(&environment, source.clone());
    assert_eq!(refused, "the secret `key` can't be had from `sh`: it ended with the exit code 1");
    fs::write(folder.path().join("there.txt"), "").expect("a file");
    environment.secrets_of(&of(source)).expect("a value");
}

#[test]
fn what_can_not_be_read_is_said_and_not_shown() {
    let folder = Folder::new("secrets-refused")
        .with("large.txt", "hunter2".repeat(20_000))
        .with("binary.txt", b"hunter2\xff")
        .with("plain.age", "hunter2 in clear")
        .with("empty.txt", "# nothing\n")
        .with("wrong.txt", "hunter2\n");
    let environment = Environment::default();
    let file = |name: &str| refusal(&environment, SecretSource::File(path(&folder, name)));
    assert!(file("none.txt").contains("No such file"), "{}", file("none.txt"));
    assert!(file("large.txt").ends_with("it is larger than 65536 bytes"));
    assert!(file("binary.txt").ends_with("it is not UTF-8"));
    assert!(file("").ends_with("it is no file"));
    assert!(refusal(&environment, SecretSource::File("/dev/zero".to_owned())).ends_with("it is no file"));

    let owner = age::x25519::Identity::generate();
    let mut sealed = age::encrypt(&owner.to_public(), b"hunter2").expect("encrypted");
    let folder = folder
        .with("key.age", &sealed)
        .with("owner.txt", secrecy(&owner))
        .with("other.txt", secrecy(&age::x25519::Identity::generate()));
    *sealed.last_mut().expect("bytes") ^= 1;
    let folder = folder.with("changed.age", &sealed);
    let with = |identity: &str| Environment {
        age_identity: Some(folder.path().join(identity)),
        ..Environment::default()
    };
    let opened =
        |identity: &str, file: &str| refusal(&with(identity), SecretSource::Age(path(&folder, file)));
    assert!(
        refusal(&environment, SecretSource::Age(path(&folder, "key.age"))).contains("CITADEL_AGE_IDENTITY")
    );
    assert!(opened("other.txt", "key.age").ends_with("the identity doesn't open it"));
    assert!(opened("owner.txt", "plain.age").ends_with("it is not encrypted with age"));
    assert!(opened("owner.txt", "changed.age").contains("changed.age"));
    assert!(opened("empty.txt", "key.age").ends_with("there is none in it"));
    assert!(opened("wrong.txt", "key.age").ends_with("it is no file of age identities"));
    assert!(opened("none.txt", "key.age").contains("none.txt"));
    with("owner.txt").secrets_of(&of(SecretSource::Age(path(&folder, "key.age")))).expect("a value");
}

#[test]
fn the_variable_of_the_identity_outweighs_the_file() {
    let identity = age::x25519::Identity::generate();
    let sealed = age::encrypt(&identity.to_public(), b"hunter2").expect("encrypted");
    let ledger = Ledger::open();
    ledger.release("/hold/b");
    let folder = Folder::new("secrets-identity")
        .with("w.citadel", showing("age(\"key.age\")", &ledger.url()))
        .with("key.age", sealed)
        .with("identity.txt", secrecy(&identity))
        .with("citadel.toml", "[secrets]\nage_identity = \"none.txt\"\n");
    let arguments = ["run", "w.citadel", "--allow-private-network"];
    let ended = folder.citadel(&arguments).ends_with(3);
    assert!(ended.stderr.contains("none.txt"), "{}", ended.stderr);
    folder.citadel_with(&[("CITADEL_AGE_IDENTITY", "identity.txt")], &arguments).ends_with(0);
    assert_eq!(shown(&ledger, "/first"), ["Bearer hunter2"]);
}

#[test]
fn a_secret_that_is_not_there_stops_a_run_before_it_starts() {
    let ledger = Ledger::open();
    let folder = Folder::new("secrets-missing");
    let program = path(&folder, "tool");
    let folder = folder
        .with("tool", "#!/bin/sh\necho hunter2; echo hunter2 >&2; exit 9\n")
        .with("w.citadel", showing(&format!("command(\"{program}\")"), &ledger.url()));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a program");
    let ended = folder.citadel(&["run", "w.citadel", "--allow-private-network"]).ends_with(3);
    assert!(ended.stderr.contains("it ended with the exit code 9"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter2") && ledger.requests().is_empty());
}
