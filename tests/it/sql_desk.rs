//! Asks databases as a workflow does: a file with one node, run by `citadel`.

use serde_json::{Value as Json, json};

use crate::command::Folder;

/// A folder from which one database is asked.
pub(crate) struct Desk {
    pub(crate) folder: Folder,
    url: String,
}

/// What a node gave, or what it failed with.
pub(crate) type Answer = Result<Json, Json>;

impl Desk {
    /// One of that name, for a connection.
    pub(crate) fn new(name: &str, url: impl Into<String>) -> Self {
        Self { folder: Folder::new(&format!("sql-{name}")), url: url.into() }
    }

    pub(crate) fn variables(&self) -> [(&str, &str); 1] {
        [("DB", &self.url)]
    }

    /// The output of a node with these fields.
    pub(crate) fn ask(&self, fields: &str) -> Answer {
        self.ask_with(fields, "", &json!({}))
    }

    /// The same, with an input of some fields.
    pub(crate) fn ask_with(&self, fields: &str, input: &str, value: &Json) -> Answer {
        self.ask_as(&["--allow-private-network"], fields, input, value)
    }

    /// The same, with other flags.
    pub(crate) fn ask_as(&self, flags: &[&str], fields: &str, input: &str, value: &Json) -> Answer {
        let file = self.folder.path().join(format!("{:x}.citadel", number()));
        std::fs::write(&file, workflow(fields, input)).expect("a file under target/");
        let (path, value) = (file.display().to_string(), value.to_string());
        let ended = self
            .folder
            .citadel_with(&self.variables(), &[&["run", &path, "--input", &value][..], flags].concat())
            .ends_with(0);
        let mut output: Json = serde_json::from_str(&ended.stdout).expect("JSON");
        let fields = output.as_object_mut().expect("a record");
        match fields.remove("error").unwrap_or_default() {
            Json::Null => Ok(output),
            error => Err(error),
        }
    }

    /// Executes a statement.
    pub(crate) fn execute(&self, query: &str) -> Json {
        let fields = format!("query: {} mode: execute effect: idempotent", quoted(query));
        self.ask(&fields).unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The rows of a statement whose type is known.
    pub(crate) fn rows(&self, query: &str, ty: &str) -> Answer {
        self.ask(&format!("query: {} rows: {ty}", quoted(query))).map(|mut output| output["rows"].take())
    }

    /// The name of the error that rows of that type are.
    pub(crate) fn error(&self, query: &str, ty: &str) -> String {
        let error = self.rows(query, ty).expect_err(query);
        format!(
            "{}: {}",
            error["type"].as_str().unwrap_or_default(),
            error["message"].as_str().unwrap_or_default()
        )
    }
}

/// A text between quotes of a kind that the text has not.
pub(crate) fn quoted(text: &str) -> String {
    format!("'''\n{}\n'''\n", text.replace('\\', "\\\\"))
}

fn workflow(fields: &str, input: &str) -> String {
    let mut fields = fields.to_owned();
    for name in ["params", "rows", "mode", "effect", "batch", "timeout", "max_rows", "transactional"] {
        fields = fields.replace(&format!(" {name}: "), &format!("\n{name}: "));
    }
    let output = if fields.contains("mode: execute") {
        ""
    } else if fields.contains("mode: one") || fields.contains("mode: optional") {
        "row: n.?row,"
    } else {
        "rows: n.?rows,"
    };
    format!(
        "secret db = env(\"DB\")
         workflow w {{
           input {{ {input} }}
           node n: database_query {{
             connection: db
             retry_attempts: 1
             {fields}
           }}
           node told: data_transformer {{
             value: {{ \"type\": error.type, \"message\": error.message, \"details\": error.details }}
           }}
           n.error -> told
           output {{ {output} affected: n.?affected, error: told.?value }}
         }}"
    )
}

/// A number that no other thread of this process has.
fn number() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
