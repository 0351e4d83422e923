use super::compile::PatternError;
use super::translate::Translation;

/// The names that may stand in `[:…:]`, all of ASCII.
const NAMES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// `[a-z]`, its opening bracket read. Brackets, `&`, `~` and `-` within are characters as others.
pub(super) fn translate(translation: &mut Translation<'_>) -> Result<(), PatternError> {
    translation.out.push('[');
    if translation.take("^") {
        translation.out.push('^');
    }
    let mut is_first = true;
    while is_first || !translation.rest.starts_with(']') {
        member(translation)?;
        is_first = false;
    }
    translation.take("]");
    translation.out.push(']');
    Ok(())
}

fn member(translation: &mut Translation<'_>) -> Result<(), PatternError> {
    let before = translation.rest;
    if named(translation)? || translation.take("\\") && translation.escaped_class() {
        return Ok(());
    }
    translation.rest = before;
    let first = character(translation)?;
    translation.literal(first);
    let mut after = translation.rest.chars();
    if after.next() == Some('-') && !matches!(after.next(), None | Some(']')) {
        translation.take("-");
        let last = character(translation)?;
        if last < first {
            return Err(PatternError::Class);
        }
        translation.out.push('-');
        translation.literal(last);
    }
    Ok(())
}

/// `[:alpha:]`, `[:^alpha:]`; whether that is what comes next.
fn named(translation: &mut Translation<'_>) -> Result<bool, PatternError> {
    let Some(text) = translation.rest.strip_prefix("[:") else { return Ok(false) };
    let end = text.find(|c: char| !c.is_ascii_alphabetic() && c != '^').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let Some(rest) = rest.strip_prefix(":]") else { return Ok(false) };
    if !NAMES.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(PatternError::Class);
    }
    translation.out.push_str(&format!("[:{name}:]"));
    translation.rest = rest;
    Ok(true)
}

fn character(translation: &mut Translation<'_>) -> Result<char, PatternError> {
    match translation.next() {
        Some('\\') => translation.escaped_character(),
        Some(character) => Ok(character),
        None => Err(PatternError::Class),
    }
}
