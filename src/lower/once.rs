use std::collections::BTreeMap;

/// Entries that are made once, in the order in which they are first asked for.
#[derive(Debug)]
pub(super) struct Once<K, T> {
    ids: BTreeMap<K, usize>,
    entries: Vec<T>,
}

impl<K, T> Default for Once<K, T> {
    fn default() -> Self {
        Self { ids: BTreeMap::new(), entries: Vec::new() }
    }
}

impl<K: Ord, T> Once<K, T> {
    /// The place of the entry of a key; it is made where there is none.
    pub(super) fn place(&mut self, key: K, make: impl FnOnce() -> T) -> usize {
        *self.ids.entry(key).or_insert_with(|| {
            self.entries.push(make());
            self.entries.len() - 1
        })
    }

    /// The place of the entry of a key, where there is one.
    pub(super) fn find(&self, key: &K) -> Option<usize> {
        self.ids.get(key).copied()
    }

    /// All entries so far.
    pub(super) fn entries(&self) -> &[T] {
        &self.entries
    }

    /// All entries.
    pub(super) fn finish(self) -> Vec<T> {
        self.entries
    }
}
