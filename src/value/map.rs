use std::cmp::Ordering;

use ecow::{EcoString, EcoVec};

use super::{Key, Value};

/// A map or a record, in the order of its keys. A clone shares the entries.
#[derive(Clone, Debug, Default)]
pub struct Map {
    entries: EcoVec<(Key, Value)>,
}

impl Map {
    /// The map without entries.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: EcoVec::new() }
    }

    /// The map of `entries`, which may come in any order.
    ///
    /// # Errors
    /// The first key, in key order, that two entries share.
    pub fn from_entries(mut entries: EcoVec<(Key, Value)>) -> Result<Self, Key> {
        let sorted = entries.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
        if !sorted {
            entries.make_mut().sort_by(|a, b| a.0.cmp(&b.0));
            let repeated = entries.windows(2).find(|pair| matches!(pair, [a, b] if a.0 == b.0));
            if let Some([(key, _), ..]) = repeated {
                return Err(key.clone());
            }
        }
        Ok(Self { entries })
    }

    /// The record of `fields`; of two fields with one name the later counts.
    #[must_use]
    pub fn record<K: Into<EcoString>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let mut map = Self::new();
        for (name, value) in fields {
            map.insert(Key::String(name.into()), value);
        }
        map
    }

    /// Puts `value` under `key`, in place of what stood there.
    pub fn insert(&mut self, key: Key, value: Value) {
        match self.entries.binary_search_by(|entry| entry.0.cmp(&key)) {
            Ok(at) => {
                if let Some(entry) = self.entries.make_mut().get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.entries.insert(at, (key, value)),
        }
    }

    /// What stands under `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Value> {
        let at = self.entries.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
        self.entries.get(at).map(|entry| &entry.1)
    }

    /// What stands under the text key `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        let at = self.entries.binary_search_by(|entry| order_of_name(&entry.0, name)).ok()?;
        self.entries.get(at).map(|entry| &entry.1)
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at `index` in key order.
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<(&Key, &Value)> {
        self.entries.get(index).map(|entry| (&entry.0, &entry.1))
    }

    /// The entries in key order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> {
        self.entries.iter().map(|entry| (&entry.0, &entry.1))
    }
}

/// Text keys come last, see [`Key`].
fn order_of_name(key: &Key, name: &str) -> Ordering {
    match key {
        Key::String(text) => text.as_str().cmp(name),
        Key::Bool(_) | Key::Int(_) | Key::Uint(_) => Ordering::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::{EcoVec, Key, Map, Value};

    #[test]
    fn entries_are_sorted_and_repeated_keys_refused() {
        let entries: EcoVec<_> = [(Key::from("b"), Value::Int(1)), (Key::from("a"), Value::Int(2))].into();
        let map = Map::from_entries(entries).expect("the keys differ");
        assert_eq!(map.entry(0).map(|(key, _)| key.clone()), Some(Key::from("a")));
        assert_eq!(map.field("b"), Some(&Value::Int(1)));

        let twice: EcoVec<_> = [(Key::Int(0), Value::Null), (Key::Uint(0), Value::Null)].into();
        assert_eq!(Map::from_entries(twice).err(), Some(Key::Int(0)));
    }
}
