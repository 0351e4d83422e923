use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value as Json};

use super::clock;
use crate::value::{Duration, Shape, ShapeId, Shapes, Timestamp};

/// What stands in a column of a row, whichever database it comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'r> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// A number that stands for a truth value where one is wanted, as databases without such a type have them. Where
    /// nothing is declared it is one if `is_bool`.
    Flag {
        number: i64,
        is_bool: bool,
    },
    Double(f64),
    /// A decimal number of any size, or `NaN`, `Infinity`.
    Decimal(Cow<'r, str>),
    Text(Cow<'r, str>),
    /// A text that is JSON.
    Json(Cow<'r, str>),
    Bytes(Cow<'r, [u8]>),
    /// A date, or a time with or without zone: as text, and as timestamp where it is one.
    Moment {
        text: String,
        time: Option<Timestamp>,
    },
    /// A span of time: as text, and as duration where it is one, which months are not.
    Span {
        text: String,
        duration: Option<Duration>,
    },
    List(Vec<Cell<'r>>),
}

/// Why a cell is not what its column is declared to be, without what it holds.
pub(super) type Unlike = &'static str;

impl Cell<'_> {
    /// The JSON that stands for this at the border of a declared type, or of none.
    pub(super) fn json(&self, shapes: &Shapes, declared: Option<ShapeId>) -> Result<Json, Unlike> {
        let shape = declared.map(|shape| present(shapes, shape));
        Ok(match (self, shape) {
            (Cell::Null, _) => Json::Null,
            (Cell::Bool(value), _) => Json::Bool(*value),
            (Cell::Int(number), _) => Json::from(*number),
            (Cell::Uint(number), _) => Json::from(*number),
            (Cell::Flag { number, is_bool }, shape) => flag(*number, *is_bool, shape),
            (Cell::Double(number), _) => {
                Json::Number(Number::from_f64(*number).ok_or("a number that is not finite")?)
            }
            (Cell::Decimal(text), shape) => decimal(text, shape)?,
            (Cell::Text(text), shape) => plain(text, shape)?,
            (Cell::Json(text), Some(Shape::String)) => Json::from(text.as_ref()),
            (Cell::Json(text), _) => parsed(text)?,
            (Cell::Bytes(bytes), Some(Shape::String)) => {
                Json::from(std::str::from_utf8(bytes).map_err(|_| "bytes that are not UTF-8")?)
            }
            (Cell::Bytes(bytes), _) => Json::from(STANDARD.encode(bytes)),
            (Cell::Moment { time, .. }, Some(Shape::Timestamp)) => {
                Json::from(time.ok_or("a time that is no timestamp of the years 1 to 9999")?.print().as_str())
            }
            (Cell::Span { duration, .. }, Some(Shape::Duration)) => {
                Json::from(duration.ok_or("a span of months or years")?.print().as_str())
            }
            (Cell::Moment { text, .. } | Cell::Span { text, .. }, _) => Json::from(text.as_str()),
            (Cell::List(cells), shape) => {
                let inner = match shape {
                    Some(Shape::List(inner)) => Some(*inner),
                    _ => None,
                };
                let items: Result<Vec<Json>, Unlike> =
                    cells.iter().map(|cell| cell.json(shapes, inner)).collect();
                Json::Array(items?)
            }
        })
    }

    /// About how long its JSON is.
    pub(super) fn size(&self) -> usize {
        match self {
            Cell::Decimal(text) | Cell::Text(text) | Cell::Json(text) => text.len(),
            Cell::Bytes(bytes) => bytes.len(),
            Cell::List(cells) => cells.iter().map(|cell| 1 + cell.size()).sum(),
            _ => 1,
        }
    }
}

fn present(shapes: &Shapes, mut shape: ShapeId) -> &Shape {
    while let Shape::Optional(inner) = shapes.get(shape) {
        shape = *inner;
    }
    shapes.get(shape)
}

fn flag(number: i64, is_bool: bool, shape: Option<&Shape>) -> Json {
    let is_wanted = match shape {
        Some(Shape::Bool) => true,
        None | Some(Shape::Json) => is_bool,
        _ => false,
    };
    match number {
        0 | 1 if is_wanted => Json::Bool(number == 1),
        number => Json::from(number),
    }
}

/// A decimal number as text, which loses nothing, or as the number that is declared.
fn decimal(text: &str, shape: Option<&Shape>) -> Result<Json, Unlike> {
    match shape {
        Some(Shape::Int | Shape::Uint) => {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            if fraction.bytes().any(|digit| digit != b'0') {
                return Err("a fraction");
            }
            let number =
                whole.parse::<i64>().map(Json::from).or_else(|_| whole.parse::<u64>().map(Json::from));
            number.map_err(|_| "a number out of range")
        }
        Some(Shape::Double) => {
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            number.map(Json::Number).ok_or("a number that is not finite")
        }
        _ => Ok(Json::from(text)),
    }
}

/// A text, which may hold what a database without the type keeps in one.
fn plain(text: &str, shape: Option<&Shape>) -> Result<Json, Unlike> {
    match shape {
        Some(Shape::Json | Shape::List(_) | Shape::Map { .. } | Shape::Record { .. }) => parsed(text),
        Some(Shape::Bytes) => Ok(Json::from(STANDARD.encode(text))),
        Some(Shape::Timestamp) => {
            Ok(clock::read(text).map_or_else(|| Json::from(text), |time| Json::from(time.print().as_str())))
        }
        _ => Ok(Json::from(text)),
    }
}

fn parsed(text: &str) -> Result<Json, Unlike> {
    serde_json::from_str(text).map_err(|_| "a text that is not JSON")
}

#[cfg(test)]
mod tests {
    use super::Cell;
    use crate::value::{Shape, Shapes};
    use serde_json::{Value as Json, json};

    fn read(cell: &Cell<'_>, shape: Shape) -> Result<Json, &'static str> {
        let mut shapes = Shapes::default();
        let id = shapes.add(shape);
        cell.json(&shapes, Some(id))
    }

    #[test]
    fn decimals_are_texts_or_the_numbers_that_are_declared() {
        let decimal = |text: &'static str| Cell::Decimal(text.into());
        assert_eq!(read(&decimal("1.50"), Shape::String), Ok(json!("1.50")));
        assert_eq!(decimal("1.50").json(&Shapes::default(), None), Ok(json!("1.50")));
        assert_eq!(read(&decimal("1.50"), Shape::Double), Ok(json!(1.5)));
        assert_eq!(read(&decimal("-2.00"), Shape::Int), Ok(json!(-2)));
        assert_eq!(read(&decimal("18446744073709551615"), Shape::Uint), Ok(json!(u64::MAX)));
        for (text, shape) in [
            ("1.5", Shape::Int),
            ("99999999999999999999", Shape::Int),
            ("NaN", Shape::Int),
            ("NaN", Shape::Double),
            ("Infinity", Shape::Double),
        ] {
            assert!(read(&decimal(text), shape).is_err(), "{text}");
        }
    }

    #[test]
    fn texts_hold_json_and_bytes_where_that_is_declared() {
        let text = |text: &'static str| Cell::Text(text.into());
        assert_eq!(read(&text("{\"a\":1}"), Shape::Json), Ok(json!({ "a": 1 })));
        assert_eq!(read(&text("{\"a\":1}"), Shape::String), Ok(json!("{\"a\":1}")));
        assert!(read(&text("{"), Shape::Json).is_err());
        assert_eq!(read(&text("a"), Shape::Bytes), Ok(json!("YQ==")));
        assert_eq!(read(&text("2024-01-02 03:04:05"), Shape::Timestamp), Ok(json!("2024-01-02T03:04:05Z")));
    }

    #[test]
    fn numbers_are_truth_values_only_where_one_is_wanted() {
        let flag = |number, is_bool| Cell::Flag { number, is_bool };
        assert_eq!(read(&flag(1, false), Shape::Bool), Ok(json!(true)));
        assert_eq!(read(&flag(2, true), Shape::Bool), Ok(json!(2)));
        assert_eq!(read(&flag(1, true), Shape::Int), Ok(json!(1)));
        assert_eq!(flag(0, true).json(&Shapes::default(), None), Ok(json!(false)));
        assert_eq!(flag(0, false).json(&Shapes::default(), None), Ok(json!(0)));
    }
}
