use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::{NodeError, Secrets};
use crate::value::{EcoString, Key, Map, Value};

/// Takes the values of secrets, and the forms in which they travel, out of what is recorded. Linear in the text.
///
/// It can't find what another program has changed further, such as a hash or a part of a value.
#[derive(Debug)]
pub struct Scrubber {
    forms: Option<AhoCorasick>,
    /// What stands in the place of each form.
    marks: Vec<String>,
}

impl Scrubber {
    /// Knows the forms of these secrets: as they are, in base64 of both alphabets at each of the three places where
    /// they may begin, percent-encoded, and escaped as in JSON. An empty secret has none.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        let mut forms = Vec::new();
        let mut marks = Vec::new();
        for (name, value) in secrets.iter().filter(|(_, value)| !value.is_empty()) {
            for form in self::forms(value) {
                forms.push(form);
                marks.push(format!("[secret {name}]"));
            }
        }
        // More forms than a machine of this kind can hold are more than an environment can.
        let forms = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms).ok();
        Self { forms: forms.filter(|_| !marks.is_empty()), marks }
    }

    /// A text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        match &self.forms {
            Some(forms) => forms.replace_all(text, &self.marks),
            None => text.to_owned(),
        }
    }

    /// A value without secrets, in its keys too.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        if self.forms.is_none() {
            return value.clone();
        }
        match value {
            Value::String(text) => Value::String(self.eco(text)),
            Value::Bytes(bytes) => self.bytes(bytes),
            Value::List(list) => list.iter().map(|item| self.value(item)).collect(),
            Value::Map(map) => {
                let mut clean = Map::new();
                map.iter().for_each(|(key, item)| clean.insert(self.key(key), self.value(item)));
                Value::Map(clean)
            }
            Value::Optional(Some(inner)) => Value::some(self.value(inner)),
            other => other.clone(),
        }
    }

    fn key(&self, key: &Key) -> Key {
        match key {
            Key::String(text) => Key::String(self.eco(text)),
            other => other.clone(),
        }
    }

    fn eco(&self, text: &EcoString) -> EcoString {
        match &self.forms {
            Some(forms) if forms.is_match(text.as_str()) => self.text(text).into(),
            _ => text.clone(),
        }
    }

    fn bytes(&self, bytes: &[u8]) -> Value {
        let clean = match &self.forms {
            Some(forms) => forms.replace_all_bytes(bytes, &self.marks),
            None => bytes.to_vec(),
        };
        Value::Bytes(clean.into_iter().collect())
    }

    /// An error without secrets, in one line that does nothing to a terminal.
    pub(super) fn error(&self, error: NodeError) -> NodeError {
        let line: String =
            self.text(&error.message).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        NodeError { message: line, details: self.value(&error.details), ..error }
    }
}

fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
        forms.push(engine.encode(value));
    }
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        forms.extend(inner_base64(engine, value));
    }
    let upper = percent_encoded(value);
    forms.push(upper.replace("%20", "+"));
    forms.push(lower_escapes(&upper));
    forms.push(upper);
    let json = serde_json::Value::from(value).to_string();
    forms.push(json.trim_matches('"').to_owned());
    forms.retain(|form| !form.is_empty());
    forms.sort();
    forms.dedup();
    forms
}

/// What a value's bytes come to inside of a longer text in base64, such as `user:secret`: without the digits that also
/// depend on what stands beside it. Too short a value has no digits of its own.
fn inner_base64(engine: &impl base64::Engine, value: &str) -> Vec<String> {
    const SHORTEST: usize = 6;
    let mut forms = Vec::new();
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend(value.as_bytes());
        let digits = engine.encode(&bytes);
        let first = (before * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        if let Some(own) = digits.get(first..last).filter(|own| own.len() >= SHORTEST) {
            forms.push(own.to_owned());
        }
    }
    forms
}

fn percent_encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn lower_escapes(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    let mut left = 0;
    for c in text.chars() {
        let is_digit = std::mem::take(&mut left);
        if c == '%' {
            left = 2;
        } else if is_digit > 0 {
            left = is_digit - 1;
        }
        lower.push(if is_digit > 0 { c.to_ascii_lowercase() } else { c });
    }
    lower
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::Scrubber;
    use crate::nodes::Secrets;

    fn scrubber(value: &str) -> Scrubber {
        Scrubber::new(&Secrets::new(BTreeMap::from([("key".to_owned(), value.to_owned())])))
    }

    #[test]
    fn a_secret_is_found_in_each_of_its_forms() {
        let scrubber = scrubber("s3cr3t key/ä");
        assert_eq!(scrubber.text("a s3cr3t key/ä b"), "a [secret key] b");
        assert_eq!(scrubber.text("q=s3cr3t%20key%2F%C3%A4&x"), "q=[secret key]&x");
        assert_eq!(scrubber.text("q=s3cr3t+key%2F%C3%A4"), "q=[secret key]");
        assert_eq!(scrubber.text("q=s3cr3t%20key%2f%c3%a4"), "q=[secret key]");
        assert_eq!(scrubber.text(&STANDARD.encode("s3cr3t key/ä")), "[secret key]");
        for user in ["a", "ab", "abc", "abcd"] {
            let basic = STANDARD.encode(format!("{user}:s3cr3t key/ä"));
            assert!(scrubber.text(&basic).contains("[secret key]"), "{user}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        assert_eq!(scrubber("hunter2").text("hunter3, hunter"), "hunter3, hunter");
        assert_eq!(scrubber("").text("all of it"), "all of it");
    }
}
