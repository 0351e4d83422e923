use mysql_async::consts::{ColumnFlags, ColumnType};
use mysql_async::{Column, Value};

use crate::nodes::sql::cell::Cell;
use crate::nodes::sql::clock;
use crate::nodes::sql::postgres::widened;
use crate::nodes::sql::sink::Unreadable;
use crate::value::{Duration, Timestamp};

/// The number of the character set of what is no text.
const BINARY: u16 = 63;

/// The cell that a value of a column is.
pub(super) fn read<'r>(column: &Column, value: &'r Value) -> Result<Cell<'r>, Unreadable> {
    Ok(match value {
        Value::NULL => Cell::Null,
        // A comparison is a number too, of the same type as others.
        Value::Int(number) => Cell::Flag { number: *number, is_bool: is_bool(column) },
        Value::UInt(number) if is_tiny(column) => {
            Cell::Flag { number: i64::try_from(*number).unwrap_or(i64::MAX), is_bool: false }
        }
        Value::UInt(number) => Cell::Uint(*number),
        Value::Float(number) => Cell::Double(widened(*number)),
        Value::Double(number) => Cell::Double(*number),
        Value::Date(year, month, day, hour, minute, second, micros) => {
            date(column, [*year, (*month).into(), (*day).into()], [*hour, *minute, *second], *micros)
        }
        Value::Time(is_negative, days, hours, minutes, seconds, micros) => {
            let hours = u64::from(*days) * 24 + u64::from(*hours);
            let sign = if *is_negative { -1 } else { 1 };
            let whole = (hours * 3_600 + u64::from(*minutes) * 60 + u64::from(*seconds)) * 1_000_000;
            span(sign * i64::try_from(whole + u64::from(*micros)).unwrap_or(i64::MAX))
        }
        Value::Bytes(bytes) => return of_bytes(column, bytes),
    })
}

/// The name of a column's type, for messages.
pub(super) fn name(column: &Column) -> String {
    let name = format!("{:?}", column.column_type());
    name.trim_start_matches("MYSQL_TYPE_").to_lowercase()
}

fn is_tiny(column: &Column) -> bool {
    column.column_type() == ColumnType::MYSQL_TYPE_TINY
}

/// `tinyint(1)`, which is what `bool` stands for.
fn is_bool(column: &Column) -> bool {
    is_tiny(column) && column.column_length() == 1
}

fn of_bytes<'r>(column: &Column, bytes: &'r [u8]) -> Result<Cell<'r>, Unreadable> {
    let ty = column.column_type();
    if ty == ColumnType::MYSQL_TYPE_BIT {
        return bits(column, bytes);
    }
    let is_decimal = matches!(ty, ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL);
    let is_json = ty == ColumnType::MYSQL_TYPE_JSON;
    let is_word = column.flags().intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG);
    if ty == ColumnType::MYSQL_TYPE_GEOMETRY {
        return Ok(Cell::Bytes(bytes.into()));
    }
    if column.character_set() == BINARY && !is_decimal && !is_json && !is_word {
        return Ok(Cell::Bytes(bytes.into()));
    }
    let text =
        std::str::from_utf8(bytes).map_err(|_| Unreadable("what the server sent is not UTF-8".to_owned()))?;
    Ok(match (is_decimal, is_json) {
        (true, _) => Cell::Decimal(text.into()),
        (_, true) => Cell::Json(text.into()),
        _ => Cell::Text(text.into()),
    })
}

fn bits<'r>(column: &Column, bytes: &'r [u8]) -> Result<Cell<'r>, Unreadable> {
    if bytes.len() > 8 {
        return Err(Unreadable("it has more than 64 bits".to_owned()));
    }
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Ok(match i64::try_from(number) {
        Ok(number) if column.column_length() == 1 => Cell::Flag { number, is_bool: true },
        Ok(number) => Cell::Int(number),
        Err(_) => Cell::Uint(number),
    })
}

/// A date, or one with a time of day. Where it has a zero in the place of a day or month it is no time.
fn date(column: &Column, [year, month, day]: [u16; 3], clock: [u8; 3], micros: u32) -> Cell<'static> {
    let date = format!("{year:04}-{month:02}-{day:02}");
    let [hour, minute, second] = clock;
    let time = format!("{hour:02}:{minute:02}:{second:02}{}", clock::decimals(micros.into()));
    let moment = Timestamp::parse(&format!("{date}T{time}Z")).ok();
    let text = match column.column_type() {
        ColumnType::MYSQL_TYPE_DATE | ColumnType::MYSQL_TYPE_NEWDATE => date,
        // The session's zone is UTC.
        ColumnType::MYSQL_TYPE_TIMESTAMP | ColumnType::MYSQL_TYPE_TIMESTAMP2 => format!("{date}T{time}Z"),
        _ => format!("{date}T{time}"),
    };
    Cell::Moment { text, time: moment }
}

fn span(micros: i64) -> Cell<'static> {
    let sign = if micros < 0 { "-" } else { "" };
    Cell::Span {
        text: format!("{sign}{}", clock::time(micros.saturating_abs())),
        duration: Duration::from_nanos(i128::from(micros) * 1_000),
    }
}
