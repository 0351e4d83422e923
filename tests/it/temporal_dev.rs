//! `citadel dev` and `citadel doctor`, as somebody uses them who has just written a file.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value as Json, json};

use crate::command::Folder;
use crate::{embedding, temporal_server};

const HELLO: &str = r#"workflow hello {
  input { name: string = "you" }
  output { text: greet.value }
  node greet: data_transformer { value: "hello ${input.name}" }
}
"#;

/// `citadel dev` in a folder.
struct Dev {
    process: Child,
    said: BufReader<ChildStderr>,
    address: String,
}

impl Dev {
    fn start(folder: &Folder) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_citadel"))
            .args(["dev", "hello.citadel", "--server"])
            .arg(temporal_server::program())
            .args(["--port", &temporal_server::free_port().to_string()])
            .args(["--ui-port", &temporal_server::free_port().to_string()])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let said = BufReader::new(process.stderr.take().expect("it was asked for"));
        let mut dev = Self { process, said, address: String::new() };
        let line = dev.line("server on ");
        let address = line.trim_start_matches("server on ").split(',').next().expect("an address");
        dev.address = address.to_owned();
        dev
    }

    /// The next line that has a text in it.
    fn line(&mut self, text: &str) -> String {
        let (mut line, mut before) = (String::new(), String::new());
        while self.said.read_line(&mut line).expect("it is readable") > 0 {
            if line.contains(text) {
                return line.trim_end().to_owned();
            }
            before.push_str(&std::mem::take(&mut line));
        }
        panic!("it never said `{text}`:\n{before}");
    }

    fn greeting(&self, folder: &Folder) -> String {
        let arguments = ["start", "hello", "--wait", "--address", &self.address];
        let output: Json =
            serde_json::from_str(&folder.citadel(&arguments).ends_with(0).stdout).expect("json");
        output["text"].as_str().expect("a text").to_owned()
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_server_for_development_follows_the_files_and_goes_with_the_command() {
    let folder = Folder::new("temporal-dev").with("hello.citadel", HELLO);
    let mut dev = Dev::start(&folder);
    let address = dev.address.clone();
    let how =
        format!("  citadel start hello --input '{}' --address {address} --wait", json!({ "name": "you" }));
    assert_eq!(dev.line("citadel start"), how);
    dev.line("serving hello on the task queue `citadel-agent-workflows`");
    assert_eq!(dev.greeting(&folder), "hello you");

    let doctor = folder.citadel(&["doctor", "--address", &address]).ends_with(0).stdout;
    assert!(doctor.lines().all(|line| line.starts_with("fine ")), "{doctor}");
    let doctor =
        folder.citadel(&["doctor", "--address", &address, "--task-queue", "other"]).ends_with(1).stdout;
    assert!(
        doctor.contains("wrong  no worker polls the task queue `other` for workflow tasks\n"),
        "{doctor}"
    );
    assert!(doctor.contains("start one with `citadel worker FILES --task-queue other`"), "{doctor}");

    let printed = embedding::example("temporal", &[("CITADEL_TEMPORAL_ADDRESS", &address)]);
    assert_eq!(printed, "{\"text\":\"hello Ada\"}\n");

    let folder = folder.with("hello.citadel", HELLO.replace("hello $", "goodbye $"));
    dev.line("serving hello anew");
    assert_eq!(dev.greeting(&folder), "goodbye you");
    let folder = folder.with("hello.citadel", HELLO.replace("greet.value", "greeet.value"));
    dev.line("error[unknown_name]");
    dev.line("serving what was served before");
    let folder = folder.with("hello.citadel", HELLO);
    dev.line("serving hello anew");
    assert_eq!(dev.greeting(&folder), "hello you");

    let pid = dev.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("there is `kill`").success());
    assert_eq!(dev.process.wait().expect("it ends").code(), Some(0));
    assert!(TcpStream::connect(&address).is_err(), "its server is still there");
}

#[test]
fn a_server_that_is_not_there_is_told_with_what_to_do() {
    let folder = Folder::new("temporal-nowhere").with("hello.citadel", HELLO);
    let address = format!("localhost:{}", temporal_server::free_port());
    let doctor = folder.citadel(&["doctor", "--address", &address]).ends_with(3).stdout;
    assert!(
        doctor.starts_with(&format!("wrong  the Temporal server at {address} can't be reached: ")),
        "{doctor}"
    );
    let start = folder.citadel(&["start", "hello", "--address", &address]).ends_with(3).stderr;
    assert!(
        start.starts_with(&format!("error: the Temporal server at {address} can't be reached: ")),
        "{start}"
    );
    let dev = folder.citadel(&["dev", "hello.citadel"]).ends_with(3).stderr;
    assert!(dev.starts_with("error: there is no `temporal` on the path: install"), "{dev}");
}
