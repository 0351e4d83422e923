use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::form::forms;
use crate::nodes::{NodeError, Secrets};
use crate::value::{EcoString, Key, Map, Value};

/// Takes the values of secrets, and the forms in which they travel, out of what is recorded. Linear in the text. A
/// clone is the same.
///
/// The forms: as they are, in base64 of both alphabets (also within a longer text, as basic authorization sends
/// them), in hexadecimal digits, percent-encoded, and escaped as in JSON and HTML; of an address also its password and
/// the long pieces of its path and query alone. It can't find what another program has changed further,
/// such as a hash, a half of a value, or the digits of a value that came back as a number. A secret of fewer than four
/// characters is taken out too, wherever it stands by chance, but not within base64.
#[derive(Clone, Debug)]
pub struct Scrubber(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    forms: AhoCorasick,
    /// What stands in the place of each form.
    marks: Vec<String>,
}

/// A part of a text that one or several forms cover.
struct Cover {
    bytes: Range<usize>,
    /// The longest of them, with its length.
    form: usize,
    length: usize,
}

impl Scrubber {
    /// Knows the forms of these secrets. An empty secret has none.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        let mut all = Vec::new();
        let mut marks = Vec::new();
        for (name, value) in secrets.iter() {
            for form in forms(value) {
                all.push(form);
                marks.push(format!("[secret {name}]"));
            }
        }
        if all.is_empty() {
            return Self(None);
        }
        let forms =
            AhoCorasick::new(&all).expect("secrets are shorter than the states of an automaton are many");
        Self(Some(Arc::new(Known { forms, marks })))
    }

    /// The length of the longest form, in bytes.
    pub(in crate::nodes) fn longest(&self) -> usize {
        self.0.as_ref().map_or(0, |known| known.forms.max_pattern_len())
    }

    /// A text without secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.changed(text).unwrap_or_else(|| text.to_owned())
    }

    /// A value without secrets, in its keys too.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        if self.0.is_none() {
            return value.clone();
        }
        match value {
            Value::String(text) => Value::String(self.eco(text)),
            Value::Bytes(bytes) => match self.scrubbed(bytes) {
                Some(clean) => Value::Bytes(clean.into_iter().collect()),
                None => value.clone(),
            },
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

    /// An error without secrets, in one line that does nothing to a terminal.
    pub(in crate::nodes) fn error(&self, error: NodeError) -> NodeError {
        let message = one_line(&self.text(&error.message));
        NodeError { message, details: self.value(&error.details), ..error }
    }

    fn key(&self, key: &Key) -> Key {
        match key {
            Key::String(text) => Key::String(self.eco(text)),
            other => other.clone(),
        }
    }

    fn eco(&self, text: &EcoString) -> EcoString {
        self.changed(text).map_or_else(|| text.clone(), EcoString::from)
    }

    fn changed(&self, text: &str) -> Option<String> {
        let bytes = self.scrubbed(text.as_bytes())?;
        Some(String::from_utf8(bytes).unwrap_or_else(|bytes| {
            // Forms are text, and text is never cut within a character.
            String::from_utf8_lossy(bytes.as_bytes()).into_owned()
        }))
    }

    /// The bytes with marks; none where there is no secret in them.
    fn scrubbed(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let known = self.0.as_ref()?;
        let covers = known.covers(bytes);
        if covers.is_empty() {
            return None;
        }
        let mut clean = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for cover in covers {
            clean.extend(bytes.get(done..cover.bytes.start).unwrap_or_default());
            clean.extend(known.marks.get(cover.form).map_or(&b""[..], |mark| mark.as_bytes()));
            done = cover.bytes.end;
        }
        clean.extend(bytes.get(done..).unwrap_or_default());
        Some(clean)
    }
}

impl Known {
    /// What is covered, from left to right. Forms that overlap are one cover, so that of two secrets of which one
    /// ends as the other begins no rest is left.
    fn covers(&self, bytes: &[u8]) -> Vec<Cover> {
        let mut covers: Vec<Cover> = Vec::new();
        for found in self.forms.find_overlapping_iter(bytes) {
            let (mut start, mut form, mut length) = (found.start(), found.pattern().as_usize(), found.len());
            // Ends never decrease, so only the last covers can reach into this one.
            while let Some(last) = covers.pop_if(|last| last.bytes.end > start) {
                start = start.min(last.bytes.start);
                if last.length > length {
                    (form, length) = (last.form, last.length);
                }
            }
            covers.push(Cover { bytes: start..found.end(), form, length });
        }
        covers
    }
}

fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => line.push(' '),
            c if c.is_control() || is_of_direction(c) => line.extend(c.escape_unicode()),
            c => line.push(c),
        }
    }
    line
}

/// Characters that turn the direction of what follows them around.
fn is_of_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2028}' | '\u{2029}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::Scrubber;
    use crate::nodes::{NodeError, Secrets};
    use crate::value::{Key, Map, Value};

    fn scrubber(secrets: &[(&str, &str)]) -> Scrubber {
        let values = secrets.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Scrubber::new(&Secrets::new(values.collect::<BTreeMap<_, _>>()))
    }

    #[test]
    fn a_secret_is_found_in_each_of_its_forms() {
        let scrubber = scrubber(&[("key", "s3cr3t key/ä*~\"<")]);
        for form in [
            "s3cr3t key/ä*~\"<",
            "s3cr3t%20key%2F%C3%A4%2A~%22%3C",
            "s3cr3t%20key%2f%c3%a4%2a~%22%3c",
            "s3cr3t+key%2F%C3%A4*%7E%22%3C",
            "s3cr3t%20key%2F%C3%A4*~%22%3C",
            "s3cr3t%20key/%C3%A4*~%22%3C",
            "s3cr3t key/ä*~\\\"<",
            "s3cr3t key\\/\\u00e4*~\\\"<",
            "s3cr3t key/\\u00E4*~\\\"<",
            "s3cr3t key/ä*~\\\"\\u003c",
            "s3cr3t key/ä*~&quot;&lt;",
            &STANDARD.encode("s3cr3t key/ä*~\"<"),
            &URL_SAFE_NO_PAD.encode("s3cr3t key/ä*~\"<"),
        ] {
            assert_eq!(scrubber.text(&format!("a={form}&b")), "a=[secret key]&b", "{form}");
        }
    }

    #[test]
    fn a_secret_is_found_within_base64() {
        let scrubber = scrubber(&[("key", "s3cr3t/ä")]);
        for user in ["", "a", "ab", "abc", "abcd"] {
            for secret in ["s3cr3t/ä", "s3cr3t%2F%C3%A4"] {
                let pair = format!("{user}:{secret}");
                assert!(scrubber.text(&STANDARD.encode(&pair)).contains("[secret key]"), "{pair}");
                assert!(scrubber.text(&URL_SAFE_NO_PAD.encode(&pair)).contains("[secret key]"), "{pair}");
            }
        }
    }

    #[test]
    fn the_longest_is_found_and_no_rest_is_left() {
        let scrubber = scrubber(&[("short", "token"), ("long", "token-of-more"), ("next", "more-and-on")]);
        assert_eq!(scrubber.text("a token-of-mor"), "a [secret short]-of-mor");
        assert_eq!(scrubber.text("a token-of-more!"), "a [secret long]!");
        assert_eq!(scrubber.text("a token-of-more-and-on!"), "a [secret long]!");
        assert_eq!(scrubber.text("tokentoken"), "[secret short][secret short]");
    }

    #[test]
    fn what_is_no_secret_stays() {
        assert_eq!(scrubber(&[("key", "hunter2")]).text("hunter3, hunter"), "hunter3, hunter");
        assert_eq!(scrubber(&[("key", "")]).text("all of it"), "all of it");
    }

    #[test]
    fn values_are_clean_to_the_last_key() {
        let scrubber = scrubber(&[("key", "hunter2")]);
        let map = Map::record([("x-hunter2", Value::some(Value::from("hunter2".to_owned())))]);
        let list: Value = [Value::Map(map), Value::Bytes(b"\xffhunter2\xff".iter().copied().collect())]
            .into_iter()
            .collect();
        let clean_map =
            Map::record([("x-[secret key]", Value::some(Value::from("[secret key]".to_owned())))]);
        let clean_bytes = Value::Bytes(b"\xff[secret key]\xff".iter().copied().collect());
        let clean: Value = [Value::Map(clean_map), clean_bytes].into_iter().collect();
        assert_eq!(scrubber.value(&list), clean);
        assert_eq!(scrubber.key(&Key::Int(1)), Key::Int(1));
    }

    #[test]
    fn messages_do_nothing_to_a_terminal() {
        let error = NodeError::new("Failed", "a\nb \u{1b}[31mred\u{7f} \u{202e}evil");
        let message = scrubber(&[]).error(error).message;
        assert_eq!(message, "a b \\u{1b}[31mred\\u{7f} \\u{202e}evil");
    }
}
