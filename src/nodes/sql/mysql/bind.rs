use mysql_async::Value as Bound;

use crate::nodes::sql::bind::{Unfit, civil, finite, json, present};
use crate::value::{Duration, Value};

/// A value as the server takes it: it turns texts and numbers into what a column is.
pub(super) fn bound(value: &Value) -> Result<Bound, Unfit> {
    let Some(value) = present(value) else { return Ok(Bound::NULL) };
    Ok(match value {
        Value::Bool(value) => Bound::Int((*value).into()),
        Value::Int(number) => Bound::Int(*number),
        Value::Uint(number) => Bound::UInt(*number),
        Value::Double(number) => Bound::Double(finite(*number)?),
        Value::String(text) => Bound::Bytes(text.as_bytes().to_vec()),
        Value::Bytes(bytes) => Bound::Bytes(bytes.to_vec()),
        Value::Timestamp(time) => Bound::Bytes(civil(*time).into_bytes()),
        Value::Duration(span) => Bound::Bytes(time(*span).into_bytes()),
        value @ (Value::List(_) | Value::Map(_)) => Bound::Bytes(json(value)?.into_bytes()),
        value => return Err(Unfit::kind(value, "data")),
    })
}

/// `-25:00:00.500000`, as a `time` is written.
fn time(span: Duration) -> String {
    let micros = span.as_nanos() / 1_000;
    let sign = if micros < 0 { "-" } else { "" };
    let (seconds, rest) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
    format!("{sign}{:02}:{:02}:{:02}.{rest:06}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::{Bound, bound};
    use crate::value::{Duration, Timestamp, Value};

    #[test]
    fn times_and_numbers_are_written_as_the_server_reads_them() {
        let text = |value: Value| match bound(&value) {
            Ok(Bound::Bytes(bytes)) => String::from_utf8(bytes).expect("a text"),
            other => panic!("{other:?}"),
        };
        assert_eq!(text(Value::Duration(Duration::parse("25h0m1s").expect("a span"))), "25:00:01.000000");
        let time = Timestamp::parse("2024-01-02T03:04:05.5Z").expect("a time");
        assert_eq!(text(Value::Timestamp(time)), "2024-01-02 03:04:05.5");
        assert_eq!(text([Value::Int(1)].into_iter().collect()), "[1]");
        assert!(bound(&Value::Double(f64::NAN)).is_err());
        assert_eq!(bound(&Value::NONE), Ok(Bound::NULL));
    }
}
