use std::borrow::Cow;
use std::fmt::Write as _;

/// Control and direction characters as Rust writes them: they could hide text, or drive the terminal.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            let _ = write!(out, "{}", character.escape_default());
        } else {
            out.push(character);
        }
    }
    out.into()
}

fn is_unsafe(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with `?` for each byte of a character that could drive a terminal, so that offsets stay.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let is_drawn = |character| matches!(character, '\n' | '\r' | '\t') || !is_unsafe(character);
    if text.chars().all(is_drawn) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_drawn(character) {
            out.push(character);
        } else {
            out.extend(std::iter::repeat_n('?', character.len_utf8()));
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::{escaped, harmless};

    #[test]
    fn what_drives_a_terminal_is_written_out() {
        assert_eq!(escaped("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\n");
        assert_eq!(escaped("über"), "über");
    }

    #[test]
    fn what_is_not_drawn_keeps_its_length() {
        assert_eq!(harmless("a\u{202e}b\tc\r\n"), "a???b\tc\r\n");
    }
}
