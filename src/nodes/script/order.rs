use crate::nodes::{Call, NodeError};
use crate::value::{Key, Value};

use super::bounds::Bounds;

/// The languages that a script may be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    Bash,
    Python,
    Node,
}

impl Language {
    pub(super) const ALL: [Self; 3] = [Self::Bash, Self::Python, Self::Node];

    fn of(name: &str) -> Option<Self> {
        match name {
            "bash" => Some(Self::Bash),
            "python" => Some(Self::Python),
            "node" => Some(Self::Node),
            _ => None,
        }
    }

    /// What its interpreter is called, the best name first.
    pub(super) fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &["bash"],
            Self::Python => &["python3", "python"],
            Self::Node => &["node", "nodejs"],
        }
    }

    /// What its interpreter is asked in order to tell where it is and where its library is.
    pub(super) fn question(self) -> Option<[&'static str; 2]> {
        match self {
            Self::Bash => None,
            Self::Python => {
                Some(["-c", "import sys; print(sys.executable, sys.prefix, sys.base_prefix, sep='\\n')"])
            }
            Self::Node => Some(["-p", "process.execPath"]),
        }
    }

    /// What to do where it is missing.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Bash => "install the package `bash`",
            Self::Python => "install Python 3, for example the package `python3`",
            Self::Node => "install Node.js, for example the package `nodejs`",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Bash => "sh",
            Self::Python => "py",
            Self::Node => "cjs",
        }
    }
}

/// What is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A text that an interpreter reads.
    Script { language: Language, text: String, extension: String },
    /// A program.
    Command { program: String, arguments: Vec<String> },
}

/// A call of the kind, read.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) what: What,
    /// More arguments.
    pub(super) args: Vec<String>,
    /// The author's variables, then those that say what this is.
    pub(super) variables: Vec<(String, String)>,
    /// What standard input holds.
    pub(super) input: Vec<u8>,
    pub(super) bounds: Bounds,
    /// Whether the network may be used.
    pub(super) network: bool,
}

/// The longest inputs that a variable can hold: the kernel takes 128 KiB of each, its name included.
const MOST_IN_VARIABLE: usize = 100 << 10;

impl Order {
    /// Reads a call whose secrets are filled in.
    ///
    /// # Errors
    /// `TypeMismatch` for what no process can be started with.
    pub(super) fn new(call: &Call) -> Result<Self, NodeError> {
        let inputs = match call.field("inputs") {
            Some(inputs) => Some(json(inputs)?),
            None => None,
        };
        let mut variables = variables(call)?;
        let own = [("KEY", call.key.as_str()), ("RUN", call.run.as_str()), ("NODE", call.path.as_str())];
        variables.extend(own.map(|(name, value)| (format!("CITADEL_{name}"), value.to_owned())));
        variables.push(("CITADEL_ATTEMPT".to_owned(), call.attempt.to_string()));
        if let Some(inputs) = inputs.as_ref().filter(|inputs| inputs.len() <= MOST_IN_VARIABLE) {
            variables.push(("CITADEL_INPUTS".to_owned(), inputs.clone()));
        }
        Ok(Self {
            what: what(call)?,
            args: texts(call, "args")?,
            variables,
            input: inputs.unwrap_or_default().into_bytes(),
            bounds: Bounds::of(call),
            network: call.field("network") == Some(&Value::Bool(true)),
        })
    }
}

fn what(call: &Call) -> Result<What, NodeError> {
    if let Some(language) = call.text("language") {
        let language = Language::of(language)
            .ok_or_else(|| mismatch(format!("`language` is not known: `{language}`")))?;
        let text = call.text("script").unwrap_or_default().to_owned();
        let extension = match call.text("file").and_then(|file| file.rsplit_once('.')) {
            // Node tells its two kinds of modules by that.
            Some((_, extension @ ("mjs" | "cjs"))) if language == Language::Node => extension.to_owned(),
            _ => language.extension().to_owned(),
        };
        return Ok(What::Script { language, text, extension });
    }
    let mut command = texts(call, "command")?.into_iter();
    let program = command.next().filter(|program| !program.is_empty());
    let program = program.ok_or_else(|| mismatch("`command` names no program".to_owned()))?;
    Ok(What::Command { program, arguments: command.collect() })
}

fn json(inputs: &Value) -> Result<String, NodeError> {
    let json = inputs.to_json().map_err(|error| mismatch(format!("`inputs` are no JSON: {error}")))?;
    Ok(json.to_string())
}

fn texts(call: &Call, field: &str) -> Result<Vec<String>, NodeError> {
    let Some(Value::List(list)) = call.field(field) else { return Ok(Vec::new()) };
    let text = |(at, item): (usize, &Value)| match item {
        Value::String(text) => plain(text, || format!("{field}[{at}]")),
        _ => Err(mismatch(format!("`{field}[{at}]` is no text"))),
    };
    list.iter().enumerate().map(text).collect()
}

fn variables(call: &Call) -> Result<Vec<(String, String)>, NodeError> {
    let Some(Value::Map(map)) = call.field("env") else { return Ok(Vec::new()) };
    let variable = |(key, value): (&Key, &Value)| {
        let (Key::String(name), Value::String(value)) = (key, value) else {
            return Err(mismatch("`env` holds something that is no text".to_owned()));
        };
        // Shells, one of which starts it, drop all others without a word.
        if !is_name(name) {
            let rule = "a name is made of letters, digits and `_`, and doesn't begin with a digit";
            return Err(mismatch(format!("`env` names a variable that a shell can't hold: {rule}")));
        }
        Ok((name.to_string(), plain(value, || format!("env.{name}"))?))
    };
    map.iter().map(variable).collect()
}

fn is_name(name: &str) -> bool {
    let is_part = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
    name.chars().all(is_part) && name.starts_with(|first| is_part(first) && !first.is_ascii_digit())
}

/// A text that a process can be given.
fn plain(text: &str, place: impl Fn() -> String) -> Result<String, NodeError> {
    match text.contains('\0') {
        true => Err(mismatch(format!("`{}` holds a NUL character, which no process can be given", place()))),
        false => Ok(text.to_owned()),
    }
}

fn mismatch(message: String) -> NodeError {
    NodeError::new("TypeMismatch", message).before_effect()
}
