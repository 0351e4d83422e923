use ecow::EcoString;

use super::{Form, Secrecy};

/// A field of a block.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: EcoString,
    /// What it takes.
    pub form: Form,
    /// Whether a block without it is in error.
    pub required: Required,
    /// What it is where it isn't written.
    pub default: Option<Default>,
    /// What it is then where that is decided elsewhere, in words: `10m`, `the workflow's`.
    pub told: Option<EcoString>,
    /// Whether a secret may stand in it.
    pub secrecy: Secrecy,
    /// What its text means beyond its type.
    pub meaning: Meaning,
    /// It is for some words of another field only: that field and the words.
    pub only_with: Option<(EcoString, Vec<EcoString>)>,
    /// The least number that makes sense; of durations the least of their nanoseconds.
    pub least: Option<i64>,
    /// What its number counts, such as `bytes`.
    pub unit: Option<EcoString>,
    /// One sentence on what it does.
    pub doc: EcoString,
}

/// Whether a block without a field is in error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// It may be left out.
    No,
    /// Where the field may stand at all, it must.
    Yes,
    /// It must be there for some of the words that [`Field::only_with`] names.
    For(Vec<EcoString>),
}

/// What a field is where it isn't written.
#[derive(Debug, Clone, PartialEq)]
pub enum Default {
    /// A word of its choice.
    Word(EcoString),
    /// A number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// A list of texts.
    Texts(Vec<EcoString>),
}

/// What a text means beyond its type: its literal parts are checked so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing.
    Plain,
    /// An address.
    Url,
    /// A map of header names to values.
    Headers,
    /// A statement with `:name` parameters, which the named field gives.
    Sql {
        /// The field with the parameters' values.
        params: &'static str,
        /// The field with a list of records, each of which gives them.
        batch: &'static str,
        /// The field that says what becomes of the rows.
        mode: &'static str,
    },
    /// The text of a program.
    Script,
    /// The path of a file whose text is what the named field would hold.
    FileOf(&'static str),
    /// A cron expression.
    Cron,
    /// A time zone's name.
    Zone,
    /// A path of a web server.
    Path,
}

impl Field {
    /// An optional field.
    #[must_use]
    pub fn new(name: &str, form: Form, doc: &str) -> Self {
        Self {
            name: name.into(),
            form,
            required: Required::No,
            default: None,
            told: None,
            secrecy: Secrecy::Refused,
            meaning: Meaning::Plain,
            only_with: None,
            least: None,
            unit: None,
            doc: doc.into(),
        }
    }

    /// The word that it is where it isn't written.
    #[must_use]
    pub fn default_word(&self) -> Option<EcoString> {
        match &self.default {
            Some(Default::Word(word)) => Some(word.clone()),
            _ => None,
        }
    }

    /// It must be written.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: Required::Yes, ..self }
    }

    /// It must be written for these words of the field that [`Self::only_with`] names.
    #[must_use]
    pub fn required_for(self, words: &[&str]) -> Self {
        Self { required: Required::For(words.iter().copied().map(EcoString::from).collect()), ..self }
    }

    /// It takes secrets.
    #[must_use]
    pub fn secret(self) -> Self {
        self.secrecy(Secrecy::Allowed)
    }

    /// It takes secrets, and plain texts so far as this says.
    #[must_use]
    pub fn secrecy(self, secrecy: Secrecy) -> Self {
        Self { secrecy, ..self }
    }

    /// It is this word where it isn't written.
    #[must_use]
    pub fn or_word(self, word: &str) -> Self {
        Self { default: Some(Default::Word(word.into())), ..self }
    }

    /// It is this number where it isn't written.
    #[must_use]
    pub fn or_int(self, number: i64) -> Self {
        Self { default: Some(Default::Int(number)), ..self }
    }

    /// It is this where it isn't written.
    #[must_use]
    pub fn or_bool(self, yes: bool) -> Self {
        Self { default: Some(Default::Bool(yes)), ..self }
    }

    /// It is this list where it isn't written.
    #[must_use]
    pub fn or_texts(self, texts: &[&str]) -> Self {
        let texts = texts.iter().copied().map(EcoString::from).collect();
        Self { default: Some(Default::Texts(texts)), ..self }
    }

    /// What it is where it isn't written, in words: something else decides it.
    #[must_use]
    pub fn or_told(self, words: &str) -> Self {
        Self { told: Some(words.into()), ..self }
    }

    /// What its number counts.
    #[must_use]
    pub fn unit(self, unit: &str) -> Self {
        Self { unit: Some(unit.into()), ..self }
    }

    /// Its number is at least this.
    #[must_use]
    pub fn at_least(self, least: i64) -> Self {
        Self { least: Some(least), ..self }
    }

    /// Its text is checked as this.
    #[must_use]
    pub fn meaning(self, meaning: Meaning) -> Self {
        Self { meaning, ..self }
    }

    /// It is for these words of another field only.
    #[must_use]
    pub fn only_with(self, field: &str, words: &[&str]) -> Self {
        let words = words.iter().copied().map(EcoString::from).collect();
        Self { only_with: Some((field.into(), words)), ..self }
    }
}
