use serde::Serialize;
use serde_json::Value;

/// The version of what `--format json` prints. It grows when a key goes away or means something else; keys that come
/// leave it as it is.
pub(super) const SCHEMA: u32 = 1;

/// What `--format json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    pub(super) schema: u32,
    /// By name.
    pub(super) kinds: Vec<Sheet>,
}

/// All that is known of a kind.
#[derive(Debug, Serialize)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// One sentence.
    pub(super) summary: String,
    /// `activity`, `composite`, `waiting`, `pure` or `ending`.
    pub(super) class: &'static str,
    /// What messages call the class.
    #[serde(skip)]
    pub(super) class_text: &'static str,
    pub(super) labels: Vec<Label>,
    /// Paragraphs in Markdown; their links count from the folder `docs`.
    pub(super) notes: Vec<String>,
    pub(super) fields: Vec<FieldSheet>,
    pub(super) choices: Vec<ChoiceSheet>,
    /// The fields that all kinds of the class have.
    pub(super) common_fields: Vec<FieldSheet>,
    pub(super) common_choices: Vec<ChoiceSheet>,
    pub(super) ports: PortsSheet,
    pub(super) output: Vec<OutputSheet>,
    pub(super) effect: Label,
    /// By name, those of the class among them.
    pub(super) errors: Vec<ErrorSheet>,
    /// A file that the checker has nothing to say of.
    pub(super) example: String,
}

/// A word for programs and a sentence for people.
#[derive(Debug, Serialize)]
pub(super) struct Label {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// A field of a block.
#[derive(Debug, Serialize)]
pub(super) struct FieldSheet {
    pub(super) name: String,
    /// What it takes, as people write it.
    #[serde(rename = "type")]
    pub(super) ty: String,
    /// The words that it takes, where it takes no others.
    pub(super) values: Vec<String>,
    /// Whether it must be written wherever it may stand.
    pub(super) required: bool,
    /// It may stand with these words of another field only.
    pub(super) only_with: Option<Words>,
    /// It must be written with these words of another field.
    pub(super) required_with: Option<Words>,
    /// What it is where it isn't written; null where that is nothing, or no plain value.
    pub(super) default: Value,
    /// The same for people, also where something else decides it.
    pub(super) default_text: Option<String>,
    /// What its number counts.
    pub(super) unit: Option<String>,
    /// The least number.
    pub(super) least: Option<i64>,
    /// `refused`, `allowed` or `expected`.
    pub(super) secrets: &'static str,
    /// What it does.
    pub(super) doc: String,
    /// Those of the block that it is.
    pub(super) fields: Vec<FieldSheet>,
    pub(super) choices: Vec<ChoiceSheet>,
}

/// Some words of a field.
#[derive(Debug, Serialize)]
pub(super) struct Words {
    pub(super) field: String,
    pub(super) words: Vec<String>,
}

/// Fields of which one is chosen.
#[derive(Debug, Serialize)]
pub(super) struct ChoiceSheet {
    /// `exactly_one`, `at_most_one`, or `exactly_one_with` a field.
    pub(super) rule: &'static str,
    pub(super) with: Option<String>,
    /// Fields of one way may stand together.
    pub(super) ways: Vec<Vec<String>>,
}

/// Where a kind may be left.
#[derive(Debug, Serialize)]
pub(super) struct PortsSheet {
    /// Those that it always has.
    pub(super) names: Vec<String>,
    /// What else there is.
    pub(super) text: Option<String>,
}

/// What a kind gives, for one word of a field where it depends on that.
#[derive(Debug, Serialize)]
pub(super) struct OutputSheet {
    pub(super) with: Option<Words>,
    pub(super) fields: Vec<PartSheet>,
    /// What it is where it has no fields of its own.
    pub(super) text: Option<String>,
}

/// A field of an output.
#[derive(Debug, Serialize)]
pub(super) struct PartSheet {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) ty: String,
}

/// What a kind may fail with.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ErrorSheet {
    pub(super) name: String,
    /// Whether a retry policy applies to it.
    pub(super) retryable: bool,
    /// Whether it is one of all kinds of the class.
    pub(super) common: bool,
    /// When it happens.
    pub(super) when: String,
    /// The type of its details, where that is known.
    pub(super) details: Option<String>,
}
