//! Has scripts run as a workflow does: a file with one node, run by `citadel`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::command::{Ended, Folder};

/// A folder from which scripts are run, with a temporary folder that nobody else uses.
pub(crate) struct Desk {
    pub(crate) folder: Folder,
    variables: Vec<(String, String)>,
}

/// What a node gave, or what it failed with.
pub(crate) type Answer = Result<Json, Json>;

impl Desk {
    /// One of that name.
    pub(crate) fn new(name: &str) -> Self {
        let folder = Folder::new(&format!("script-{name}")).with("tmp/.keep", "");
        let path = std::env::var("PATH").unwrap_or_default();
        let variables = [("TMPDIR".to_owned(), text(&folder.path().join("tmp"))), ("PATH".to_owned(), path)];
        Self { folder, variables: variables.into() }
    }

    /// The same, whose worker has one more variable.
    pub(crate) fn knowing(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The variables of workers here.
    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// What a node with these fields gives, one a line.
    pub(crate) fn ask(&self, fields: &str) -> Answer {
        self.ask_with(fields, "", &json!({}))
    }

    /// The same, with an input of some fields.
    pub(crate) fn ask_with(&self, fields: &str, input: &str, value: &Json) -> Answer {
        let ended = self.run(fields, input, value).ends_with(0);
        let mut output: Json = serde_json::from_str(&ended.stdout).expect("JSON");
        let fields = output.as_object_mut().expect("a record");
        match fields.remove("error").unwrap_or_default() {
            Json::Null => Ok(output),
            error => Err(error),
        }
    }

    /// The same, as the program ends.
    pub(crate) fn run(&self, fields: &str, input: &str, value: &Json) -> Ended {
        let (file, given) = self.file(fields, input, value);
        self.folder.citadel_with(&self.variables(), &["run", &file, "--input", &given])
    }

    /// A file with such a node, and its input as an argument.
    pub(crate) fn file(&self, fields: &str, input: &str, value: &Json) -> (String, String) {
        let number = number();
        let file = self.folder.path().join(format!("{number:x}.citadel"));
        std::fs::write(&file, workflow(fields, input)).expect("a file under target/");
        let given = self.folder.path().join(format!("{number:x}.json"));
        std::fs::write(&given, value.to_string()).expect("a file under target/");
        (text(&file), format!("@{}", text(&given)))
    }

    /// The result of a script in bash.
    pub(crate) fn bash(&self, script: &str) -> Json {
        let answer = self.ask(&bash(script));
        answer.unwrap_or_else(|error| panic!("{script}: {error}"))["result"].take()
    }

    /// The error of a script in bash, with more fields.
    pub(crate) fn failure(&self, script: &str, fields: &str) -> Json {
        self.ask(&format!("{}\n{fields}", bash(script))).expect_err(script)
    }

    /// A time to sleep that no other process sleeps.
    pub(crate) fn marker(&self) -> String {
        format!("{}.{:07}", 900_000 + number(), std::process::id())
    }

    /// What is left in the temporary folder.
    pub(crate) fn left(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("tmp")).expect("the temporary folder");
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| !path.ends_with(".keep")).collect()
    }
}

/// The processes that a word of their command lines shows.
pub(crate) fn survivors(marker: &str) -> Vec<String> {
    let folders = std::fs::read_dir("/proc").expect("processes").flatten();
    let lines = folders.filter_map(|folder| std::fs::read(folder.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(marker)).collect()
}

/// The fields of a script in bash.
pub(crate) fn bash(script: &str) -> String {
    in_language("bash", script)
}

/// The fields of a script.
pub(crate) fn in_language(language: &str, script: &str) -> String {
    let mut lines = format!("language: {language}\nscript: '''\n");
    for line in script.lines() {
        let _ = writeln!(lines, "{}", line.replace('\\', "\\\\"));
    }
    lines + "'''"
}

pub(crate) fn workflow(fields: &str, input: &str) -> String {
    format!(
        "secret token = env(\"TOKEN\")
         workflow w {{
           input {{ {input} }}
           node n: script_execution {{
             retry_attempts: 1
             effect: idempotent
             {fields}
           }}
           node told: data_transformer {{
             value: {{ \"type\": error.type, \"message\": error.message, \"details\": error.details }}
           }}
           n.error -> told
           output {{ result: n.?result, stdout: n.?stdout, stderr: n.?stderr, exit_code: n.?exit_code, error: told.?value }}
         }}"
    )
}

pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A number that no other thread of this process has.
fn number() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
