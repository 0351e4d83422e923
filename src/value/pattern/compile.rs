use regex::{Regex, RegexBuilder};

use super::translate::translate;

/// The largest compiled form of a pattern, in bytes.
const MAX_SIZE: usize = 1 << 20;

/// Why a text is no pattern.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PatternError {
    /// A sign that needs something before it.
    #[error("nothing to repeat, or repeated twice")]
    Repetition,
    /// A repetition of more than 1,000 times, or from more to fewer.
    #[error("a repetition counts to 1000, from fewer to more")]
    Count,
    /// A backslash before what it can't stand before.
    #[error("unknown escape `\\{0}`")]
    Escape(String),
    /// Letters after `(?` that are no flags.
    #[error("a group begins with `(`, `(?:`, `(?P<name>` or the flags `i`, `m`, `s`, `U`")]
    Group,
    /// A class that isn't closed, or has a wrong range or name in it.
    #[error("the class in brackets isn't closed, or has a wrong range or name in it")]
    Class,
    /// What the engine of the search refuses.
    #[error("{0}")]
    Refused(String),
}

/// Compiles `pattern`.
///
/// The text is rewritten for the `regex` crate, whose classes are those of Unicode where RE2's are those of ASCII, and
/// which reads signs that RE2 takes for themselves. <https://github.com/google/re2/wiki/Syntax> is what counts.
///
/// # Errors
/// When the text is no pattern, or one that becomes too large.
pub fn compile_pattern(pattern: &str) -> Result<Regex, PatternError> {
    let rewritten = translate(pattern)?;
    RegexBuilder::new(&rewritten).size_limit(MAX_SIZE).build().map_err(|error| refused(&error))
}

/// The last line is the reason, those above draw the place in a text that the author didn't write.
fn refused(error: &regex::Error) -> PatternError {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    PatternError::Refused(reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{PatternError, compile_pattern};

    fn finds(pattern: &str, text: &str) -> bool {
        compile_pattern(pattern).expect(pattern).is_match(text)
    }

    #[test]
    fn classes_and_word_boundaries_are_those_of_ascii() {
        for (pattern, found, missed) in [
            (r"^\d+$", "0189", "٣"),
            (r"^\w+$", "aZ_9", "é"),
            (r"^\s+$", "\t\n\u{c}\r ", "\u{a0}"),
            (r"^\s$", " ", "\u{b}"),
            (r"^[^\W\d]+$", "a_", "é"),
            (r"^\D\W\S$", "éé\u{2003}", "1aa"),
            (r"\bb", "éb", "ab"),
            (r"a\B", "ab", "aé"),
            (r"^[[:alpha:][:^space:]-]+$", "a-é", " "),
            (r"^.\pL\p{Greek}\P{Lu}$", "éλλλ", "éλλΛ"),
        ] {
            assert!(finds(pattern, found), "{pattern} in {found:?}");
            assert!(!finds(pattern, missed), "{pattern} in {missed:?}");
        }
    }

    #[test]
    fn signs_without_a_meaning_stand_for_themselves() {
        for (pattern, text) in [
            (r"^\Qa.b(\E+$", "a.b(("),
            (r"^\Qa\d", r"a\d"),
            ("^a{$", "a{"),
            ("^a{,2}$", "a{,2}"),
            ("^a{01}]}$", "a{01}]}"),
            ("^[[a&&~~#]+$", "&[a#~"),
            ("^[]a-]+$", "a]-"),
            (r"^[\]\-\x41-\x{43}]+$", "]-B"),
            (r"^\141\07\x2f\/\_\<$", "a\u{7}//_<"),
            (r"a\b{start}", "a{start}"),
            ("^ # $", " # "),
        ] {
            assert!(finds(pattern, text), "{pattern} in {text:?}");
        }
    }

    #[test]
    fn groups_flags_and_repetitions_are_read() {
        for (pattern, text) in [
            ("^(?i)straße$", "STRAßE"),
            ("^(?P<year>[0-9]{4})-(?<month>[0-9]{2,})$", "2026-123"),
            ("(?m:^b$)", "a\nb\nc"),
            ("^(?s:.)(?-s).$", "\na"),
            ("^a??b*?c+?d{1,2}?$", "bcdd"),
            ("^(?:a|b|)$", ""),
        ] {
            assert!(finds(pattern, text), "{pattern} in {text:?}");
        }
    }

    #[test]
    fn what_re2_refuses_is_refused() {
        use PatternError::{Class, Count, Escape, Group, Repetition};
        for (pattern, error) in [
            ("a**", Repetition),
            ("a*+", Repetition),
            ("a{2}{3}", Repetition),
            ("a{1001}", Count),
            ("a{3,2}", Count),
            (r"(a)\1", Escape("1".into())),
            (r"\u0061", Escape("u".into())),
            (r"\Z", Escape("Z".into())),
            (r"a\", Escape(String::new())),
            (r"\x{110000}", Escape("x".into())),
            (r"\x{}", Escape("x".into())),
            ("(?x) a", Group),
            ("(?=a)", Group),
            ("(?i", Group),
            ("[a--b]", Class),
            ("[b-a]", Class),
            ("[a", Class),
            ("[[:letter:]]", Class),
            (r"[a-\d]", Escape("d".into())),
            (r"[\b]", Escape("b".into())),
        ] {
            assert_eq!(compile_pattern(pattern).err(), Some(error), "{pattern}");
        }
        for pattern in ["(", ")", "*a", "a|*", r"\p{Klingon}", "((a{1000}){1000}){1000}"] {
            assert!(compile_pattern(pattern).is_err(), "{pattern}");
        }
    }
}
