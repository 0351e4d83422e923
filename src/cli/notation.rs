//! Values as CEL writes them.

use std::fmt::{self, Display};

use crate::value::{Key, Part, Value, print_double};

/// A value as the literal or the call that makes it.
pub(super) struct Literal<'a>(pub(super) &'a Value);

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Uint(value) => write!(f, "{value}u"),
            Value::Double(value) => double(*value, f),
            Value::String(text) => write!(f, "{}", Quoted(text)),
            Value::Bytes(bytes) => octets(bytes, f),
            Value::Duration(value) => write!(f, "duration(\"{}\")", value.print_seconds()),
            Value::Timestamp(value) => write!(f, "timestamp(\"{}\")", value.print()),
            Value::List(list) => {
                f.write_str("[")?;
                separated(list.iter(), f, |element, f| write!(f, "{}", Literal(element)))?;
                f.write_str("]")
            }
            Value::Map(map) => {
                f.write_str("{")?;
                separated(map.iter(), f, |(key, value), f| {
                    write!(f, "{}: {}", Literal(&Value::from(Key::clone(key))), Literal(value))
                })?;
                f.write_str("}")
            }
            Value::Optional(None) => f.write_str("optional.none()"),
            Value::Optional(Some(value)) => write!(f, "optional.of({})", Literal(value)),
            Value::Type(kind) => f.write_str(kind.name()),
            Value::Template(template) => template.parts().iter().try_for_each(|part| match part {
                Part::Text(text) => f.write_str(text),
                Part::Secret(name) => write!(f, "${{{name}}}"),
            }),
        }
    }
}

fn separated<T>(
    items: impl Iterator<Item = T>,
    f: &mut fmt::Formatter<'_>,
    mut write: impl FnMut(T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (at, item) in items.enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        write(item, f)?;
    }
    Ok(())
}

/// With a point even where it is whole, so that it isn't read as an int.
fn double(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = print_double(value);
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    write!(f, "{text}{}", if is_whole { ".0" } else { "" })
}

fn octets(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("b\"")?;
    for byte in bytes {
        match byte {
            b'"' | b'\\' => write!(f, "\\{}", char::from(*byte))?,
            b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_str("\"")
}

/// A text in quotes, on one line.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(f, "\\{character}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ if character.is_control() => write!(f, "\\u{:04x}", u32::from(character))?,
                _ => write!(f, "{character}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::Literal;
    use crate::value::{Map, Value};

    #[test]
    fn values_are_written_as_they_would_be_typed() {
        let text = |value: Value| Literal(&value).to_string();
        assert_eq!(text(Value::Uint(7)), "7u");
        assert_eq!(text(Value::Double(2.0)), "2.0");
        assert_eq!(text(Value::String("a\"\n\u{1b}".into())), r#""a\"\n\u001b""#);
        assert_eq!(text(Value::Bytes([0x61, 0xff].as_slice().into())), r#"b"a\xff""#);
        assert_eq!(text(Value::some(Value::Null)), "optional.of(null)");
        assert_eq!(text(Value::Map(Map::record([("k", Value::Int(1))]))), r#"{"k": 1}"#);
    }
}
