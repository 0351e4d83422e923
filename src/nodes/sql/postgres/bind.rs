use std::fmt;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, Kind, ToSql, Type, to_sql_checked};

use crate::nodes::sql::bind::{Unfit, json, present};
use crate::value::{Duration, Value};

/// A value as the text that the server reads as the type that it wants.
pub(super) struct Text(Option<String>);

/// The library logs what is bound.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
}

impl ToSql for Text {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match &self.0 {
            None => Ok(IsNull::Yes),
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(IsNull::No)
            }
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

impl Text {
    /// The text of a value for a parameter of a type.
    pub(super) fn of(value: &Value, ty: &Type) -> Result<Self, Unfit> {
        let text = present(value).map(|value| text(value, ty)).transpose()?;
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Unfit("the text holds a NUL, which PostgreSQL can't keep".to_owned()));
        }
        Ok(Self(text))
    }
}

fn text(value: &Value, ty: &Type) -> Result<String, Unfit> {
    match (ty.kind(), value) {
        (Kind::Domain(inner), value) => text(value, inner),
        (Kind::Array(element), Value::List(items)) => array(items, element),
        _ => match (ty.name(), value) {
            ("json" | "jsonb", Value::String(text)) => Ok(text.to_string()),
            ("json" | "jsonb", value) => json(value),
            ("bytea", Value::Bytes(bytes)) => Ok(hexadecimal(bytes)),
            ("bytea", value) => Err(Unfit::kind(value, "bytea")),
            ("bool", value) if !matches!(value, Value::Bool(_) | Value::String(_)) => {
                Err(Unfit::kind(value, "bool"))
            }
            ("interval", Value::Duration(span)) => Ok(seconds(*span)),
            (name, value) => scalar(value).ok_or_else(|| Unfit::kind(value, name)),
        },
    }
}

fn scalar(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Uint(number) => number.to_string(),
        Value::Double(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Value::Double(number) => number.to_string(),
        Value::String(text) => text.to_string(),
        Value::Duration(span) => span.print().to_string(),
        Value::Timestamp(time) => time.print().to_string(),
        _ => return None,
    })
}

/// `{"a",NULL,{"b"}}`: quotes and backslashes are all that has a meaning between quotes.
fn array(items: &[Value], element: &Type) -> Result<String, Unfit> {
    let texts: Result<Vec<String>, Unfit> = items
        .iter()
        .map(|item| match present(item) {
            None => Ok("NULL".to_owned()),
            Some(Value::List(inner)) if !["json", "jsonb"].contains(&element.name()) => array(inner, element),
            Some(item) => {
                let text = text(item, element)?;
                Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
            }
        })
        .collect();
    let separator = if element.name() == "box" { ";" } else { "," };
    Ok(format!("{{{}}}", texts?.join(separator)))
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::from("\\x"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn seconds(span: Duration) -> String {
    let nanos = span.as_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    format!("{sign}{}.{:09} seconds", nanos / 1_000_000_000, nanos % 1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::{Text, Type};
    use crate::value::{Map, Value};

    fn text(value: Value, ty: &Type) -> Option<String> {
        Text::of(&value, ty).expect("it can be bound").0
    }

    #[test]
    fn quotes_of_array_elements_stay_inside() {
        let list: Value = ["a", "\"}", "\\", "NULL", ""].into_iter().map(Value::from).collect();
        assert_eq!(text(list, &Type::TEXT_ARRAY).as_deref(), Some(r#"{"a","\"}","\\","NULL",""}"#));
        let nested: Value = [[Value::Int(1), Value::Null].into_iter().collect()].into_iter().collect();
        assert_eq!(text(nested, &Type::INT4_ARRAY).as_deref(), Some(r#"{{"1",NULL}}"#));
    }

    #[test]
    fn values_are_written_as_their_type_wants_them() {
        assert_eq!(text(Value::Double(2.0), &Type::INT8).as_deref(), Some("2"));
        assert_eq!(text(Value::Double(f64::NAN), &Type::FLOAT8).as_deref(), Some("NaN"));
        assert_eq!(text(Value::some(Value::Int(1)), &Type::INT8).as_deref(), Some("1"));
        assert_eq!(text(Value::NONE, &Type::INT8), None);
        let record = || Value::Map(Map::record([("a", Value::Int(1))]));
        assert_eq!(text(record(), &Type::JSONB).as_deref(), Some("{\"a\":1}"));
        assert!(Text::of(&record(), &Type::TEXT).is_err());
        assert!(Text::of(&"a\0".into(), &Type::TEXT).is_err());
        assert!(Text::of(&Value::Int(1), &Type::BOOL).is_err());
        assert!(Text::of(&"a".into(), &Type::BYTEA).is_err());
        assert!(!format!("{:?}", Text::of(&"hunter2".into(), &Type::TEXT)).contains("hunter2"));
    }
}
