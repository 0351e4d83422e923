use std::cell::RefCell;
use std::io;
use std::ops::Range;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The one text of a value: JSON without white space, the keys of each object in the order of their bytes, doubles as
/// their shortest round trip.
///
/// What is hashed is this text, so that any JSON tool can recompute a hash.
///
/// # Panics
/// Never for the types of a plan: their keys are texts and writing to memory doesn't fail.
#[must_use]
pub fn canonical<T: Serialize>(value: &T) -> Vec<u8> {
    let text = RefCell::new(Vec::new());
    let formatter = Sorting { text: &text, open: Vec::new(), entries: Vec::new(), sorted: Vec::new() };
    let mut serializer = Serializer::with_formatter(Shared(&text), formatter);
    value.serialize(&mut serializer).expect("keys are texts, and memory takes any text");
    text.into_inner()
}

/// The text while it is being written; the formatter reorders its end whenever an object is complete.
struct Shared<'a>(&'a RefCell<Vec<u8>>);

impl io::Write for Shared<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Sorting<'a> {
    text: &'a RefCell<Vec<u8>>,
    /// The objects that are being written, the innermost last.
    open: Vec<Object>,
    /// Their complete entries, those of the innermost last.
    entries: Vec<Entry>,
    /// The entries of an object in their order, before they replace those that were written.
    sorted: Vec<u8>,
}

/// An object that is being written.
#[derive(Default)]
struct Object {
    /// How many entries are those of objects around it.
    around: usize,
    /// Where the entry that is being written starts: at the first quote of its key.
    entry: usize,
    /// Where its key ends: after the last quote.
    key_end: usize,
}

struct Entry {
    /// The key with its quotes.
    key: Range<usize>,
    end: usize,
}

impl Entry {
    /// The key without its quotes, which would sort `a b` before `a`.
    fn key<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        &text[self.key.start + 1..self.key.end - 1]
    }
}

impl Sorting<'_> {
    fn at(&self) -> usize {
        self.text.borrow().len()
    }

    /// Puts the entries that end the text, all those from `first` on, into the order of their keys.
    fn sort(&mut self, first: usize) {
        let text = &mut *self.text.borrow_mut();
        let entries = &mut self.entries[first..];
        if entries.is_sorted_by(|a, b| a.key(text) <= b.key(text)) {
            return;
        }
        let start = entries[0].key.start;
        entries.sort_by(|a, b| a.key(text).cmp(b.key(text)));
        self.sorted.clear();
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                self.sorted.push(b',');
            }
            self.sorted.extend_from_slice(&text[entry.key.start..entry.end]);
        }
        text.truncate(start);
        text.extend_from_slice(&self.sorted);
    }
}

impl Formatter for Sorting<'_> {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(Object { around: self.entries.len(), ..Object::default() });
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let at = self.at();
        if let Some(object) = self.open.last_mut() {
            object.entry = at;
        }
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.at();
        if let Some(object) = self.open.last_mut() {
            object.key_end = at;
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let end = self.at();
        if let Some(object) = self.open.last() {
            self.entries.push(Entry { key: object.entry..object.key_end, end });
        }
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        if let Some(object) = self.open.pop() {
            self.sort(object.around);
            self.entries.truncate(object.around);
        }
        writer.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;
    use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
    use serde_json::{Value, json};

    fn text(value: &impl serde::Serialize) -> String {
        String::from_utf8(canonical(value)).expect("JSON is UTF-8")
    }

    #[derive(serde::Serialize)]
    struct Unsorted {
        b: f64,
        a: Vec<Unsorted>,
        #[serde(rename = "a b")]
        other: Option<&'static str>,
    }

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let inner = Unsorted { b: 0.1, a: vec![], other: Some("ü\n") };
        let value = Unsorted { b: 2.0, a: vec![inner], other: None };
        assert_eq!(text(&value), r#"{"a":[{"a":[],"a b":"ü\n","b":0.1}],"a b":null,"b":2.0}"#);
    }

    #[test]
    fn scalars_and_empty_objects_stand_alone() {
        assert_eq!(text(&json!({})), "{}");
        assert_eq!(text(&json!(1e21)), "1e+21");
        assert_eq!(text(&i64::MIN), "-9223372036854775808");
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf =
            prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), ".*".prop_map(Value::from)];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".{0,4}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_text_means_the_same_and_is_its_own_canonical_form(value in tree()) {
            let once = canonical(&value);
            let read: Value = serde_json::from_slice(&once).expect("it is JSON");
            assert_eq!(read, value);
            assert_eq!(canonical(&read), once);
        }
    }
}
