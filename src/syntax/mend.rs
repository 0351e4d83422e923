//! A text with what is missing in it added, and what is too much taken out, that still knows its original places.

use std::borrow::Cow;

/// A change of the text: `remove` bytes at `at` give way to `insert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub at: usize,
    pub remove: usize,
    pub insert: String,
}

impl Edit {
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { at, remove: 0, insert: text.into() }
    }

    /// Blanks `length` bytes, so that no place moves.
    pub fn blank(at: usize, length: usize) -> Self {
        Self { at, remove: length, insert: " ".repeat(length) }
    }

    pub fn replace(at: usize, length: usize, text: impl Into<String>) -> Self {
        Self { at, remove: length, insert: text.into() }
    }
}

/// The text that the grammar reads.
#[derive(Debug)]
pub(super) struct Mended<'t> {
    pub text: Cow<'t, str>,
    moves: Vec<Move>,
}

/// Bytes `new..new_end` of the mended text stand for `old..old_end` of the original.
#[derive(Debug)]
struct Move {
    new: usize,
    new_end: usize,
    old: usize,
    old_end: usize,
}

impl<'t> Mended<'t> {
    /// Applies edits that don't overlap; those at one place keep their order.
    pub fn new(text: &'t str, mut edits: Vec<Edit>) -> Self {
        if edits.is_empty() {
            return Self { text: Cow::Borrowed(text), moves: Vec::new() };
        }
        edits.sort_by_key(|edit| edit.at);
        let mut mended = String::with_capacity(text.len() + edits.len());
        let mut moves = Vec::new();
        let mut done = 0;
        for edit in edits {
            mended.push_str(text.get(done..edit.at).unwrap_or_default());
            done = done.max(edit.at + edit.remove);
            let new = mended.len();
            mended.push_str(&edit.insert);
            if edit.remove != edit.insert.len() {
                moves.push(Move { new, new_end: mended.len(), old: edit.at, old_end: done });
            }
        }
        mended.push_str(text.get(done..).unwrap_or_default());
        Self { text: Cow::Owned(mended), moves }
    }

    /// Where a place of the mended text is in the original.
    pub fn original(&self, at: usize) -> usize {
        let after = self.moves.partition_point(|moved| moved.new <= at);
        match after.checked_sub(1).and_then(|last| self.moves.get(last)) {
            None => at,
            Some(moved) if at < moved.new_end => (moved.old + (at - moved.new)).min(moved.old_end),
            Some(moved) => moved.old_end + (at - moved.new_end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Mended};

    #[test]
    fn places_lead_back_to_the_original() {
        let edits = vec![Edit::insert(3, "}"), Edit::blank(4, 1), Edit::replace(6, 3, "\"")];
        let mended = Mended::new("abc;d}“x", edits);
        assert_eq!(mended.text, "abc}; }\"x");
        let original: Vec<usize> = (0..9).map(|at| mended.original(at)).collect();
        assert_eq!(original, [0, 1, 2, 3, 3, 4, 5, 6, 9]);
    }
}
