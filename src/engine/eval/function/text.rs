use super::table::{Arguments, Context};
use crate::engine::eval::error::{Answer, Fault};
use crate::engine::eval::{EvalError, Failure};
use crate::value::{EcoString, EcoVec, Value};

/// What compiling a byte of a regular expression and searching a byte of text cost, in bytes copied. They are
/// charged for every search, whether or not the pattern was compiled before.
const PATTERN_WEIGHT: usize = 64;
const SEARCH_WEIGHT: usize = 16;

/// The text of an argument.
fn text(value: &Value) -> Result<&EcoString, Fault> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Fault::Overload),
    }
}

fn int(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Int(int) => Ok(*int),
        _ => Err(Fault::Overload),
    }
}

/// The text of a function that has no other argument, charged for.
fn only<'v>(arguments: &'v Arguments<'_>, context: &mut Context<'_>) -> Result<&'v EcoString, Fault> {
    let [value] = arguments else { return Err(Fault::Overload) };
    let text = text(value)?;
    context.budget.octets(text.len())?;
    Ok(text)
}

/// The texts of a function with two, charged for.
fn both<'v>(
    arguments: &'v Arguments<'_>,
    context: &mut Context<'_>,
) -> Result<(&'v EcoString, &'v EcoString), Fault> {
    let [first, second] = arguments else { return Err(Fault::Overload) };
    let (first, second) = (text(first)?, text(second)?);
    context.budget.octets(first.len())?;
    Ok((first, second))
}

fn count(number: usize) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn size(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value] = arguments else { return Err(Fault::Overload) };
    match value.as_ref() {
        Value::String(text) => {
            context.budget.octets(text.len())?;
            Ok(count(text.chars().count()))
        }
        Value::Bytes(bytes) => Ok(count(bytes.len())),
        Value::List(list) => Ok(count(list.len())),
        Value::Map(map) => Ok(count(map.len())),
        _ => Err(Fault::Overload),
    }
}

pub(super) fn starts_with(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (text, part) = both(arguments, context)?;
    Ok(Value::Bool(text.starts_with(part.as_str())))
}

pub(super) fn ends_with(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (text, part) = both(arguments, context)?;
    Ok(Value::Bool(text.ends_with(part.as_str())))
}

pub(super) fn contains(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (text, part) = both(arguments, context)?;
    Ok(Value::Bool(text.contains(part.as_str())))
}

pub(super) fn matches(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (text, pattern) = both(arguments, context)?;
    context.budget.octets(pattern.len().saturating_mul(PATTERN_WEIGHT))?;
    context.budget.octets(text.len().saturating_mul(SEARCH_WEIGHT))?;
    Ok(Value::Bool(context.patterns.get(pattern)?.is_match(text)))
}

/// The byte at which the character of that index begins, or the end; `None` beyond it.
fn offset(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

fn checked_offset(text: &str, index: i64) -> Result<usize, EvalError> {
    offset(text, index).ok_or_else(|| Failure::Index(index).into())
}

/// The index of the character that begins at that byte.
fn index_at(text: &str, offset: Option<usize>) -> Value {
    offset
        .and_then(|offset| text.get(..offset))
        .map_or(Value::Int(-1), |before| count(before.chars().count()))
}

pub(super) fn char_at(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let [value, index] = arguments else { return Err(Fault::Overload) };
    let (text, index) = (text(value)?, int(index)?);
    context.budget.octets(text.len())?;
    let rest = &text[checked_offset(text, index)?..];
    Ok(Value::String(rest.chars().take(1).collect()))
}

pub(super) fn index_of(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (value, part, from) = match arguments {
        [value, part] => (text(value)?, text(part)?, 0),
        [value, part, from] => (text(value)?, text(part)?, int(from)?),
        _ => return Err(Fault::Overload),
    };
    context.budget.octets(value.len())?;
    let from = checked_offset(value, from)?;
    let found = value[from..].find(part.as_str()).map(|at| from + at);
    Ok(index_at(value, found))
}

pub(super) fn last_index_of(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (value, part, last) = match arguments {
        [value, part] => (text(value)?, text(part)?, None),
        [value, part, last] => (text(value)?, text(part)?, Some(int(last)?)),
        _ => return Err(Fault::Overload),
    };
    context.budget.octets(value.len())?;
    let last = last.map_or(Ok(value.len()), |last| checked_offset(value, last))?;
    // The part may begin at `last`, and so end that much further on.
    let end = value.len().min(last.saturating_add(part.len()));
    let end = (0..=end).rev().find(|end| value.is_char_boundary(*end)).unwrap_or(0);
    let found = value[..end].rfind(part.as_str());
    Ok(index_at(value, found))
}

pub(super) fn join(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (list, separator) = match arguments {
        [list] => (list, ""),
        [list, separator] => (list, text(separator)?.as_str()),
        _ => return Err(Fault::Overload),
    };
    let Value::List(list) = list.as_ref() else { return Err(Fault::Overload) };
    context.budget.elements(list.len())?;
    let mut joined = EcoString::new();
    for (index, element) in list.iter().enumerate() {
        let part = text(element)?;
        context.budget.octets(part.len() + separator.len())?;
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(part);
    }
    Ok(Value::String(joined))
}

pub(super) fn lower_ascii(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    Ok(Value::String(only(arguments, context)?.to_ascii_lowercase()))
}

pub(super) fn upper_ascii(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    Ok(Value::String(only(arguments, context)?.to_ascii_uppercase()))
}

pub(super) fn replace(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (value, old, new, limit) = match arguments {
        [value, old, new] => (text(value)?, text(old)?, text(new)?, -1),
        [value, old, new, limit] => (text(value)?, text(old)?, text(new)?, int(limit)?),
        _ => return Err(Fault::Overload),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    context.budget.octets(value.len())?;
    let times = value.matches(old.as_str()).count().min(limit);
    context.budget.octets(value.len().saturating_add(times.saturating_mul(new.len())))?;
    Ok(Value::String(value.replacen(old.as_str(), new, limit)))
}

pub(super) fn split(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (value, separator, limit) = match arguments {
        [value, separator] => (text(value)?, text(separator)?, -1),
        [value, separator, limit] => (text(value)?, text(separator)?, int(limit)?),
        _ => return Err(Fault::Overload),
    };
    context.budget.octets(value.len())?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts: EcoVec<Value> = match separator.as_str() {
        "" => split_characters(value, limit),
        separator => value.splitn(limit, separator).map(Value::from).collect(),
    };
    context.budget.elements(parts.len())?;
    Ok(Value::List(parts))
}

/// Each character for itself; the last of `limit` parts takes the rest.
fn split_characters(text: &str, limit: usize) -> EcoVec<Value> {
    let mut parts = EcoVec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next().filter(|_| parts.len() < limit) {
        let end = if parts.len() + 1 == limit { rest.len() } else { first.len_utf8() };
        let (part, after) = rest.split_at(end);
        parts.push(Value::from(part));
        rest = after;
    }
    parts
}

pub(super) fn substring(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let (value, start, end) = match arguments {
        [value, start] => (text(value)?, int(start)?, None),
        [value, start, end] => (text(value)?, int(start)?, Some(int(end)?)),
        _ => return Err(Fault::Overload),
    };
    context.budget.octets(value.len())?;
    let from = checked_offset(value, start)?;
    let to = end.map_or(Ok(value.len()), |end| checked_offset(value, end))?;
    value.get(from..to).map(Value::from).ok_or_else(|| Failure::Index(start).into())
}

pub(super) fn trim(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    Ok(Value::from(only(arguments, context)?.trim()))
}

pub(super) fn reverse(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    Ok(Value::String(only(arguments, context)?.chars().rev().collect()))
}

pub(super) fn quote(arguments: &Arguments<'_>, context: &mut Context<'_>) -> Answer {
    let text = only(arguments, context)?;
    let mut quoted = EcoString::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match escape(character) {
            Some(escaped) => quoted.push_str(escaped),
            None => quoted.push(character),
        }
    }
    quoted.push('"');
    Ok(Value::String(quoted))
}

fn escape(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{b}' => "\\v",
        '\\' => "\\\\",
        '"' => "\\\"",
        _ => return None,
    })
}
