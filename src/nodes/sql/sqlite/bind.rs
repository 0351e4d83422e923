use rusqlite::types::{Value as Bound, ValueRef};

use crate::nodes::sql::bind::{Unfit, civil, finite, json, present};
use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::sink::Unreadable;
use crate::value::Value;

/// A value as SQLite keeps it: a time is a text in UTC as its own functions write it, a span a text too.
pub(super) fn bound(value: &Value) -> Result<Bound, Unfit> {
    let Some(value) = present(value) else { return Ok(Bound::Null) };
    Ok(match value {
        Value::Bool(value) => Bound::Integer((*value).into()),
        Value::Int(number) => Bound::Integer(*number),
        Value::Uint(number) => {
            Bound::Integer(i64::try_from(*number).map_err(|_| Unfit("the number is too large".to_owned()))?)
        }
        Value::Double(number) => Bound::Real(finite(*number)?),
        Value::String(text) => Bound::Text(text.to_string()),
        Value::Bytes(bytes) => Bound::Blob(bytes.to_vec()),
        Value::Timestamp(time) => Bound::Text(civil(*time)),
        Value::Duration(span) => Bound::Text(span.print().to_string()),
        value @ (Value::List(_) | Value::Map(_)) => Bound::Text(json(value)?),
        value => return Err(Unfit::kind(value, "data")),
    })
}

/// The cell that a value is, in a column that may be declared as a truth value.
pub(super) fn cell<'r>(value: ValueRef<'r>, declared: &str) -> Result<Cell<'r>, Unreadable> {
    let is_bool = ["bool", "boolean"].contains(&declared.to_ascii_lowercase().as_str());
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Flag { number, is_bool },
        ValueRef::Real(number) => Cell::Double(number),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.into()),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cell::Text(text.into()),
            Err(_) => return Err(Unreadable("the text in the file is not UTF-8".to_owned())),
        },
    })
}
