//! What holds for all texts, and for all well-typed programs. `PROPTEST_CASES` sets how many are tried.

use citadel::value::compile_pattern;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::compiler::check_text;
use crate::{program, tree};

/// Pieces that a mutation may put anywhere.
const PIECES: &[&str] = &[
    "{", "}", "(", ")", "[", "]", "\"", "'", "\"\"\"", "${", "->", "=>", "=", ":", ",", ".", ".?", "?", "|",
    "&&", "-", "//", "/*", "*/", "///", "#", "\n", "\r\n", "\0", "\u{feff}", "\u{202e}", "ä", "🚀",
    "workflow", "node", "input", "output", "body", "loop", "true", "null", "1", "0x", "1e", "30s", "1h1h",
    "first(2)", "error(", "start", "`", "\\", "r\"", "b'",
];

/// Pieces of regular expressions.
const PATTERN_PIECES: &[&str] = &[
    "a",
    "é",
    "\u{10ffff}",
    "\\",
    "Q",
    "E",
    "x",
    "p",
    "P",
    "d",
    "b",
    "{",
    "}",
    "[",
    "]",
    "[:",
    ":]",
    "^",
    "-",
    ",",
    "1",
    "0",
    "(",
    ")",
    "?",
    "P<",
    ">",
    "i",
    ":",
    "*",
    "+",
    "|",
    "$",
    ".",
    "alpha",
    "Lu",
    "&&",
    "~~",
    "#",
    " ",
    "\n",
];

fn right_programs() -> Vec<String> {
    let folders = ["tests/fixtures/accept", "examples"];
    folders.iter().flat_map(|folder| tree::files(folder, ".citadel")).map(|file| tree::read(&file)).collect()
}

/// A right program with a few pieces put in or cut out.
fn broken_programs() -> impl Strategy<Value = String> {
    let change = (any::<Index>(), 0usize..12, prop_oneof![select(PIECES), Just("")]);
    (select(right_programs()), prop::collection::vec(change, 1..6)).prop_map(|(mut text, changes)| {
        for (place, cut, piece) in changes {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let first = place.index(starts.len());
            let last = (first + cut).min(starts.len() - 1);
            text.replace_range(starts[first]..starts[last], piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in "\\PC*") {
        check_text(&text);
    }

    #[test]
    fn any_pieces_are_answered(pieces in prop::collection::vec(select(PIECES), 0..60)) {
        check_text(&pieces.concat());
        check_text(&pieces.join(" "));
    }

    #[test]
    fn broken_programs_are_answered(text in broken_programs()) {
        for found in check_text(&text) {
            prop_assert!(found.line <= text.split('\n').count(), "{found} is beyond the text");
            prop_assert!(!found.code.is_empty() && !found.message.is_empty());
        }
    }

    #[test]
    fn any_text_may_be_a_pattern(pieces in prop::collection::vec(select(PATTERN_PIECES), 0..12)) {
        let text = pieces.concat();
        let _ = compile_pattern(&text);
        if !text.contains("\\E") {
            let quoted = compile_pattern(&format!("^\\Q{text}\\E$")).expect("a quoted text is a pattern");
            prop_assert!(quoted.is_match(&text));
        }
    }

    #[test]
    fn findings_are_the_same_each_time(text in broken_programs()) {
        prop_assert_eq!(check_text(&text), check_text(&text));
    }

    #[test]
    fn well_typed_programs_are_accepted(text in program::programs()) {
        let found = check_text(&text);
        prop_assert!(found.is_empty(), "{:?}\n{}", found, text);
    }
}
